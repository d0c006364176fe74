import Tensors

/// Draws points near a curve: x = scale · γ(θ) + noise · ε, ε ~ N(0, I₃).
///
/// Every point is a function of (seed, split, index), so any rank can make any row, and the parts
/// train, validation and test come from disjoint key spaces: no point of one part occurs in another.
/// θ, the component and the noise are independent for every point.
public struct PointGenerator: Sendable {
  /// The curve.
  public let curve: Curve
  /// Factor on the curve.
  public let scale: Double
  /// Standard deviation of the noise, in units of the scaled curve.
  public let noise: Double
  /// Range of θ, radians.
  public let thetaRange: ClosedRange<Double>
  /// Key of all draws.
  public let seed: UInt64

  /// Describes a point set; what is left out takes the curve's own default.
  /// - Precondition: `scale` > 0, `noise` ≥ 0, both finite, and a θ range that is not empty.
  public init(
    curve: Curve, scale: Double? = nil, noise: Double? = nil,
    thetaRange: ClosedRange<Double>? = nil, seed: UInt64
  ) {
    self.curve = curve
    self.scale = scale ?? curve.defaultScale
    self.noise = noise ?? curve.defaultNoise
    self.thetaRange = thetaRange ?? curve.defaultThetaRange
    self.seed = seed
    precondition(self.scale > 0 && self.scale.isFinite, "scale must be positive, got \(self.scale)")
    precondition(self.noise >= 0 && self.noise.isFinite, "noise must be ≥ 0, got \(self.noise)")
    precondition(
      self.thetaRange.lowerBound < self.thetaRange.upperBound,
      "the range of theta must not be empty, got \(self.thetaRange)")
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

  /// The order of draws (component, θ, three normals) is part of the data's definition.
  package func draw(_ index: Int, key: UInt32) -> SIMD3<Double> {
    precondition(index >= 0, "a sample index must not be negative, got \(index)")
    var random = SampleRandom(seed: seed, purpose: .data, step: key, sample: UInt64(index))
    let component = random.integer(below: curve.componentCount)
    let span = thetaRange.upperBound - thetaRange.lowerBound
    let theta = thetaRange.lowerBound + span * random.uniform()
    let centre = scale * curve.point(component: component, theta: theta)
    let noiseVector = SIMD3(random.normal(), random.normal(), random.normal())
    return centre + noise * noiseVector
  }
}
