#if canImport(Glibc)
  import Glibc
#endif

/// The projected normal distribution on S²: x = y/|y|, y ~ N(μ, I₃).
///
/// With t = x·μ the density per unit area is
///
///     p(x) = e^{−|μ|²/2} / (2^{5/2} π^{3/2}) · [2t + √(2π) (t² + 1) e^{t²/2} (1 + erf(t/√2))]
///
/// from ∫₀^∞ r² N(r x; μ, I) dr (Mardia & Jupp, *Directional Statistics*, 2000, §9.3.3).
package struct ProjectedNormal: Sendable, Equatable {
  /// μ.
  package let mean: SIMD3<Double>

  package init(mean: SIMD3<Double>) { self.mean = mean }

  /// log p(x) of a unit vector, in nats per unit area.
  package func logProbability(of direction: SIMD3<Double>) -> Double {
    let t = (direction * mean).sum()
    let constant = -0.5 * (mean * mean).sum() - 2.5 * log(2.0) - 1.5 * log(Double.pi)
    return constant + Self.logBracket(t)
  }

  /// The logarithm of the bracket.
  ///
  /// 1 + erf is written as erfc(−t/√2). For t > 0 the growth e^{t²/2} is taken out, so that nothing
  /// overflows; down to t = −20 the cancellation with 2t costs 3e-9 relative; below, the series
  /// 4/|t|³ (1 − 6/t² + 45/t⁴ − 420/t⁶ + 4725/t⁸), whose next term is below 1e-8.
  static func logBracket(_ t: Double) -> Double {
    let root = (2 * Double.pi).squareRoot()
    if t > 0 {
      let bounded = root * (t * t + 1) * erfc(-t / 2.0.squareRoot())
      return 0.5 * t * t + log(2 * t * exp(-0.5 * t * t) + bounded)
    }
    if t > -20 {
      return log(2 * t + root * (t * t + 1) * exp(0.5 * t * t) * erfc(-t / 2.0.squareRoot()))
    }
    let inverse = 1 / (t * t)
    return log(4) - 3 * log(-t)
      + log1p(
        inverse * (-6 + inverse * (45 + inverse * (-420 + inverse * 4725))))
  }
}

/// Projected normals with equal weights: the exact density of blobs on a sphere.
package struct ProjectedNormalMixture: Sendable {
  private let components: [ProjectedNormal]
  private let radius: Double

  /// The density of a set of blobs: y = m + s ε has the direction of N(m/s, I).
  ///
  /// - Precondition: the set lies on the sphere, and its noise is positive.
  package init(_ generator: PointGenerator) {
    precondition(generator.set.shape == .sphere, "\(generator.set) is not on the sphere")
    precondition(generator.noise > 0, "a density needs noise > 0")
    components = (0..<generator.set.componentCount).map {
      ProjectedNormal(mean: generator.set.point(component: $0, theta: 0) / generator.noise)
    }
    radius = generator.scale
  }

  /// log p*(x) in nats per unit area of the sphere, at the direction of a point.
  ///
  /// - Precondition: the point is not the centre.
  package func logProbability(of point: SIMD3<Double>) -> Double {
    let direction = point / (point * point).sum().squareRoot()
    let terms = components.map { $0.logProbability(of: direction) }
    let largest = terms.max() ?? 0
    let sum = terms.reduce(0) { $0 + exp($1 - largest) }
    return largest + log(sum / Double(terms.count)) - 2 * log(radius)
  }

  /// Distance from the sphere.
  package func distance(of point: SIMD3<Double>) -> Double {
    abs((point * point).sum().squareRoot() - radius)
  }
}
