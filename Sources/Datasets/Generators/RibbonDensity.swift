#if canImport(Glibc)
  import Glibc
#endif

/// The exact density of a ribbon x = γ(θ) + w e₃ + s ε, w uniform on [−H, H], in space.
///
/// Across the ribbon the integral is known, so that a sum over θ alone is left:
///
///     p*(x) = mean_θ N₂(x₁₂; γ₁₂(θ), s² I₂) · [Φ((x₃ − γ₃ + H)/s) − Φ((x₃ − γ₃ − H)/s)] / 2H
///
/// by the midpoint rule of ``CurveNodes``. In the tails the difference is taken between logarithms of
/// the complementary error function, which lose no digits: the density is finite everywhere.
package struct RibbonDensity: Sendable {
  private let nodes: [SIMD3<Double>]
  private let noise: Double
  /// H.
  private let halfWidth: Double
  private let logWeight: Double

  /// - Precondition: the set is a ribbon, and its noise is positive.
  package init(_ generator: PointGenerator) {
    guard case .ribbon(let halfWidth) = generator.set.shape else {
      preconditionFailure("\(generator.set) is no ribbon")
    }
    precondition(generator.noise > 0, "a density needs noise > 0")
    nodes = CurveNodes.midpoints(of: generator)
    noise = generator.noise
    self.halfWidth = halfWidth * generator.scale
    logWeight =
      -log(Double(nodes.count)) - log(2 * .pi * noise * noise) - log(2 * self.halfWidth)
  }

  /// log p*(x), in nats per unit volume.
  /// - Complexity: O(nodes), a few thousand.
  package func logProbability(of point: SIMD3<Double>) -> Double {
    let factor = -0.5 / (noise * noise)
    var nearest = Double.infinity
    for node in nodes { nearest = min(nearest, squaredDistance(point, node)) }
    // A term is at most exp(−d²/2s²), d the distance to the node's line, and falls below that bound by
    // a power of d/s only, which is below e²⁵ for any d/s < 1e10.
    var exponents: [Double] = []
    for node in nodes where factor * (squaredDistance(point, node) - nearest) > -65 {
      let (x, y) = (point.x - node.x, point.y - node.y)
      exponents.append(factor * (x * x + y * y) + logBand(point.z - node.z))
    }
    guard let largest = exponents.max(), largest.isFinite else { return -.infinity }
    return logWeight + largest + log(exponents.reduce(0) { $0 + exp($1 - largest) })
  }

  /// Distance to the ribbon without its noise.
  package func distance(of point: SIMD3<Double>) -> Double {
    var nearest = Double.infinity
    for node in nodes { nearest = min(nearest, squaredDistance(point, node)) }
    return nearest.squareRoot()
  }

  /// Squared distance from a node's line across the ribbon.
  private func squaredDistance(_ point: SIMD3<Double>, _ node: SIMD3<Double>) -> Double {
    let offset = point - node
    let above = max(0, abs(offset.z) - halfWidth)
    return offset.x * offset.x + offset.y * offset.y + above * above
  }

  /// log[Φ((z + H)/s) − Φ((z − H)/s)].
  private func logBand(_ z: Double) -> Double {
    // Symmetric in z: take the side where the nearer edge is the smaller argument.
    let near = (abs(z) - halfWidth) / (noise * 2.0.squareRoot())
    let far = (abs(z) + halfWidth) / (noise * 2.0.squareRoot())
    if near < 0 { return log(0.5 * (erf(far) - erf(near))) }
    let (first, second) = (Self.logErfc(near), Self.logErfc(far))
    return first + log1p(-exp(second - first)) - log(2)
  }

  /// log erfc(x), x ≥ 0; beyond 20 by the asymptotic series, whose next term is below 1e-10.
  static func logErfc(_ x: Double) -> Double {
    guard x > 20 else { return log(erfc(x)) }
    let square = 1 / (2 * x * x)
    return -x * x - log(x * Double.pi.squareRoot()) + log1p(-square + 3 * square * square)
  }
}
