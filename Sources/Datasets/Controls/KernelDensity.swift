#if canImport(Glibc)
  import Glibc
#endif

/// A Gaussian kernel density with one fixed bandwidth, p(x) = mean_i N(x; y_i, h² I): a yardstick for
/// samples, not a model (Theis, van den Oord & Bethge, 2016, on what it does not measure).
package struct KernelDensity: Sendable {
  /// D.
  package let dimension: Int
  /// h.
  package let bandwidth: Double
  private let centres: [Double]

  /// - Parameters:
  ///   - centres: points that the kernels sit on, [n, D], at least one.
  ///   - bandwidth: h > 0.
  package init(_ centres: [Double], dimension: Int, bandwidth: Double) {
    precondition(!centres.isEmpty && centres.count % dimension == 0, "kernels need points")
    precondition(bandwidth > 0, "a bandwidth is positive, got \(bandwidth)")
    (self.centres, self.dimension, self.bandwidth) = (centres, dimension, bandwidth)
  }

  /// log p(x) of each row, [rows], in nats per unit volume; finite for finite points.
  /// - Complexity: O(rows n D).
  package func logProbability(of rows: [Double]) -> [Double] {
    let (d, count) = (dimension, centres.count / dimension)
    let factor = -0.5 / (bandwidth * bandwidth)
    let constant =
      -log(Double(count)) - 0.5 * Double(d) * log(2 * .pi * bandwidth * bandwidth)
    var distances = [Double](repeating: 0, count: count)
    return (0..<rows.count / d).map { row in
      var nearest = Double.infinity
      centres.withUnsafeBufferPointer { centres in
        rows.withUnsafeBufferPointer { rows in
          for i in 0..<count {
            var distance = 0.0
            for axis in 0..<d {
              let offset = centres[i * d + axis] - rows[row * d + axis]
              distance += offset * offset
            }
            distances[i] = distance
            nearest = min(nearest, distance)
          }
        }
      }
      var sum = 0.0
      // Terms below e⁻⁴⁰ are lost in a sum that is at least 1.
      let farthest = nearest - 40 / factor
      for distance in distances where distance <= farthest {
        sum += exp(factor * (distance - nearest))
      }
      return constant + factor * nearest + log(sum)
    }
  }

  /// The bandwidth of Scott's rule, the mean deviation of the columns times n^{−1/(D+4)}.
  package static func scottBandwidth(_ rows: [Double], dimension: Int) -> Double {
    let count = Double(rows.count / dimension)
    let deviation = GaussianMixture.meanVariance(rows, dimension).squareRoot()
    return max(deviation, 1e-300) * pow(count, -1 / Double(dimension + 4))
  }
}
