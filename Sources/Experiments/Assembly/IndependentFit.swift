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

  /// Makes the atlas the mixture of K Gaussians that expectation-maximisation finds in the rows.
  ///
  /// Every rank computes it for itself from the same rows, to the same bits. Collective.
  package func start(
    from rows: any RowSource, _ settings: ChartFitConfiguration, on group: JobGroup
  ) throws {
    let mixture = try group.agreed {
      let count = min(rows.count, Self.startRows)
      guard count >= chartCount else {
        throw PortolanFailure(
          .badData,
          "\(chartCount) charts for \(count) training rows: expected a row a chart at least",
          hint: "lower model.charts, or give more data")
      }
      return GaussianMixture.fit(
        to: try rows.values(rows: Array(0..<count)), dimension: rows.columnCount,
        componentCount: chartCount, seed: seed, maximumIterations: settings.startIterations,
        regularisation: settings.startRegularisation)
    }
    let d = mixture.dimension
    for (k, chart) in atlas.charts.enumerated() {
      chart.frame.restore([
        ChartFrameNumbers(
          name: "mean", shape: [d], elements: Array(mixture.means[k * d..<(k + 1) * d])),
        ChartFrameNumbers(
          name: "factor", shape: [d, d],
          elements: Array(mixture.choleskyFactors[k * d * d..<(k + 1) * d * d])),
      ])
    }
    atlas.setWeights(mixture.weights)
  }
}
