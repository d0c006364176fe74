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
    let errors = RelativeError.ofRows(batch.x, model: model, on: tape)
    return StageRecording(
      loss: tape.scoped("loss") { tape.columnSums(tape.multiply(errors, batch.weight)) })
  }
}
