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

  /// Nil unless the model is fitted so.
  package init?(_ model: ModelAssembly, seed: UInt64) {
    guard let atlas = model.independent else { return nil }
    (self.model, self.atlas, self.seed) = (model, atlas, seed)
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
  /// Every rank computes it for itself from the same rows, to the same bits. Collective.
  package func start(
    from rows: any RowSource, _ settings: ChartFitConfiguration, on group: JobGroup
  ) throws {
    let (states, weights) = try group.agreed {
      let count = min(rows.count, Self.startRows)
      let components = chartCount - (atlas.background > 0 ? 1 : 0)
      guard count >= components else {
        throw PortolanFailure(
          .badData,
          "\(components) charts for \(count) training rows: expected a row a chart at least",
          hint: "lower model.charts, or give more data")
      }
      let values = try rows.values(rows: Array(0..<count))
      return atlas.charts[0].frame is SphereFrame
        ? sphereStart(values, components, settings) : gaussianStart(values, components, settings)
    }
    for (chart, state) in zip(atlas.charts, states) { chart.frame.restore(state) }
    atlas.setWeights(weights + (atlas.background > 0 ? [atlas.background] : []))
  }

  private func gaussianStart(
    _ rows: [Double], _ components: Int, _ settings: ChartFitConfiguration
  ) -> ([[ChartFrameNumbers]], [Double]) {
    let d = atlas.dimension
    let mixture = GaussianMixture.fit(
      to: rows, dimension: d, componentCount: components, seed: seed,
      maximumIterations: settings.startIterations, regularisation: settings.startRegularisation)
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
