import Tensors

/// A learnt map between functions on a periodic interval, at any resolution.
package protocol NeuralOperator: Sendable {
  /// [N·B, I] → [N·B, O], position-major, on a grid of N equally spaced positions over `length`.
  func callAsFunction<Scalar>(_ u: Value, positions: Int, on tape: Tape<Scalar>) -> Value
}
