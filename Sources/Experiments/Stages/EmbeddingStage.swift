import Flows
import Tensors
import Training

/// Middle stage of a sequential fit: the charts' surfaces alone, by reconstruction (Ross & Cresswell,
/// 2021, §4.2; Brehmer & Cranmer, 2020).
///
///     loss = |x − x̂|², the mean over the charts that hold the point
package final class EmbeddingStage: Stage {
  package let name = "embedding"
  package var restoresBest: Bool { true }
  private let atlas: Atlas
  private let selection: ChartSelection

  package init(atlas: Atlas, objective: Objective) {
    self.atlas = atlas
    selection = objective.selection
  }

  package var parameterRange: Range<Int> { atlas.embeddingRange }
  package var statisticsCount: Int { 0 }

  /// Counts the points of each chart, which the loss weighs by.
  package func prepare(_ context: StageContext) throws { try context.countCharts(of: atlas) }

  package func record(_ batch: BatchValues, on tape: Tape<Float>) -> StageRecording {
    guard
      let error = atlas.reconstructionError(
        of: batch.x, over: selection, uniform: batch.uniform, on: tape)
    else { preconditionFailure("this stage needs an embedding") }
    return StageRecording(
      loss: tape.scoped("loss") { tape.columnSums(tape.multiply(error, batch.weight)) })
  }

  package func absorb(statistics: UnsafePointer<Float>, step: Int) {}
}

extension Objective {
  /// The charts that training sums over.
  var selection: ChartSelection { self == .sampled ? .sampled : .holding }
}
