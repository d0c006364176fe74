import Foundation
import Tensors

/// An atlas of flows: K charts around the codes of a vector quantizer, and one conditional flow for all
/// of them, told by the code v_k which chart it is on (VQ-Flows; Sidheekh et al., UAI 2022).
///
///     p(x) = Σ_k p_k p(x | k),   log p(x | k) = log q(f(x; v_k)) + log |det J_f(x; v_k)|
///
/// With an embedding the density is one on the charts' surfaces, per unit of their d-dimensional volume.
///
/// Models are structs of handles; what is no parameter (codes, chart counts) lives here.
package final class Atlas: AtlasDensity {
  /// D.
  package let dimension: Int
  package var chartDimension: Int { flow.chartDimension }
  /// K; one chart is a plain flow, without quantizer.
  package let chartCount: Int
  package let rule: ChartRule
  package let quantizer: VectorQuantizer?
  package let codebook: Codebook
  /// The conditional flow, with the embedding of the charts.
  package let flow: Flow
  /// Its bijections, base → data.
  package let chain: Chain
  package let layout: ParameterLayout
  /// The parameters of the quantizer, of the embedding and of the flow's bijections in the flat buffer, one
  /// after the other.
  package let quantizerRange: Range<Int>
  package let embeddingRange: Range<Int>
  package let flowRange: Range<Int>
  /// Training points on each chart, [K]: r_k of the second pass (VQ-Flows, eq. 18), exact integers.
  package private(set) var chartPoints: [Int64]
  /// log p_k, [K], −∞ for charts without points. At a fixed address.
  package let logChartWeights: ParameterBuffer<Float>

  /// The shape of an atlas.
  package struct Shape: Sendable {
    package var dimension: Int
    package var charts: Int
    package var latentDimension: Int
    package var rule: ChartRule
    package var encoderWidths: [Int]
    package var encoderActivation: Activation
    package var commitment: Double
    package var flow: any FlowArchitecture
    package var embedding: ChartEmbedding
    package var base: BaseFamily

    package init(
      dimension: Int, charts: Int = 32, latentDimension: Int = 2, rule: ChartRule = ChartRule(),
      encoderWidths: [Int] = [64, 64], encoderActivation: Activation = .relu,
      commitment: Double = 0.25, flow: any FlowArchitecture = RealNVP(),
      embedding: ChartEmbedding = .none, base: BaseFamily = .normal
    ) {
      self.dimension = dimension
      self.charts = charts
      self.latentDimension = latentDimension
      self.rule = rule
      self.encoderWidths = encoderWidths
      self.encoderActivation = encoderActivation
      self.commitment = commitment
      self.flow = flow
      self.embedding = embedding
      self.base = base
    }
  }

  package init(_ shape: Shape, seed: UInt64) {
    dimension = shape.dimension
    chartCount = shape.charts
    rule = shape.rule
    var layout = ParameterLayout()
    let isAtlas = shape.charts > 1
    var quantizer: VectorQuantizer?
    quantizerRange = layout.range { layout in
      guard isAtlas else { return }
      quantizer = VectorQuantizer(
        dimension: shape.dimension, latentDimension: shape.latentDimension,
        widths: shape.encoderWidths, activation: shape.encoderActivation,
        commitment: shape.commitment, in: &layout)
    }
    self.quantizer = quantizer
    let contextDimension = isAtlas ? shape.latentDimension : 0
    var injection: (any Injection)?
    embeddingRange = layout.range { layout in
      injection = layout.scoped("embedding") {
        shape.embedding.injection(
          dimension: shape.dimension, contextDimension: contextDimension,
          decoder: quantizer?.decoder, in: &$0)
      }
    }
    let chartDimension = injection?.chartDimension ?? shape.dimension
    var chain: Chain!
    flowRange = layout.range { layout in
      chain = layout.scoped("flow") {
        shape.flow.chain(
          dimension: chartDimension, contextDimension: contextDimension, seed: seed, in: &$0)
      }
    }
    self.chain = chain
    flow = Flow(
      base: shape.base.distribution(dimension: chartDimension), bijection: chain,
      injection: injection)
    self.layout = layout
    codebook = Codebook(count: shape.charts, dimension: shape.latentDimension)
    chartPoints = Array(repeating: 0, count: shape.charts)
    logChartWeights = ParameterBuffer(count: shape.charts)
    setChartPoints(Array(repeating: 1, count: shape.charts))
  }

  /// Sets r_k, and log p_k = log r_k / Σ r by one division.
  package func setChartPoints(_ points: [Int64]) {
    precondition(points.count == chartCount, "expected \(chartCount) counts, got \(points.count)")
    let total = Double(points.reduce(0, +))
    precondition(total > 0, "an atlas needs at least one point on some chart")
    chartPoints = points
    for k in 0..<chartCount {
      logChartWeights[k] = points[k] == 0 ? -.infinity : Float(log(Double(points[k]) / total))
    }
  }

  /// p_k, [K].
  package var chartWeights: [Double] {
    let total = Double(chartPoints.reduce(0, +))
    return chartPoints.map { Double($0) / total }
  }

  /// log p_k as a value [1, K].
  package func logWeights<Scalar>(on tape: Tape<Scalar>) -> Value {
    if let tape = tape as? Tape<Float> {
      return tape.shared(1, chartCount, at: logChartWeights.pointer)
    }
    return tape.constant(1, chartCount, (0..<chartCount).map { Scalar(logChartWeights[$0]) })
  }
}
