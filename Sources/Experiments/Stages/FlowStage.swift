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

  package init(atlas: Atlas, objective: Objective) {
    self.atlas = atlas
    self.objective = objective
  }

  package var parameterRange: Range<Int> { atlas.flowRange }
  package var statisticsCount: Int { 0 }

  private var selection: ChartSelection { objective == .sampled ? .sampled : .holding }

  /// The pass that counts the points of each chart (VQ-Flows, eq. 18), then the data-dependent start of
  /// the ActNorms from the data side on, each with what reaches it through those already started.
  package func prepare(_ context: StageContext) throws {
    if atlas.chartCount > 1 { try countCharts(context) }
    try startNorms(context)
  }

  /// r_k = points in U_k: whole numbers, exact in any order.
  private func countCharts(_ context: StageContext) throws {
    atlas.setChartPoints(Array(repeating: 1, count: atlas.chartCount))
    let charts = atlas.chartCount
    let sums = try context.sums(count: context.train.count, length: charts) { batch, tape in
      let chosen = atlas.charts(of: batch.x, .holding, on: tape)!
      let shape = tape.shape(of: chosen.indices)
      return tape.host(
        inputs: [chosen.indices, batch.weight], outputs: [Shape(1, charts)]
      ) { memory in
        let (indices, weight) = (memory.inputs.0!, memory.inputs.1!)
        let counts = memory.outputs.0!
        counts.update(repeating: 0, count: charts)
        for row in 0..<shape.rows where weight[row] > 0 {
          for place in 0..<shape.columns {
            let k = Int(indices[row * shape.columns + place])
            if k >= 0 { counts[k] += 1 }
          }
        }
      }[0]
    }
    atlas.setChartPoints(sums.map { Int64($0) })
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
    let density = atlas.logProbability(
      of: batch.x, over: selection, uniform: batch.uniform, on: tape)
    let loss = tape.scoped("loss") {
      tape.negate(tape.columnSums(tape.multiply(density, batch.weight)))
    }
    return StageRecording(loss: loss)
  }

  package func absorb(statistics: UnsafePointer<Float>, step: Int) {}
}
