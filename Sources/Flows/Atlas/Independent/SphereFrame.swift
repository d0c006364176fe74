import Tensors

/// The frame of a chart of the unit sphere S² ⊂ R³: the plane that touches it at the chart's centre, by
/// stereographic projection, whitened there.
///
///     chart → data:  x = embed(μ + L y)
///     data → chart:  y = L⁻¹ (project(x) − μ),  log term −Σ log L_ii − logVolumeElement
///
/// Behind it a flow that starts as the identity starts as the Gaussian N(μ, L Lᵀ) of the tangent plane;
/// densities are per unit of area of the sphere.
package final class SphereFrame: ChartFrame {
  package let dimension = 3
  package let chartDimension = 2
  /// The projection around the centre.
  package private(set) var chart: StereographicChart
  private let plane = GaussianFrame(dimension: 2)

  /// The plane at the third axis, as it is.
  package init() { chart = StereographicChart(centre: [0, 0, 1]) }

  /// Becomes the frame of N(μ, L Lᵀ) on the plane at `centre`.
  package func set(centre: [Double], mean: [Double], factor: [Double]) {
    chart = StereographicChart(centre: centre)
    plane.set(mean: mean, factor: factor)
  }

  package func chartCoordinates<Scalar>(of x: Value, on tape: Tape<Scalar>) -> Transported {
    let u = chart.project(x, context: nil, on: tape)
    let framed = plane.chartCoordinates(of: u, on: tape)
    guard let gain = framed.logAbsDetJacobian,
      let stretch = chart.embed(u, context: nil, on: tape).logVolumeElement
    else { preconditionFailure("both maps change areas") }
    return Transported(framed.value, logAbsDetJacobian: tape.subtract(gain, stretch))
  }

  package func points<Scalar>(at coordinates: Value, on tape: Tape<Scalar>) -> Value {
    chart.embed(plane.points(at: coordinates, on: tape), context: nil, on: tape).value
  }

  package var state: [ChartFrameNumbers] {
    [ChartFrameNumbers(name: "centre", shape: [3], elements: chart.centre)] + plane.state
  }

  package func restore(_ state: [ChartFrameNumbers]) {
    precondition(
      state.map(\.name) == self.state.map(\.name), "expected centre, mean and factor, got \(state)")
    set(centre: state[0].elements, mean: state[1].elements, factor: state[2].elements)
  }
}
