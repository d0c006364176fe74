import Tensors

#if canImport(Glibc)
  import Glibc
#endif

/// Gaussian noise with a width for each training row, which may vary from step to step.
///
/// In space: x + w ε, ε ~ N(0, I). On the unit sphere the step is taken in the tangent plane at x, and
/// the point is brought back along the ray to the centre. The width is w = max(floor, w_row e^{a η}),
/// η ~ N(0, 1), so that with a > 0 all scales appear in turn.
package struct PointNoise: RowNoise {
  /// Width of each row, [n], or one number for all.
  private let widths: [Double]
  /// Standard deviation of the logarithm of the width, a.
  private let spread: Double
  private let floor: Double
  private let dimension: Int
  private let isSpherical: Bool
  private let seed: UInt64

  private init(
    widths: [Double], spread: Double, floor: Double, dimension: Int, isSpherical: Bool,
    seed: UInt64
  ) {
    precondition(!isSpherical || dimension == 3, "the sphere has 3 coordinates, not \(dimension)")
    self.widths = widths
    self.spread = spread
    self.floor = floor
    self.dimension = dimension
    self.isSpherical = isSpherical
    self.seed = seed
  }

  /// The same width for all rows, in the units of the rows; on the sphere in radians.
  package init(
    width: Double, spread: Double = 0, floor: Double = 0, dimension: Int, isSpherical: Bool = false,
    seed: UInt64
  ) {
    self.init(
      widths: [width], spread: spread, floor: floor, dimension: dimension,
      isSpherical: isSpherical, seed: seed)
  }

  /// Data-scaled noise: `factor` times the distance of each row to its k-th nearest neighbour among
  /// the rows; along the sphere where they lie on it.
  ///
  /// - Parameters:
  ///   - rows: training rows, [n, D].
  ///   - neighbour: k.
  /// - Complexity: O(n log² n) in few dimensions; 13,000 points take a tenth of a second.
  package init(
    scaledTo rows: [Double], dimension: Int, neighbour: Int, factor: Double, spread: Double,
    floor: Double = 0, isSpherical: Bool = false, seed: UInt64
  ) {
    let tree = NeighbourTree(rows, dimension: dimension)
    let widths = tree.distances(toNeighbour: neighbour).map { distance in
      // A chord c of the unit sphere spans the angle 2 asin(c/2).
      factor * (isSpherical ? 2 * asin(min(1, distance / 2)) : distance)
    }
    self.init(
      widths: widths, spread: spread, floor: floor, dimension: dimension,
      isSpherical: isSpherical, seed: seed)
  }

  package func move(_ points: UnsafeMutablePointer<Float>, rows: [Int], step: Int) {
    let step = UInt32(truncatingIfNeeded: step)
    for (place, row) in rows.enumerated() {
      var random = SampleRandom(seed: seed, purpose: .noise, step: step, sample: UInt64(row))
      var width = widths.count == 1 ? widths[0] : widths[row]
      // The order of draws (logarithm of the width, coordinates) is part of a run's definition.
      if spread > 0 { width *= exp(spread * random.normal()) }
      width = max(floor, width)
      let point = points + place * dimension
      guard isSpherical else {
        for axis in 0..<dimension {
          point[axis] = Float(Double(point[axis]) + width * random.normal())
        }
        continue
      }
      let x = SIMD3(Double(point[0]), Double(point[1]), Double(point[2]))
      var step = SIMD3(random.normal(), random.normal(), random.normal())
      step -= (step * x).sum() / (x * x).sum() * x
      let moved = x + width * step
      let length = (moved * moved).sum().squareRoot()
      for axis in 0..<3 { point[axis] = Float(moved[axis] / length) }
    }
  }
}
