import Checkpoints
import Datasets
import Distributed
import Flows
import Tensors
import Training

/// An atlas of independent charts as its training sees it.
package final class IndependentFit: IndependentCharts {
  private let model: ModelAssembly
  private let atlas: IndependentAtlas
  private let seed: UInt64
  /// The smallest width of kernels that are one more chart.
  private let kernelFloorDegrees: Double

  /// Nil unless the model is fitted so.
  package init?(_ model: ModelAssembly, _ configuration: Configuration) {
    guard let atlas = model.independent else { return nil }
    (self.model, self.atlas) = (model, atlas)
    seed = UInt64(configuration.seed)
    kernelFloorDegrees = configuration.training.noise.floorDegrees
  }

  package var chartCount: Int { atlas.chartCount }
  package var layout: ParameterLayout { atlas.layout }
  package var weights: [Double] { atlas.chartWeights }
  package func setWeights(_ weights: [Double]) { atlas.setWeights(weights) }

  package func parameterRange(ofChart chart: Int) -> Range<Int> {
    atlas.charts[chart].parameterRange
  }

  package func start(ofChart chart: Int, attempt: Int) -> ParameterBuffer<Float> {
    atlas.start(ofChart: chart, seed: seed, attempt: attempt)
  }

  package func key(ofChart chart: Int, round: Int, attempt: Int) -> UInt64 {
    IndependentAtlas.key(seed, chart: chart, round: round, attempt: attempt)
  }

  package func logProbability(of x: Value, chart: Int, on tape: Tape<Float>) -> Value {
    atlas.charts[chart].logProbability(of: x, on: tape)
  }

  package func arrays() -> [ReplicatedArray] { model.arrays() }
  package func restore(from reader: borrowing CheckpointReader) throws {
    try model.restore(from: reader)
  }

  /// Rows from which the frames start.
  private static let startRows = 50_000

  /// Makes the atlas the mixture of K Gaussians that expectation-maximisation finds in the rows; on the
  /// sphere that of Gaussians on tangent planes.
  ///
  /// The same bits on any number of ranks, which share the rounds out in the plane and compute them each
  /// on the sphere. Collective.
  package func start(
    from rows: any RowSource, _ settings: ChartFitConfiguration, on group: JobGroup
  ) throws {
    let values = try group.agreed {
      let count = min(rows.count, Self.startRows)
      let components = atlas.fittedCount
      guard count >= components else {
        throw PortolanFailure(
          .badData,
          "\(components) charts for \(count) training rows: expected a row a chart at least",
          hint: "lower model.charts, or give more data")
      }
      return try rows.values(rows: Array(0..<count))
    }
    let (states, weights) =
      atlas.charts[0].frame is SphereFrame
      ? try group.agreed { sphereStart(values, atlas.fittedCount, settings) }
      : try gaussianStart(values, atlas.fittedCount, settings, on: group)
    for (chart, state) in zip(atlas.charts, states) { chart.frame.restore(state) }
    atlas.setWeights(
      weights + Array(repeating: 0, count: atlas.chartCount - atlas.fittedCount))
    if atlas.hasGivenChart {
      try group.agreed {
        let kernels = SphericalKernelDensity(
          training: try rows.values(rows: Array(0..<rows.count)), memberWeights: nil,
          floorDegrees: kernelFloorDegrees)
        atlas.setGivenChart(KernelChart(density: kernels), share: 0)
      }
    }
  }

  /// Lets the kernels in, with the share that the validation points give them.
  package func finish(validation: any RowSource, logDensities: () throws -> [Double]) throws {
    guard let kernels = (atlas.givenChart as? KernelChart)?.density else { return }
    guard validation.count > 0 else {
      throw PortolanFailure(
        .badData, "model.kernels: expected validation points, got none",
        hint: "raise data.validationFraction")
    }
    let fit = KernelShare.fit(
      kernels, logDensities: try logDensities(),
      points: try validation.values(rows: Array(0..<validation.count)))
    atlas.setGivenChart(KernelChart(density: fit.kernels), share: fit.share)
  }

  private func gaussianStart(
    _ rows: [Double], _ components: Int, _ settings: ChartFitConfiguration, on group: JobGroup
  ) throws -> ([[ChartFrameNumbers]], [Double]) {
    let d = atlas.dimension
    let mixture = try GaussianMixture.fit(
      to: rows, dimension: d, componentCount: components, seed: seed,
      maximumIterations: settings.startIterations, regularisation: settings.startRegularisation
    ) { count, body in
      let own = group.rank * count / group.size..<(group.rank + 1) * count / group.size
      let numbers = own.flatMap(body)
      let all = try group.allGather(numbers.withUnsafeBytes { Array($0) }).flatMap { bytes in
        bytes.withUnsafeBytes { Array($0.bindMemory(to: Double.self)) }
      }
      let length = all.count / count
      return (0..<count).map { Array(all[$0 * length..<($0 + 1) * length]) }
    }
    let states = (0..<components).map { k in
      [
        ChartFrameNumbers(
          name: "mean", shape: [d], elements: Array(mixture.means[k * d..<(k + 1) * d])),
        ChartFrameNumbers(
          name: "factor", shape: [d, d],
          elements: Array(mixture.choleskyFactors[k * d * d..<(k + 1) * d * d])),
      ]
    }
    return (states, mixture.weights)
  }

  private func sphereStart(
    _ rows: [Double], _ components: Int, _ settings: ChartFitConfiguration
  ) -> ([[ChartFrameNumbers]], [Double]) {
    let mixture = TangentMixture.fit(
      to: rows, componentCount: components, background: atlas.background, seed: seed,
      maximumIterations: settings.startIterations, regularisation: settings.startRegularisation)
    let states = mixture.components.map { component in
      [
        ChartFrameNumbers(name: "centre", shape: [3], elements: component.chart.centre),
        ChartFrameNumbers(name: "mean", shape: [2], elements: component.mean),
        ChartFrameNumbers(name: "factor", shape: [2, 2], elements: component.factor),
      ]
    }
    return (states, mixture.components.map(\.weight))
  }
}
