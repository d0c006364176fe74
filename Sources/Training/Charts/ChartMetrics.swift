/// The lines of a finished round for the metrics. They depend on nothing that the ranks decide: charts
/// are numbered through, whoever fitted them and when.
struct ChartMetrics {
  /// From 0.
  let round: Int
  /// Steps of all charts at the end of the round.
  let lastStep: Int
  /// Of all charts, by number; none at the start.
  let results: [ChartResult]
  let learningRate: (_ chart: Int) -> Double

  /// One line a chart that has points, then one for the atlas with its losses.
  func rows(_ trainLogLikelihood: Double, _ validationLogLikelihood: Double?) -> [StepReport] {
    var step = lastStep - results.reduce(0) { $0 + $1.steps }
    var rows: [StepReport] = []
    for result in results {
      step += result.steps
      guard let loss = result.loss else { continue }
      rows.append(
        report(
          "chart \(result.chart)", step, steps: result.steps, loss: loss,
          learningRate(result.chart)))
    }
    return rows + [
      report(
        "atlas", lastStep, steps: lastStep, loss: -trainLogLikelihood,
        results.first.map { learningRate($0.chart) } ?? 0,
        validation: validationLogLikelihood.map { -$0 })
    ]
  }

  private func report(
    _ stage: String, _ step: Int, steps: Int, loss: Double, _ learningRate: Double,
    validation: Double? = nil
  ) -> StepReport {
    StepReport(
      step: step, totalSteps: lastStep, stage: stage, stageIndex: round, stepInStage: steps,
      stageSteps: steps, epoch: round, loss: loss, learningRate: learningRate, gradientNorm: nil,
      validationLoss: validation, endsStage: true)
  }
}
