import Tensors

/// The loss of one chart on its rows, −Σ r_n log p(x_n | k) / Σ r_n: the M-step of one component.
final class ChartStage: Stage {
  let chart: Int
  let parameterRange: Range<Int>
  private let model: any IndependentCharts
  private let rows: ChartRows

  var name: String { "chart \(chart)" }
  var statisticsCount: Int { 0 }
  var restoresBest: Bool { false }

  init(model: any IndependentCharts, chart: Int, rows: ChartRows) {
    self.model = model
    self.chart = chart
    self.rows = rows
    parameterRange = model.parameterRange(ofChart: chart)
  }

  func prepare(_ context: StageContext) {}
  func absorb(statistics: UnsafePointer<Float>, step: Int) {}

  /// A batch is scaled by the chart's mean responsibility, not by its own, so that its gradient is an
  /// unbiased estimate of the whole one.
  func record(_ batch: BatchValues, on tape: Tape<Float>) -> StageRecording {
    let density = model.logProbability(of: batch.x, chart: chart, on: tape)
    let loss = tape.scoped("loss") {
      tape.negate(tape.columnSums(tape.multiply(density, batch.weight)))
    }
    let scale = Float(1 / rows.meanWeight)
    let weights = rows.weights
    return StageRecording(
      loss: loss,
      fill: { localShard, shard in
        let memory = tape.pointer(to: batch.weight, shard: localShard)
        for i in 0..<shard.realCount { memory[i] *= weights[shard.rows[i]] * scale }
      })
  }
}
