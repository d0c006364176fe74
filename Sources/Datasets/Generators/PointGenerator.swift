import Tensors

/// Draws points of a set. Near a curve: x = scale · γ(θ) + noise · ε, ε ~ N(0, I₃); near the ribbon the
/// same with γ(θ) + w e₃, w uniform on its width; on the sphere x = scale · y/|y|, y = m + noise · ε.
///
/// Every point is a function of (seed, split, index), so any rank can make any row, and the parts
/// train, validation and test come from disjoint key spaces: no point of one part occurs in another.
/// θ, the component, the width and the noise are independent for every point.
public struct PointGenerator: Sendable {
  /// The point set.
  public let set: PointSet
  /// Factor on the set.
  public let scale: Double
  /// Standard deviation of the noise, in units of the scaled curve; on the sphere that of the blobs, in
  /// radii.
  public let noise: Double
  /// Range of θ, radians.
  public let thetaRange: ClosedRange<Double>
  /// Key of all draws.
  public let seed: UInt64

  /// Describes a point set; what is left out is that of track a.
  /// - Precondition: `scale` > 0, `noise` ≥ 0, both finite, and a θ range that is not empty.
  public init(
    set: PointSet, scale: Double? = nil, noise: Double? = nil,
    thetaRange: ClosedRange<Double>? = nil, seed: UInt64
  ) {
    self.set = set
    self.scale = scale ?? set.defaultScale
    self.noise = noise ?? set.defaultNoise
    self.thetaRange = thetaRange ?? set.defaultThetaRange
    self.seed = seed
    precondition(self.scale > 0 && self.scale.isFinite, "scale must be positive, got \(self.scale)")
    precondition(self.noise >= 0 && self.noise.isFinite, "noise must be ≥ 0, got \(self.noise)")
    precondition(
      self.thetaRange.lowerBound < self.thetaRange.upperBound,
      "the range of theta must not be empty, got \(self.thetaRange)")
  }

  /// A point set as a track has it.
  public init(set: PointSet, track: Track, seed: UInt64) {
    let settings = set.settings(of: track)
    self.init(
      set: set, scale: settings.scale, noise: settings.noise, thetaRange: settings.thetaRange,
      seed: seed)
  }

  /// Coordinates of a point, [D] = [3].
  public static let columnNames = ["x", "y", "z"]

  /// One point, [3].
  /// - Precondition: `index` ≥ 0.
  public func row(_ index: Int, of split: DatasetSplit) -> [Double] {
    let point = draw(index, key: split.key)
    return [point.x, point.y, point.z]
  }

  /// Points `indices`, row after row, into [count, 3] numbers at `destination`.
  public func fill(
    _ indices: [Int], of split: DatasetSplit, into destination: UnsafeMutablePointer<Float>
  ) {
    for (place, index) in indices.enumerated() {
      let point = draw(index, key: split.key)
      for column in 0..<3 { destination[3 * place + column] = Float(point[column]) }
    }
  }

  /// Points `indices`, row after row, into [count, 3] numbers at `destination`.
  public func fill(
    _ indices: [Int], of split: DatasetSplit, into destination: UnsafeMutablePointer<Double>
  ) {
    for (place, index) in indices.enumerated() {
      let point = draw(index, key: split.key)
      for column in 0..<3 { destination[3 * place + column] = point[column] }
    }
  }

  /// Key of the points that estimate the entropy: none of the parts.
  package static let ceilingKey: UInt32 = 3
  /// Key of the points that stand beside samples of a model: none of the parts either.
  private static let oracleKey: UInt32 = 4

  /// Points of none of the parts, [count, 3], to compare samples of a model with.
  package func oracle(count: Int) -> [Double] {
    (0..<count).flatMap { index -> [Double] in
      let point = draw(index, key: Self.oracleKey)
      return [point.x, point.y, point.z]
    }
  }

  /// The order of draws (component, θ, width of the ribbon, three normals) is part of the data's
  /// definition.
  package func draw(_ index: Int, key: UInt32) -> SIMD3<Double> {
    precondition(index >= 0, "a sample index must not be negative, got \(index)")
    var random = SampleRandom(seed: seed, purpose: .data, step: key, sample: UInt64(index))
    let component = random.integer(below: set.componentCount)
    let span = thetaRange.upperBound - thetaRange.lowerBound
    let theta = thetaRange.lowerBound + span * random.uniform()
    var centre = set.point(component: component, theta: theta)
    if case .ribbon(let halfWidth) = set.shape {
      centre.z += random.uniform(from: -halfWidth, to: halfWidth)
    }
    let noiseVector = SIMD3(random.normal(), random.normal(), random.normal())
    guard set.shape != .sphere else {
      let direction = centre + noise * noiseVector
      return scale / (direction * direction).sum().squareRoot() * direction
    }
    return scale * centre + noise * noiseVector
  }
}
