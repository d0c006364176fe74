import Operators
import Tensors
import Training

/// The only stage of a neural operator: the mean relative L² error of its image of u(0).
///
///     loss = Σ weight · ‖G(u(0)) − u(T)‖₂ / ‖u(T)‖₂
///
/// Rows are those of ``PairRows``. The quotient of two sums over the same grid does not depend on its
/// resolution.
package final class OperatorStage: Stage {
  package let name = "operator"
  package var restoresBest: Bool { false }
  package let parameterRange: Range<Int>
  package var statisticsCount: Int { 0 }
  private let model: any NeuralOperator

  package init(model: any NeuralOperator, layout: ParameterLayout) {
    self.model = model
    parameterRange = 0..<layout.count
  }

  package func prepare(_ context: StageContext) throws {}
  package func absorb(statistics: UnsafePointer<Float>, step: Int) {}

  package func record(_ batch: BatchValues, on tape: Tape<Float>) -> StageRecording {
    let errors = Self.relativeErrors(of: model, rows: batch.x, on: tape)
    return StageRecording(
      loss: tape.scoped("loss") { tape.columnSums(tape.multiply(errors, batch.weight)) })
  }

  /// Rounds the corner of the root, whose derivative has no value at 0.
  private static let smallestSquare = 1e-14

  /// ‖G(u(0)) − u(T)‖₂ / ‖u(T)‖₂ of each row, [R, 2s] → [R, 1].
  package static func relativeErrors<Scalar>(
    of model: any NeuralOperator, rows: Value, on tape: Tape<Scalar>
  ) -> Value {
    let shape = tape.shape(of: rows)
    precondition(shape.columns % 2 == 0, "\(shape) are no rows of two fields")
    let points = shape.columns / 2
    // Position-major, as operators take functions: row = position · R + sample.
    let input = tape.reshape(
      tape.transpose(tape.columns(rows, 0..<points)), points * shape.rows, 1)
    let image = tape.scoped("operator") { model(input, positions: points, on: tape) }
    precondition(
      tape.shape(of: image) == Shape(points * shape.rows, 1),
      "the operator made \(tape.shape(of: image)) of \(tape.shape(of: input))")
    let predicted = tape.transpose(tape.reshape(image, points, shape.rows))
    let target = tape.columns(rows, points..<2 * points)
    let distance = tape.rowSquaredSums(tape.subtract(predicted, target))
    let quotient = tape.divide(distance, tape.rowSquaredSums(target))
    return tape.squareRoot(tape.add(quotient, constant: smallestSquare))
  }
}
