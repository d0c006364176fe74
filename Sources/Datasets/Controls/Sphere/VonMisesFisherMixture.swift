#if canImport(Glibc)
  import Glibc
#endif

/// A mixture of von Mises–Fisher distributions on S², p(x) = Σ_k w_k C(κ_k) e^{κ_k (x·μ_k − 1)}: the plain
/// control for places on the globe (Banerjee, Dhillon, Ghosh & Sra, JMLR 2005).
package struct VonMisesFisherMixture: Sendable, Equatable {
  /// Weights w_k, [K]; they add up to 1.
  package internal(set) var weights: [Double]
  /// Mean directions μ_k, unit vectors, [K].
  package internal(set) var means: [SIMD3<Double>]
  /// Concentrations κ_k, [K]; 1/√κ is about the width in radians.
  package internal(set) var concentrations: [Double]

  /// Number of components, K.
  package var componentCount: Int { weights.count }

  /// log p(x) of each row, [rows], in nats per unit area.
  /// - Parameter rows: unit vectors, [rows, 3].
  /// - Complexity: O(rows K).
  package func logProbability(of rows: [Double]) -> [Double] {
    let constants = logConstants
    var terms = [Double](repeating: 0, count: componentCount)
    return SphericalKernel.directions(rows).map { evaluate($0, constants, &terms) }
  }

  /// log w_k + log C(κ_k).
  var logConstants: [Double] {
    (0..<componentCount).map {
      log(weights[$0]) + SphericalKernel.logNormalisation(concentrations[$0])
    }
  }

  /// log p(x), and p(k | x) into `terms`; those below e⁻⁴⁰ of the largest become 0.
  func evaluate(
    _ x: SIMD3<Double>, _ constants: [Double], _ terms: inout [Double]
  ) -> Double {
    var largest = -Double.infinity
    for k in terms.indices {
      let term = constants[k] - concentrations[k] * SphericalKernel.halfChord(x, means[k])
      terms[k] = term
      largest = max(largest, term)
    }
    guard largest.isFinite else { return -.infinity }
    var sum = 0.0
    for k in terms.indices {
      let exponent = terms[k] - largest
      let term = exponent > -40 ? exp(exponent) : 0
      terms[k] = term
      sum += term
    }
    let scale = 1 / sum
    for k in terms.indices where terms[k] > 0 { terms[k] *= scale }
    return largest + log(sum)
  }

  // MARK: - From given groups

  /// One component for each group of rows, with the group's share as weight: per-chart distributions.
  ///
  /// - Parameters:
  ///   - rows: unit vectors, [n, 3].
  ///   - groups: group of each row, [n]; groups without rows get no component.
  ///   - smallestWidth: radians; no component is narrower.
  package init(rows: [Double], groups: [Int], smallestWidth: Double) {
    let points = SphericalKernel.directions(rows)
    precondition(points.count == groups.count && !groups.isEmpty, "a group for each of the rows")
    var statistics = VonMisesFisherStatistics(count: (groups.max() ?? 0) + 1)
    for (point, group) in zip(points, groups) { statistics.add(point, to: group, weight: 1) }
    (weights, means, concentrations) = ([], [], [])
    let largest = SphericalKernel.concentration(width: smallestWidth)
    for group in statistics.totals.indices where statistics.totals[group] > 0 {
      weights.append(statistics.totals[group] / Double(groups.count))
      let component = statistics.component(group, largestConcentration: largest)
      means.append(component.mean)
      concentrations.append(component.concentration)
    }
  }

  init(weights: [Double], means: [SIMD3<Double>], concentrations: [Double]) {
    (self.weights, self.means, self.concentrations) = (weights, means, concentrations)
  }
}

/// Weighted sums of the directions of each component.
struct VonMisesFisherStatistics {
  /// Σ r, [K].
  private(set) var totals: [Double]
  /// Σ r x, [K].
  private var sums: [SIMD3<Double>]
  /// The resultant, where a component has hardly any weight, is that of its last place.
  private var last: [SIMD3<Double>]

  init(count: Int) {
    totals = [Double](repeating: 0, count: count)
    sums = [SIMD3<Double>](repeating: SIMD3(), count: count)
    last = [SIMD3<Double>](repeating: SIMD3(0, 0, 1), count: count)
  }

  mutating func add(_ point: SIMD3<Double>, to component: Int, weight: Double) {
    totals[component] += weight
    sums[component] += weight * point
    last[component] = point
  }

  /// Maximum likelihood: μ = Σ/|Σ|, and κ from coth κ − 1/κ = |Σ|/Σr, at most the given one.
  func component(
    _ k: Int, largestConcentration: Double
  ) -> (mean: SIMD3<Double>, concentration: Double) {
    let length = (sums[k] * sums[k]).sum().squareRoot()
    guard totals[k] > 0, length > 1e-12 * totals[k] else { return (last[k], 1e-6) }
    let resultant = length / totals[k]
    return (
      sums[k] / length,
      min(largestConcentration, Self.concentration(resultant: resultant))
    )
  }

  /// κ of a mean resultant length R: the start of Banerjee et al. (2005), κ = R (3 − R²)/(1 − R²), then
  /// Newton steps on A(κ) = coth κ − 1/κ, A' = 1 − A² − 2A/κ, which is exact in three dimensions.
  static func concentration(resultant: Double) -> Double {
    // Below 1e-3 coth κ − 1/κ is κ/3 to seven digits; near 1 it is 1 − 1/κ to all.
    if resultant < 1e-3 { return max(1e-6, 3 * resultant) }
    let rest = max(1 - resultant, 1e-16)
    var kappa = resultant * (3 - resultant * resultant) / (rest * (1 + resultant))
    if kappa > 50 { return 1 / rest }
    for _ in 0..<20 {
      let value = 1 / tanh(kappa) - 1 / kappa
      let slope = 1 - value * value - 2 * value / kappa
      let next = kappa - (value - resultant) / slope
      let isDone = abs(next - kappa) < 1e-12 * kappa
      kappa = max(1e-6, next)
      if isDone { break }
    }
    return kappa
  }
}
