import Datasets
import Distributed
import Foundation

/// A mean log-likelihood in nats per point.
package struct Likelihood: Codable, Sendable, Equatable {
  package var mean: Double
  package var standardError: Double
  package var count: Int

  /// - Parameter values: log-densities of the points, at least one.
  package init(of values: [Double]) {
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let variance = squares / Double(max(1, values.count - 1))
    self.mean = mean
    standardError = (variance / Double(values.count)).squareRoot()
    count = values.count
  }

  init(mean: Double, standardError: Double, count: Int) {
    (self.mean, self.standardError, self.count) = (mean, standardError, count)
  }

  /// The negative log-likelihood, as the literature of points on a sphere has it.
  var negated: Likelihood {
    Likelihood(mean: -mean, standardError: standardError, count: count)
  }
}

/// What `portolan evaluate --json` prints.
package struct Scores: Codable, Sendable {
  package struct Control: Codable, Sendable {
    package var name: String
    package var testLogLikelihood: Likelihood
    /// Mean over the test points of log p* − log p of the control, where p* is known.
    package var divergence: Likelihood?
    /// Per unit area, for points of the sphere.
    package var negativeLogLikelihood: Likelihood?
  }

  package var step: Int
  package var testLogLikelihood: Likelihood
  /// The largest mean that any model can reach: minus the differential entropy.
  package var entropyCeiling: Likelihood?
  /// Mean over the test points of log p* − log p, where p* is known: the KL gap, paired.
  package var divergence: Likelihood?
  /// How far the points lie from the model's surface; nil for a model that fills the space.
  package var reconstruction: Reconstruction?
  /// The KL gap from the two means: ceiling − test log-likelihood, where both are of one measure.
  package var gap: Likelihood?
  /// What a simple model reaches on the same points.
  package var controls: [Control]
  package var charts: Int
  package var chartsInUse: Int
  /// exp of the entropy of the chart weights.
  package var chartPerplexity: Double
  /// For points of a sphere: whether the model's density is per unit area or per unit volume. That of the
  /// controls is per unit area.
  package var densityMeasure: DensityMeasure?
  /// Per unit area, for points of the sphere and a model on it.
  package var negativeLogLikelihood: Likelihood?
  /// Part of the samples outside the chart that they come from; nil for a plain flow.
  package var leakRate: Double?
  /// Samples beside those of the true density, where it is known.
  package var samples: SampleScores?
}

extension Scores {
  /// Scores a model on points; the controls are fitted to the training rows. Collective.
  ///
  /// - Parameters:
  ///   - points: the run's test points, or others.
  ///   - isOwnTest: whether they come from the run's own density.
  ///   - withControls: fits the controls and computes the ceiling on root, else neither.
  ///   - withSamples: draws and scores samples, where the configuration asks for it.
  package init(
    _ run: TrainedRun, points: any RowSource, isOwnTest: Bool, withControls: Bool,
    withSamples: Bool = false, on group: JobGroup
  ) throws {
    guard points.count > 0 else {
      throw PortolanFailure(
        .badData, "there is no point to score",
        hint: "raise data.testFraction, or name a file with --data")
    }
    let settings = run.configuration.evaluation
    let evaluator = PointEvaluator(
      model: run.model, group: group, seed: UInt64(run.configuration.seed))
    var shared = ScoreComparison.Shared(
      values: try evaluator.logProbabilities(of: points), trainingCharts: nil, samples: nil)
    let weights = run.model.density.chartWeights
    step = run.step
    testLogLikelihood = Likelihood(of: shared.values)
    controls = []
    charts = run.model.density.chartCount
    chartsInUse = weights.filter { $0 > 0 }.count
    chartPerplexity = run.model.density.perplexity
    reconstruction = try evaluator.reconstructionErrors(of: points).map {
      Reconstruction(
        dimension: run.model.density.chartDimension, squaredDistances: $0)
    }
    if run.data.isOnUnitSphere {
      densityMeasure = run.model.densityMeasure
      if densityMeasure == .area { negativeLogLikelihood = testLogLikelihood.negated }
    }
    if withSamples, settings.metrics.samples {
      let drawn = try evaluator.samples(
        count: settings.samples, seed: UInt64(run.configuration.seed))
      let rows = ArrayRows(drawn.points, columnNames: run.data.columnNames)
      leakRate = try evaluator.leaks(rows, charts: drawn.charts).map { leaks in
        Double(leaks.count { $0 }) / Double(leaks.count)
      }
      shared.samples = drawn.points
    }
    guard withControls else { return }
    if settings.metrics.chartControl {
      shared.trainingCharts = try evaluator.nearestCharts(
        of: LeadingRows(run.data.train, count: ScoreComparison.largestTraining))
    }
    guard
      let comparison = try group.onRoot({
        try ScoreComparison(run, points: points, isOwnTest: isOwnTest, shared: shared)
      })
    else { return }
    entropyCeiling = comparison.entropyCeiling
    divergence = comparison.divergence
    controls = comparison.controls
    samples = comparison.sampleScores
    // Without a divergence the two are not of one measure.
    if let ceiling = entropyCeiling, divergence != nil {
      gap = Likelihood(
        mean: ceiling.mean - testLogLikelihood.mean,
        standardError: hypot(ceiling.standardError, testLogLikelihood.standardError),
        count: testLogLikelihood.count)
    }
  }

  /// The JSON text, keys sorted.
  package func json() throws -> String {
    try JSONText.of(self)
  }
}
