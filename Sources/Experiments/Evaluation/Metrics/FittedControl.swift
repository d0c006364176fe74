import Datasets
import Foundation

/// A simple model fitted to the training rows, and what it gives to the test points.
struct FittedControl {
  let name: String
  /// log-density of each test point, [rows], in nats per unit volume, on the sphere per unit area.
  let values: [Double]

  /// In the names of controls that follow the charts of the model, which differ from model to model.
  static let ofCharts = "for each of"

  /// The controls of a run. Not collective.
  ///
  /// - Parameters:
  ///   - training: rows to fit, [n, D].
  ///   - test: rows to score, [m, D].
  ///   - trainingCharts: chart of each training row; nil for no control by charts.
  static func fit(
    _ run: TrainedRun, training: [Double], test: [Double], trainingCharts: [Int]?
  ) throws -> [FittedControl] {
    guard run.data.isOnUnitSphere else {
      return gaussians(
        run.configuration, dimension: run.data.columnNames.count, training: training, test: test,
        charts: trainingCharts)
    }
    let count = min(run.data.validation.count, ScoreComparison.largestTraining / 5)
    return onSphere(
      run.configuration, training: training,
      validation: try run.data.validation.values(rows: Array(0..<count)), test: test,
      charts: trainingCharts)
  }

  private static func gaussians(
    _ configuration: Configuration, dimension: Int, training: [Double], test: [Double],
    charts: [Int]?
  ) -> [FittedControl] {
    let settings = configuration.evaluation
    var controls: [FittedControl] = []
    if settings.mixtureComponents > 0 {
      let mixture = GaussianMixture.fit(
        to: training, dimension: dimension,
        componentCount: min(settings.mixtureComponents, training.count / dimension),
        seed: UInt64(configuration.seed), maximumIterations: settings.mixtureIterations)
      controls.append(
        FittedControl(
          name: "Gaussian mixture, \(mixture.componentCount) full covariances, EM",
          values: mixture.logProbability(of: test)))
    }
    if let charts {
      let mixture = GaussianMixture(rows: training, dimension: dimension, groups: charts)
      controls.append(
        FittedControl(
          name: "a Gaussian \(ofCharts) \(mixture.componentCount) charts",
          values: mixture.logProbability(of: test)))
    }
    return controls
  }

  private static func onSphere(
    _ configuration: Configuration, training: [Double], validation: [Double], test: [Double],
    charts: [Int]?
  ) -> [FittedControl] {
    let settings = configuration.evaluation.sphere
    let smallestWidth = settings.floorDegrees * Double.pi / 180
    var controls: [FittedControl] = []
    if settings.mixtureComponents > 0 {
      let mixture = VonMisesFisherMixture.chosen(
        training: training, validation: validation, largestCount: settings.mixtureComponents,
        seed: UInt64(configuration.seed), smallestWidth: smallestWidth)
      controls.append(
        FittedControl(
          name: "von Mises-Fisher mixture, \(mixture.componentCount - 1) and uniform, EM",
          values: mixture.logProbability(of: test)))
    }
    if settings.kernels {
      let density = SphericalKernelDensity(
        training: training, validation: validation, floorDegrees: settings.floorDegrees)
      controls.append(
        FittedControl(
          name: String(format: "multi-scale kernel density, floor %g°", settings.floorDegrees),
          values: density.logProbability(of: test)))
    }
    if let charts {
      let mixture = VonMisesFisherMixture(
        rows: training, groups: charts, smallestWidth: smallestWidth)
      controls.append(
        FittedControl(
          name: "a von Mises-Fisher \(ofCharts) \(mixture.componentCount) charts",
          values: mixture.logProbability(of: test)))
    }
    return controls
  }
}
