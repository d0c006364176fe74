import Flows
import Tensors
import Training

/// Negative log-likelihood of a flow without charts: the objective of the workloads.
final class DensityStage: Stage {
  let name = "density"
  let parameterRange: Range<Int>
  let statisticsCount = 0
  let restoresBest = false
  private let flow: Flow

  init(_ flow: Flow, parameterRange: Range<Int>) {
    self.flow = flow
    self.parameterRange = parameterRange
  }

  func prepare(_ context: StageContext) throws {}

  func record(_ batch: BatchValues, on tape: Tape<Float>) -> StageRecording {
    let density = flow.logProbability(of: batch.x, on: tape)
    let loss = tape.scoped("loss") {
      tape.negate(tape.columnSums(tape.multiply(density, batch.weight)))
    }
    return StageRecording(loss: loss)
  }

  func absorb(statistics: UnsafePointer<Float>, step: Int) {}
}
