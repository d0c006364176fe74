#if canImport(Glibc)
  import Glibc
#endif

/// The synthetic point sets in space, before scaling.
///
/// Nine are closed or open curves of one or more components θ ↦ (x, y, z); a point is drawn by choosing
/// a component with equal probability, then θ uniformly. Uniform θ is not uniform arc length: the
/// density keeps that. One is a ribbon, a curve with a width; one consists of blobs on a sphere.
/// Formulas of the first six: Sidheekh et al., *Probabilistic Flow Circuits* (UAI 2023), the public
/// generators. The other five are defined by this project: `docs/point-sets.md`.
public enum PointSet: String, Sendable, CaseIterable, Codable {
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
  /// The trefoil's shadow without its knot: (sin θ + 2 sin 2θ, cos θ − 2 cos 2θ, sin θ). The height
  /// rises once and falls once, so the curve can be pulled straight.
  case nonKnotted = "non-knotted"
  /// Five arms: ((1 + ½ cos 5θ) cos θ, (1 + ½ cos 5θ) sin θ, ½ sin 5θ), a curve on a torus.
  case star
  /// Five unit circles that stand on a circle of radius 3, each in a plane that holds the vertical.
  case fiveCircles = "five-circles"
  /// A band of width ½ along (cos θ, sin 2θ, ½ sin θ), upright: densest where the curve is slow.
  case lissajousRibbon = "lissajous-ribbon"
  /// Three blobs on the unit sphere: directions of N(m, s² I₃) around three corners m of a tetrahedron.
  case sphericalBlobs = "spherical-blobs"

  /// What kind of set it is.
  package enum Shape: Sendable, Equatable {
    /// Curves with isotropic noise around them.
    case curve
    /// A curve with a width along the third axis, with isotropic noise around it.
    case ribbon(halfWidth: Double)
    /// Points of a sphere, without noise across it; the density is one per unit area.
    case sphere
  }

  package var shape: Shape {
    switch self {
    case .lissajousRibbon: .ribbon(halfWidth: 0.25)
    case .sphericalBlobs: .sphere
    default: .curve
    }
  }

  /// Number of components, chosen with equal probability.
  public var componentCount: Int {
    switch self {
    case .helix, .knotted, .bentLissajous, .nonKnotted, .star, .lissajousRibbon: 1
    case .twistedEight, .interlockedCircles, .disjointCircles: 2
    case .sphericalBlobs: Self.blobDirections.count
    case .fiveCircles: 5
    }
  }

  /// Point of a component at θ, before scaling; the middle of the ribbon; the direction of a blob.
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
    case (.nonKnotted, _):
      return SIMD3(sine + 2 * sin(2 * theta), cosine - 2 * cos(2 * theta), sine)
    case (.star, _):
      let radius = 1 + 0.5 * cos(5 * theta)
      return SIMD3(radius * cosine, radius * sine, 0.5 * sin(5 * theta))
    case (.fiveCircles, let circle):
      let angle = 2 * Double.pi * Double(circle) / 5
      let (east, north) = (cos(angle), sin(angle))
      return SIMD3(3 * east - cosine * north, 3 * north + cosine * east, sine)
    case (.lissajousRibbon, _):
      return SIMD3(cosine, sin(2 * theta), 0.5 * sine)
    case (.sphericalBlobs, let blob):
      return Self.blobDirections[blob]
    }
  }

  /// Three corners of a tetrahedron on the unit sphere.
  private static let blobDirections: [SIMD3<Double>] = {
    let side = (1.0 / 3).squareRoot()
    return [
      SIMD3(side, side, side), SIMD3(side, -side, -side), SIMD3(-side, side, -side),
    ]
  }()
}
