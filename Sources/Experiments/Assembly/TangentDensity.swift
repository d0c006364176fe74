import Flows
import Foundation

/// The density of one component of a ``TangentMixture``, ready for many points.
struct TangentDensity {
  /// Two tangent directions and the centre.
  private let first, second, centre: (Double, Double, Double)
  private let mean: (Double, Double)
  /// 1 / L₀₀, L₁₀, 1 / L₁₁.
  private let inverse: (Double, Double, Double)
  /// −log 2π L₀₀ L₁₁.
  private let constant: Double

  init(_ component: TangentMixture.Component) {
    let axes = component.chart.axes
    (first, second, centre) = (axes[0], axes[1], axes[2])
    let l = component.factor
    mean = (component.mean[0], component.mean[1])
    inverse = (1 / l[0], l[2], 1 / l[3])
    constant = -log(2 * .pi * l[0] * l[3])
  }

  /// In nats per unit of area; −∞ where it is below any number that counts.
  ///
  /// The plane is that of ``StereographicChart``: u = 2 (x₁, x₂) / (1 + x₃) on the unit sphere, with the
  /// factor λ⁻² = (1 + s)², s = |u|²/4, from a density of the plane to one of the sphere.
  func logDensity(of x: (Double, Double, Double)) -> Double {
    func along(_ axis: (Double, Double, Double)) -> Double {
      axis.0 * x.0 + axis.1 * x.1 + axis.2 * x.2
    }
    let (a, b, height) = (along(first), along(second), along(centre))
    let squares = a * a + b * b
    let radius = (squares + height * height).squareRoot()
    // Below the equator |x| + x₃ would cancel.
    let q =
      2 / (height > 0 ? radius + height : max(squares, 1e-300) / (radius - height))
    let (u, v) = (q * a, q * b)
    let y = (u - mean.0) * inverse.0
    let z = (v - mean.1 - inverse.1 * y) * inverse.2
    let form = y * y + z * z
    guard form < 2000 else { return -.infinity }
    return constant - 0.5 * form + 2 * log(1 + (u * u + v * v) / 4)
  }
}
