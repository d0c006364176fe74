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
}

/// What `portolan evaluate --json` prints.
package struct Scores: Codable, Sendable {
  package struct Control: Codable, Sendable {
    package var name: String
    package var testLogLikelihood: Likelihood
  }

  package var step: Int
  package var testLogLikelihood: Likelihood
  /// The largest mean that any model can reach: minus the differential entropy.
  package var entropyCeiling: Likelihood?
  /// Mean over the test points of log p* − log p, where p* is known.
  package var divergence: Likelihood?
  /// How far the points lie from the model's surface; nil for a model that fills the space.
  package var reconstruction: Reconstruction?
  /// What a simple model reaches on the same points.
  package var controls: [Control]
  package var charts: Int
  package var chartsInUse: Int
  /// exp of the entropy of the chart weights.
  package var chartPerplexity: Double
}

extension Scores {
  /// Scores a model on points; the controls are fitted to the training rows. Collective.
  ///
  /// - Parameters:
  ///   - points: the run's test points, or others.
  ///   - isOwnTest: whether they come from the run's own density.
  ///   - withControls: fits the mixture and computes the ceiling on root, else neither.
  package init(
    _ run: TrainedRun, points: any RowSource, isOwnTest: Bool, withControls: Bool,
    on group: JobGroup
  ) throws {
    guard points.count > 0 else {
      throw PortolanFailure(
        .badData, "there is no point to score",
        hint: "raise data.testFraction, or name a file with --data")
    }
    let evaluator = PointEvaluator(
      model: run.model, group: group, seed: UInt64(run.configuration.seed))
    let values = try evaluator.logProbabilities(of: points)
    let weights = run.model.density.chartWeights
    step = run.step
    testLogLikelihood = Likelihood(of: values)
    controls = []
    charts = run.model.density.chartCount
    chartsInUse = weights.filter { $0 > 0 }.count
    chartPerplexity = run.model.density.perplexity
    reconstruction = try evaluator.reconstructionErrors(of: points).map {
      Reconstruction(
        dimension: run.model.density.chartDimension, squaredDistances: $0)
    }
    // A density per unit of area cannot be held against one per unit of space.
    guard withControls, run.model.density.chartDimension == run.model.density.dimension,
      let comparison = try group.onRoot({
        try Comparison(run, points: points, values: values, isOwnTest: isOwnTest)
      })
    else { return }
    entropyCeiling = comparison.entropyCeiling
    divergence = comparison.divergence
    controls = comparison.controls
  }

  /// The JSON text, keys sorted.
  package func json() throws -> String {
    try JSONText.of(self)
  }

  /// What a score is held against; not collective.
  private struct Comparison {
    var entropyCeiling: Likelihood?
    var divergence: Likelihood?
    var controls: [Control] = []

    init(_ run: TrainedRun, points: any RowSource, values: [Double], isOwnTest: Bool) throws {
      let settings = run.configuration.evaluation
      let test = try points.values(rows: Array(0..<points.count))
      if let generator = run.data.generator, isOwnTest {
        if settings.ceilingSamples > 0 {
          // A standard error needs two.
          let ceiling = EntropyCeiling(of: generator, count: max(2, settings.ceilingSamples))
          entropyCeiling = Likelihood(
            mean: ceiling.mean, standardError: ceiling.standardError, count: ceiling.count)
        }
        let exact = CurveDensity(generator).logProbability(of: test)
        divergence = Likelihood(of: zip(exact, values).map { $0 - $1 })
      }
      guard settings.mixtureComponents > 0 else { return }
      let rows = min(run.data.train.count, 50_000)
      let mixture = GaussianMixture.fit(
        to: try run.data.train.values(rows: Array(0..<rows)),
        dimension: run.data.columnNames.count,
        componentCount: min(settings.mixtureComponents, rows),
        seed: UInt64(run.configuration.seed), maximumIterations: settings.mixtureIterations)
      controls.append(
        Control(
          name: "Gaussian mixture, \(mixture.componentCount) full covariances, EM",
          testLogLikelihood: Likelihood(of: mixture.logProbability(of: test))))
    }
  }

  /// A table for people.
  package var text: String {
    func line(_ name: String, _ likelihood: Likelihood) -> String {
      let padded = name.padding(toLength: max(46, name.count), withPad: " ", startingAt: 0)
      return padded
        + String(format: "%9.4f ± %.4f", likelihood.mean, likelihood.standardError)
    }
    var lines = ["mean log-likelihood in nats per point, ± standard error"]
    lines.append(line("atlas, step \(step), \(testLogLikelihood.count) points", testLogLikelihood))
    lines += controls.map { line($0.name, $0.testLogLikelihood) }
    if let entropyCeiling { lines.append(line("entropy ceiling", entropyCeiling)) }
    if let divergence { lines.append(line("divergence from the true density", divergence)) }
    lines += reconstruction?.lines ?? []
    lines.append(
      "charts in use: \(chartsInUse) of \(charts), perplexity "
        + String(format: "%.1f", chartPerplexity))
    return lines.joined(separator: "\n")
  }
}
