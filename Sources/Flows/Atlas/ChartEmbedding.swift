import Layers
import Tensors

/// What carries the plane of a chart into the space of the data, before it knows its dimensions.
package enum ChartEmbedding: Sendable {
  /// The chart is the space.
  case none
  /// A learnt sphere or plane of dimension d, one for each code; hidden widths of the networks of the code.
  case conformal(dimension: Int, widths: [Int])
  /// The unit sphere S² by stereographic projection, around the decoded code of each chart; around a
  /// given centre, [3], where there is one chart.
  case sphere(centre: [Double])

  /// Declares the parameters and builds the injection.
  ///
  /// - Parameter decoder: the quantizer's, code → data; nil for one chart.
  func injection(
    dimension: Int, contextDimension: Int, decoder: MultilayerPerceptron?,
    in layout: inout ParameterLayout
  ) -> (any Injection)? {
    switch self {
    case .none: return nil
    case .conformal(let chartDimension, let widths):
      return ConformalInjection(
        from: chartDimension, to: dimension, contextDimension: contextDimension, widths: widths,
        in: &layout)
    case .sphere(let centre):
      precondition(dimension == 3, "the sphere lies in three dimensions, not in \(dimension)")
      if let decoder { return DecodedStereographicChart(decoder: decoder) }
      return StereographicChart(centre: centre)
    }
  }
}

/// The base density of a flow, before it knows its dimension.
package enum BaseFamily: Sendable {
  case normal
  /// The uniform density of S², seen on the plane.
  case sphere

  func distribution(dimension: Int) -> any Distribution {
    switch self {
    case .normal: return StandardNormal(dimension: dimension)
    case .sphere:
      precondition(dimension == 2, "this base density lies on the plane, not in \(dimension)")
      return StereographicVonMisesFisher()
    }
  }
}
