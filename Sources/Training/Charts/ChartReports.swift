/// What became of a chart in a round.
package enum ChartStatus: Int64, Sendable, Codable {
  /// Not fitted yet.
  case pending = 0
  /// Better than before.
  case trained = 1
  /// No better on its own rows, so it kept what it had: a round never lowers the likelihood.
  case kept = 2
  /// Failed, then trained from another start at a smaller learning rate.
  case refitted = 3
  /// Failed twice and kept what it had: in the first round the Gaussian of its frame.
  case failed = 4
  /// No row belongs to it: out of the atlas, its neighbours have its place.
  case empty = 5
}

/// The outcome of one chart's fit; a function of data, settings and seed, times apart.
package struct ChartResult: Sendable, Codable, Equatable {
  package var chart: Int
  package var round: Int
  package var status: ChartStatus
  /// Optimizer steps that the round plans for it.
  package var steps: Int
  /// Rows with a responsibility worth counting.
  package var rows: Int
  /// Mean negative log-density of its rows under it alone, by responsibility, in nats; nil if empty.
  package var loss: Double?
  /// Why it failed, each time.
  package var failures: [String] = []
  /// Processor time that a step took, for the next schedule.
  package var secondsPerStep = 0.0
}

/// How far the charts of a round are, as root knows it.
package struct ChartsProgress: Sendable {
  /// From 1.
  package let round: Int
  package let rounds: Int
  /// Charts of the round that are known to be done.
  package let done: Int
  package let charts: Int
  package let result: ChartResult
}

/// A finished round of expectation and maximisation; round 0 is the start, which has no charts' lines.
package struct ChartRound: Sendable {
  package let round: Int
  package let rounds: Int
  /// Mean log-likelihood of the training rows after it, in nats, in the model's units.
  package let trainLogLikelihood: Double
  package let validationLogLikelihood: Double?
  package let chartsInUse: Int
  /// Lines for the metrics: one a chart, then the atlas.
  package let rows: [StepReport]
}
