import Experiments
import Reports
import Training

/// Rows of `metrics.csv`.
final class MetricsFile: MetricsSink {
  private let log: MetricsLog

  init(path: String, resumingAt step: Int?) throws {
    log = try MetricsLog(
      path: path,
      columns: [
        "step", "stage", "epoch", "loss", "validationLoss", "learningRate", "gradientNorm",
        "elapsedSeconds",
      ], resumingAt: step)
  }

  func append(_ report: StepReport, elapsedSeconds: Double) throws {
    func number(_ value: Double?) -> MetricValue { value.map { .number($0) } ?? .missing }
    try log.append([
      .integer(report.step), .text(report.stage), .integer(report.epoch), .number(report.loss),
      number(report.validationLoss), .number(report.learningRate), number(report.gradientNorm),
      .number((elapsedSeconds * 1000).rounded() / 1000),
    ])
  }

  func synchronise() throws { try log.synchronise() }
}
