#if canImport(Glibc)
  import Glibc
#endif

/// The closed and open space curves of the synthetic point sets, before scaling.
///
/// Each is one or two components θ ↦ (x, y, z); a point is drawn by choosing a component with equal
/// probability, then θ uniformly. Uniform θ is not uniform arc length: the density keeps that.
/// Formulas: Sidheekh et al., *Probabilistic Flow Circuits* (UAI 2023), the public generators.
public enum Curve: String, Sendable, CaseIterable, Codable {
  /// (θ, cos θ, sin θ), θ in [0, 6π].
  case helix
  /// Trefoil: (sin θ + 2 sin 2θ, cos θ − 2 cos 2θ, sin 3θ).
  case knotted
  /// (sin 2θ, cos θ, cos 2θ).
  case bentLissajous = "bent-lissajous"
  /// Two unit circles that touch at (1, 0, 0), in perpendicular planes.
  case twistedEight = "twisted-eight"
  /// Two unit circles, each through the other's centre: a Hopf link.
  case interlockedCircles = "interlocked-circles"
  /// A segment and an ellipse, apart from each other.
  case disjointCircles = "disjoint-circles"

  /// Number of components, chosen with equal probability.
  public var componentCount: Int {
    switch self {
    case .helix, .knotted, .bentLissajous: 1
    case .twistedEight, .interlockedCircles, .disjointCircles: 2
    }
  }

  /// Factor on the curve where none is given.
  public var defaultScale: Double {
    switch self {
    case .helix: 1
    case .disjointCircles: 2
    case .knotted, .bentLissajous, .twistedEight, .interlockedCircles: 4
    }
  }

  /// Standard deviation of the noise (not scaled) where none is given.
  public var defaultNoise: Double {
    switch self {
    case .helix, .disjointCircles: 0.05
    case .knotted, .bentLissajous, .twistedEight, .interlockedCircles: 0.1
    }
  }

  /// Range of θ in radians where none is given.
  public var defaultThetaRange: ClosedRange<Double> {
    self == .helix ? 0...(6 * .pi) : -.pi...(.pi)
  }

  /// Point of a component at θ, before scaling.
  package func point(component: Int, theta: Double) -> SIMD3<Double> {
    let (sine, cosine) = (sin(theta), cos(theta))
    switch (self, component) {
    case (.helix, _):
      return SIMD3(theta, cosine, sine)
    case (.knotted, _):
      return SIMD3(sine + 2 * sin(2 * theta), cosine - 2 * cos(2 * theta), sin(3 * theta))
    case (.bentLissajous, _):
      return SIMD3(sin(2 * theta), cosine, cos(2 * theta))
    case (.twistedEight, 0), (.interlockedCircles, 0):
      return SIMD3(sine, cosine, 0)
    case (.twistedEight, _):
      return SIMD3(2 + sine, 0, cosine)
    case (.interlockedCircles, _):
      return SIMD3(1 + sine, 0, cosine)
    case (.disjointCircles, 0):
      return SIMD3(-2 + sine, -1 + sine, -1 + sine)
    case (.disjointCircles, _):
      return SIMD3(2 + sine, 1 + 2 * cosine, 1 + 2 * cosine)
    }
  }
}
