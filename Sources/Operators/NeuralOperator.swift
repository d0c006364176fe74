import Tensors

/// A learnt map between functions on a periodic interval, at any resolution.
///
/// A batch of B functions with C channels on N equally spaced positions is a value [N·B, C],
/// position-major: row position · B + sample.
package protocol NeuralOperator: Sendable {
  /// Complex weights, each of which is two numbers of the layout.
  ///
  /// Papers count a complex weight once or twice; both counts follow from this one.
  var complexWeightCount: Int { get }
  /// Numbers that are fitted in closed form and not trained: they belong to the model, but to no layout.
  var fittedCount: Int { get }
  /// The Padé blocks of the operator on a grid of so many points; none without Padé blocks.
  func padeBlocks(positions: Int) -> [PlacedPadeBlock]

  /// [N·B, I] → [N·B, O] on a grid of N = `positions` points.
  func callAsFunction<Scalar>(_ u: Value, positions: Int, on tape: Tape<Scalar>) -> Value
}

extension NeuralOperator {
  package var complexWeightCount: Int { 0 }
  package var fittedCount: Int { 0 }
  package func padeBlocks(positions: Int) -> [PlacedPadeBlock] { [] }
}
