import Datasets
import Foundation

/// What a score is held against: ceiling, controls, samples of the true density. Made on root.
struct ScoreComparison {
  /// What the ranks have computed together.
  struct Shared {
    /// log-density of each test point, [rows].
    var values: [Double]
    /// Chart of the first training rows; nil for a plain flow, or where no control needs it.
    var trainingCharts: [Int]?
    /// Samples of the model, [n, D]; nil where they are not scored.
    var samples: [Double]?
  }

  /// Training rows that controls are fitted to, at most.
  static let largestTraining = 50_000

  private(set) var entropyCeiling: Likelihood?
  private(set) var divergence: Likelihood?
  private(set) var controls: [Scores.Control] = []
  private(set) var sampleScores: SampleScores?

  /// Fits and computes. Not collective.
  ///
  /// - Throws: what reading rows throws.
  init(_ run: TrainedRun, points: any RowSource, isOwnTest: Bool, shared: Shared) throws {
    let settings = run.configuration.evaluation
    let test = try points.values(rows: Array(0..<points.count))
    let training = try run.data.train.values(
      rows: Array(0..<min(run.data.train.count, Self.largestTraining)))
    var exact: [Double]?
    if let generator = run.data.generator, isOwnTest {
      if settings.ceilingSamples > 0 {
        // A standard error needs two.
        let ceiling = EntropyCeiling(of: generator, count: max(2, settings.ceilingSamples))
        entropyCeiling = Likelihood(
          mean: ceiling.mean, standardError: ceiling.standardError, count: ceiling.count)
      }
      let density = ExactDensity(generator)
      exact = density.logProbability(of: test)
      if density.measure == run.model.densityMeasure, let exact {
        divergence = Likelihood(of: zip(exact, shared.values).map { $0 - $1 })
      }
      if let samples = shared.samples {
        sampleScores = SampleScores(
          samples: samples, training: training, test: test, generator: generator,
          bandwidth: settings.metrics.bandwidth, directions: settings.metrics.directions)
      }
    }
    // Off the unit sphere no control has a density per unit area.
    let isComparable =
      run.data.generator.map { ($0.set.shape == .sphere) == run.data.isOnUnitSphere } ?? false
    controls = try FittedControl.fit(
      run, training: training, test: test, trainingCharts: shared.trainingCharts
    ).map { fitted in
      var control = Scores.Control(
        name: fitted.name, testLogLikelihood: Likelihood(of: fitted.values))
      if isComparable, let exact {
        control.divergence = Likelihood(of: zip(exact, fitted.values).map { $0 - $1 })
      }
      if run.data.isOnUnitSphere {
        control.negativeLogLikelihood = control.testLogLikelihood.negated
      }
      return control
    }
  }
}

extension ModelAssembly {
  /// What the model's density is a density of: that of an embedded model is one on its surface.
  package var densityMeasure: DensityMeasure {
    guard density.chartDimension < density.dimension else { return .volume }
    return density.chartDimension == 2 ? .area : .surface
  }
}

/// The first rows of a source.
struct LeadingRows: RowSource {
  private let base: any RowSource
  let count: Int

  init(_ base: any RowSource, count: Int) {
    self.base = base
    self.count = min(count, base.count)
  }

  var columnNames: [String] { base.columnNames }
  func originalRow(_ row: Int) -> Int { base.originalRow(row) }

  func read(rows: [Int], into destination: UnsafeMutablePointer<Double>) throws {
    try base.read(rows: rows, into: destination)
  }
  func read(rows: [Int], into destination: UnsafeMutablePointer<Float>) throws {
    try base.read(rows: rows, into: destination)
  }
}
