import Tensors

/// An operator that is applied on one grid only, that of its training, whatever grid it is asked for.
///
/// Where the number of levels follows the grid, a finer grid has levels that the training never saw.
/// So the function is resampled to the grid of the training by its Fourier series, and the answer back,
/// see ``FourierResampling``. On the grid of the training it is the operator itself.
package struct ResampledOperator: NeuralOperator {
  package let model: any NeuralOperator
  /// Points of the grid of the training.
  package let positions: Int

  package init(_ model: any NeuralOperator, positions: Int) {
    precondition(positions >= 1, "a grid has points, got \(positions)")
    (self.model, self.positions) = (model, positions)
  }

  package var complexWeightCount: Int { model.complexWeightCount }
  package var fittedCount: Int { model.fittedCount }

  package func padeBlocks(positions: Int) -> [PlacedPadeBlock] {
    model.padeBlocks(positions: self.positions)
  }

  package func callAsFunction<Scalar>(_ u: Value, positions: Int, on tape: Tape<Scalar>) -> Value {
    guard positions != self.positions else { return model(u, positions: positions, on: tape) }
    let there = Self.resampled(u, from: positions, to: self.positions, on: tape)
    let answer = model(there, positions: self.positions, on: tape)
    return Self.resampled(answer, from: self.positions, to: positions, on: tape)
  }

  /// [from·B, C] → [to·B, C].
  package static func resampled<Scalar>(
    _ u: Value, from: Int, to: Int, on tape: Tape<Scalar>
  ) -> Value {
    let shape = tape.shape(of: u)
    let batch = Grid.batch(rows: shape.rows, positions: from)
    let matrix = tape.constant(
      to, from, FourierResampling.matrix(from: from, to: to).map { Scalar($0) })
    return tape.reshape(
      tape.matmul(matrix, tape.reshape(u, from, batch * shape.columns)), to * batch,
      shape.columns)
  }
}
