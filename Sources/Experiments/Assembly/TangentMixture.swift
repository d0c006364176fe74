import Datasets
import Flows
import Foundation

/// A mixture of Gaussians on tangent planes of the unit sphere, each seen by stereographic projection,
/// and of the uniform density with a fixed weight b; per unit of area.
///
///     p(x) = b / 4π + (1 − b) Σ_k w_k N(u_k(x); μ_k, Σ_k) exp(−logVolumeElement_k(x))
package struct TangentMixture {
  /// One Gaussian with its plane.
  package struct Component {
    /// w_k; all add up to one.
    package var weight: Double
    package var chart: StereographicChart
    /// μ, [2].
    package var mean: [Double]
    /// Lower Cholesky factor L of Σ = L Lᵀ, [2, 2].
    package var factor: [Double]

    /// log N(u(x); μ, Σ) − logVolumeElement(x), in nats per unit of area.
    package func logDensity(of x: (Double, Double, Double)) -> Double {
      TangentDensity(self).logDensity(of: x)
    }
  }

  package private(set) var components: [Component]
  /// b.
  package let background: Double

  /// Fits the mixture by expectation-maximisation from a k-means start.
  ///
  /// Each round puts a component's plane at its mean direction and takes mean and covariance there.
  /// Depends on rows and seed only. Not collective.
  ///
  /// - Parameters:
  ///   - rows: points of the sphere, [n, 3].
  ///   - regularisation: share of the rows' mean variance that is added to each variance.
  /// - Complexity: O(n K) a round.
  package static func fit(
    to rows: [Double], componentCount: Int, background: Double, seed: UInt64,
    maximumIterations: Int = 100, tolerance: Double = 1e-5, regularisation: Double = 1e-6
  ) -> TangentMixture {
    let points = stride(from: 0, to: rows.count, by: 3).map {
      (rows[$0], rows[$0 + 1], rows[$0 + 2])
    }
    let sum = directionSum(points, [Double](repeating: 1, count: points.count))
    let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot() / Double(points.count)
    let ridge = regularisation * max((1 - length * length) / 3, 1e-12)
    let centres = KMeans.centres(
      of: rows, dimension: 3, count: componentCount, seed: seed, iterations: 10)
    var mixture = TangentMixture(
      components: (0..<componentCount).map { k in
        // Opposite points may have their mean at the origin.
        let centre = Array(centres[3 * k..<3 * k + 3])
        let isDirection = centre.contains { abs($0) > 1e-6 }
        return Component(
          weight: 1 / Double(componentCount),
          chart: StereographicChart(centre: isDirection ? centre : [0, 0, 1]), mean: [0, 0],
          factor: [1, 0, 0, 1])
      }, background: background)
    var shares = nearest(points, centres)
    var previous = -Double.infinity
    for _ in 0..<maximumIterations {
      for k in 0..<componentCount { mixture.update(k, points, shares[k], ridge: ridge) }
      // What the background takes is none of theirs.
      let total = mixture.components.reduce(0) { $0 + $1.weight }
      for k in 0..<componentCount { mixture.components[k].weight /= total }
      let gained = mixture.evaluate(points, &shares)
      if gained - previous < tolerance { break }
      previous = gained
    }
    return mixture
  }

  private init(components: [Component], background: Double) {
    self.components = components
    self.background = background
  }

  // MARK: -

  /// Each point wholly with its nearest centre, the lowest of equals, [K][n].
  private static func nearest(
    _ points: [(Double, Double, Double)], _ centres: [Double]
  ) -> [[Double]] {
    let count = centres.count / 3
    var shares = [[Double]](
      repeating: [Double](repeating: 0, count: points.count), count: count)
    for (n, x) in points.enumerated() {
      var (best, shortest) = (0, Double.infinity)
      for k in 0..<count {
        let (a, b, c) = (x.0 - centres[3 * k], x.1 - centres[3 * k + 1], x.2 - centres[3 * k + 2])
        let distance = a * a + b * b + c * c
        if distance < shortest { (best, shortest) = (k, distance) }
      }
      shares[best][n] = 1
    }
    return shares
  }

  private static func directionSum(
    _ points: [(Double, Double, Double)], _ shares: [Double]
  ) -> [Double] {
    var sum = [0.0, 0, 0]
    for (x, r) in zip(points, shares) where r > 0 {
      sum[0] += r * x.0
      sum[1] += r * x.1
      sum[2] += r * x.2
    }
    return sum
  }

  /// The M-step of a component; one without points keeps its shape, with weight zero.
  private mutating func update(
    _ k: Int, _ points: [(Double, Double, Double)], _ shares: [Double], ridge: Double
  ) {
    let total = shares.reduce(0, +)
    components[k].weight = total > 1e-9 ? total / Double(points.count) : 0
    guard total > 1e-9 else { return }
    let direction = Self.directionSum(points, shares)
    if direction.contains(where: { abs($0) > 1e-9 * total }) {
      components[k].chart = StereographicChart(centre: direction)
    }
    let chart = components[k].chart
    // A point near the pole would rule the moments alone; it counts as one a quarter turn away.
    func place(_ x: (Double, Double, Double)) -> (Double, Double) {
      let u = chart.chartPoint(of: x).u
      let radius = (u.0 * u.0 + u.1 * u.1).squareRoot()
      return radius > 2 ? (2 * u.0 / radius, 2 * u.1 / radius) : u
    }
    var (mean, square) = ((0.0, 0.0), (0.0, 0.0, 0.0))
    for (x, r) in zip(points, shares) where r > 1e-12 {
      let u = place(x)
      mean.0 += r * u.0
      mean.1 += r * u.1
      square.0 += r * u.0 * u.0
      square.1 += r * u.0 * u.1
      square.2 += r * u.1 * u.1
    }
    mean = (mean.0 / total, mean.1 / total)
    let variance = max(square.0 / total - mean.0 * mean.0, 0) + ridge
    let covariance = square.1 / total - mean.0 * mean.1
    let first = variance.squareRoot()
    let lower = covariance / first
    let rest = max(square.2 / total - mean.1 * mean.1, 0) + ridge - lower * lower
    components[k].mean = [mean.0, mean.1]
    components[k].factor = [first, 0, lower, max(rest, 0.5 * ridge).squareRoot()]
  }

  /// The E-step: shares of all points, [K][n], and the mean log-density.
  private func evaluate(
    _ points: [(Double, Double, Double)], _ shares: inout [[Double]]
  ) -> Double {
    let densities = components.map { TangentDensity($0) }
    let logWeights = components.map { log($0.weight * (1 - background)) }
    let uniform = log(background / (4 * .pi))
    var joint = [Double](repeating: 0, count: components.count)
    var sum = 0.0
    for (n, x) in points.enumerated() {
      var largest = uniform
      for k in densities.indices {
        joint[k] = densities[k].logDensity(of: x) + logWeights[k]
        largest = max(largest, joint[k])
      }
      var total = exp(uniform - largest)
      for k in joint.indices {
        // What is smaller is lost in a sum of one at least; most components are far away.
        joint[k] = joint[k] - largest > -40 ? exp(joint[k] - largest) : 0
        total += joint[k]
      }
      for k in joint.indices { shares[k][n] = joint[k] / total }
      sum += largest + log(total)
    }
    return sum / Double(points.count)
  }
}
