import Foundation

/// Points of S² with weights, for integrals per unit of area.
struct SphereGrid {
  /// [N][3].
  let points: [[Double]]
  /// Areas, [N]; they add up to 4π.
  let weights: [Double]

  /// Gauss–Legendre in height times midpoints in longitude: exact for polynomials of degree below twice
  /// the number of heights.
  init(heights: Int = 64, longitudes: Int = 128) {
    var points: [[Double]] = []
    var weights: [Double] = []
    for (z, weight) in Self.gaussLegendre(heights) {
      let radius = (1 - z * z).squareRoot()
      for i in 0..<longitudes {
        let phi = (Double(i) + 0.5) * 2 * Double.pi / Double(longitudes)
        points.append([radius * cos(phi), radius * sin(phi), z])
        weights.append(weight * 2 * Double.pi / Double(longitudes))
      }
    }
    self.points = points
    self.weights = weights
  }

  func integral(_ values: [Double]) -> Double { zip(weights, values).map(*).reduce(0, +) }

  /// Roots of the Legendre polynomial by Newton's method, with their weights.
  private static func gaussLegendre(_ count: Int) -> [(node: Double, weight: Double)] {
    (0..<count).map { i in
      var x = cos(Double.pi * (Double(i) + 0.75) / (Double(count) + 0.5))
      var slope = 0.0
      for _ in 0..<100 {
        var (p, previous) = (1.0, 0.0)
        for n in 0..<count {
          (p, previous) = ((Double(2 * n + 1) * x * p - Double(n) * previous) / Double(n + 1), p)
        }
        slope = Double(count) * (x * p - previous) / (x * x - 1)
        let step = p / slope
        x -= step
        if abs(step) < 1e-15 { break }
      }
      return (x, 2 / ((1 - x * x) * slope * slope))
    }
  }
}
