/// What a density is a density of.
public enum DensityMeasure: String, Sendable, Codable {
  /// Nats per unit volume of the space of all coordinates.
  case volume
  /// Nats per unit area of a surface of two dimensions, such as a sphere.
  case area
  /// Nats per unit volume of a surface of another dimension.
  case surface
}

/// The exact density of any point set, and the distance to the set itself.
public struct ExactDensity: Sendable {
  private enum Form: Sendable {
    case curve(CurveDensity)
    case ribbon(RibbonDensity)
    case sphere(ProjectedNormalMixture)
  }

  private let form: Form
  private let noise: Double
  private let scale: Double

  /// - Precondition: the generator's noise is positive.
  public init(_ generator: PointGenerator) {
    noise = generator.noise
    scale = generator.scale
    form =
      switch generator.set.shape {
      case .curve: .curve(CurveDensity(generator))
      case .ribbon: .ribbon(RibbonDensity(generator))
      case .sphere: .sphere(ProjectedNormalMixture(generator))
      }
  }

  /// Per unit volume but for the sphere, which has no volume.
  public var measure: DensityMeasure {
    if case .sphere = form { .area } else { .volume }
  }

  /// log p*(x), in nats per unit of ``measure``.
  package func logProbability(of point: SIMD3<Double>) -> Double {
    switch form {
    case .curve(let density): density.logProbability(of: point)
    case .ribbon(let density): density.logProbability(of: point)
    case .sphere(let density): density.logProbability(of: point)
    }
  }

  /// log p*(x) of each row, [rows].
  /// - Parameter rows: points, [rows, 3], row after row.
  public func logProbability(of rows: [Double]) -> [Double] {
    Self.points(rows).map { logProbability(of: $0) }
  }

  /// Distance from the set without noise.
  package func distance(of point: SIMD3<Double>) -> Double {
    switch form {
    case .curve(let density): density.distance(of: point)
    case .ribbon(let density): density.distance(of: point)
    case .sphere(let density): density.distance(of: point)
    }
  }

  /// A point farther than this from the set is off it: four deviations of the noise; on the sphere,
  /// which has no noise across it, a hundredth of the radius.
  package var farthestDistance: Double {
    if case .sphere = form { 0.01 * scale } else { 4 * noise }
  }

  /// Part of rows, [rows, 3], that are off the set.
  package func shareOff(_ rows: [Double]) -> Double {
    let points = Self.points(rows)
    guard !points.isEmpty else { return 0 }
    // A coordinate that is not a number is off every set.
    let near = points.count { distance(of: $0) <= farthestDistance }
    return Double(points.count - near) / Double(points.count)
  }

  private static func points(_ rows: [Double]) -> [SIMD3<Double>] {
    precondition(rows.count % 3 == 0, "points have 3 coordinates, got \(rows.count) numbers")
    return (0..<rows.count / 3).map { SIMD3(rows[3 * $0], rows[3 * $0 + 1], rows[3 * $0 + 2]) }
  }
}
