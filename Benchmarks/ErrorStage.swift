import Operators
import Tensors
import Training

/// Mean relative L² error of an operator: the objective of the workloads that are no densities.
final class ErrorStage: Stage {
  let name = "operator"
  let parameterRange: Range<Int>
  let statisticsCount = 0
  let restoresBest = false
  private let model: any NeuralOperator

  init(_ model: any NeuralOperator, parameterRange: Range<Int>) {
    (self.model, self.parameterRange) = (model, parameterRange)
  }

  func prepare(_ context: StageContext) throws {}

  func record(_ batch: BatchValues, on tape: Tape<Float>) -> StageRecording {
    let errors = RelativeError.ofRows(batch.x, model: model, on: tape)
    return StageRecording(
      loss: tape.scoped("loss") { tape.columnSums(tape.multiply(errors, batch.weight)) })
  }

  func absorb(statistics: UnsafePointer<Float>, step: Int) {}
}
