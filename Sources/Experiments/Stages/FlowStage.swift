import Flows
import Tensors
import Training

/// Last stage: the conditional flow on charts that no longer move.
package final class FlowStage: Stage {
  package let name = "flow"
  package var restoresBest: Bool { true }
  private let atlas: Atlas
  private let objective: Objective
  /// Rows from which ActNorm starts.
  private static let startRows = 4096

  /// Weight of |x − x̂|² where the embedding is trained along; nil where it is held fixed.
  private let embeddingWeight: Double?

  /// - Parameter embeddingWeight: weight of the reconstruction in a joint fit; nil holds the embedding
  ///   fixed. Without a learnt embedding it does not matter.
  package init(atlas: Atlas, objective: Objective, embeddingWeight: Double? = nil) {
    self.atlas = atlas
    self.objective = objective
    self.embeddingWeight = atlas.embeddingRange.isEmpty ? nil : embeddingWeight
  }

  package var parameterRange: Range<Int> {
    embeddingWeight == nil
      ? atlas.flowRange : atlas.embeddingRange.lowerBound..<atlas.flowRange.upperBound
  }
  package var statisticsCount: Int { 0 }

  /// The pass that counts the points of each chart (VQ-Flows, eq. 18), then the data-dependent start of
  /// the ActNorms from the data side on, each with what reaches it through those already started.
  package func prepare(_ context: StageContext) throws {
    try context.countCharts(of: atlas)
    try startNorms(context)
  }

  private func startNorms(_ context: StageContext) throws {
    let count = min(context.train.count, Self.startRows)
    for index in atlas.chain.elements.indices.reversed() {
      guard let norm = atlas.chain.elements[index].bijection as? ActNorm else { continue }
      func reached(_ batch: BatchValues, _ tape: Tape<Float>) -> Value {
        let charts = atlas.charts(of: batch.x, .sampled, uniform: batch.uniform, on: tape)
        let u = atlas.flow.project(batch.x, context: charts?.context, on: tape)
        return atlas.chain.inverseInput(of: index, u, context: charts?.context, on: tape)
      }
      let sums = try context.sums(count: count, length: norm.dimension) { batch, tape in
        tape.columnSums(tape.multiply(reached(batch, tape), columnVector: batch.weight))
      }
      let mean = sums.map { $0 / Double(count) }
      let squares = try context.sums(count: count, length: norm.dimension) { batch, tape in
        let shift = tape.constant(1, norm.dimension, mean.map { Float(-$0) })
        let centred = tape.add(reached(batch, tape), rowVector: shift)
        return tape.columnSums(
          tape.multiply(tape.square(centred), columnVector: batch.weight))
      }
      norm.initialise(
        mean: mean, variance: squares.map { $0 / Double(count) }, in: context.parameters)
    }
  }

  package func record(_ batch: BatchValues, on tape: Tape<Float>) -> StageRecording {
    let (density, error) = densityAndError(batch, on: tape)
    let loss = tape.scoped("loss") {
      let loss = tape.negate(tape.columnSums(tape.multiply(density, batch.weight)))
      guard let error, let embeddingWeight else { return loss }
      let distance = tape.columnSums(tape.multiply(error, batch.weight))
      return tape.add(loss, tape.scale(distance, by: embeddingWeight))
    }
    return StageRecording(loss: loss)
  }

  private func densityAndError(_ batch: BatchValues, on tape: Tape<Float>) -> (Value, Value?) {
    let selection = objective.selection
    guard embeddingWeight != nil else {
      return (
        atlas.logProbability(of: batch.x, over: selection, uniform: batch.uniform, on: tape), nil
      )
    }
    return atlas.fit(of: batch.x, over: selection, uniform: batch.uniform, on: tape)
  }

  package func absorb(statistics: UnsafePointer<Float>, step: Int) {}
}
