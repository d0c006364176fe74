#if canImport(Glibc)
  import Glibc
#endif

extension VonMisesFisherMixture {
  /// Fits K components and the uniform density by expectation–maximisation, from a k-means start keyed
  /// by the seed.
  ///
  /// The uniform density, the last component, keeps a thousandth of the weight at least: without it one
  /// point far from all others decides the score of a mixture of narrow components.
  /// The result depends on the rows and the seed only. Not collective.
  /// - Parameters:
  ///   - rows: training points, unit vectors, [n, 3].
  ///   - componentCount: K; at most n.
  ///   - smallestWidth: radians; no component is narrower (κ ≤ 1/width²).
  ///   - maximumIterations: upper bound on the rounds.
  ///   - tolerance: stops when a round gains less than this many nats per point.
  /// - Complexity: O(n K) a round.
  package static func fit(
    to rows: [Double], componentCount: Int, seed: UInt64, smallestWidth: Double,
    maximumIterations: Int = 100, tolerance: Double = 1e-4
  ) -> VonMisesFisherMixture {
    let points = SphericalKernel.directions(rows)
    precondition(
      (1...points.count).contains(componentCount), "\(componentCount) of \(points.count) points")
    let centres = KMeans.centres(
      of: rows, dimension: 3, count: componentCount, seed: seed, iterations: 5)
    let groups = points.indices.map {
      KMeans.nearest(to: $0, of: rows, dimension: 3, centres: centres).index
    }
    var mixture = VonMisesFisherMixture(rows: rows, groups: groups, smallestWidth: smallestWidth)
    let largest = SphericalKernel.concentration(width: smallestWidth)
    mixture.weights = mixture.weights.map { 0.99 * $0 } + [0.01]
    mixture.means.append(SIMD3(0, 0, 1))
    mixture.concentrations.append(0)
    let background = mixture.componentCount - 1
    var terms = [Double](repeating: 0, count: mixture.componentCount)
    var previous = -Double.infinity
    for _ in 0..<maximumIterations {
      var statistics = VonMisesFisherStatistics(count: mixture.componentCount)
      let constants = mixture.logConstants
      var logLikelihood = 0.0
      for point in points {
        logLikelihood += mixture.evaluate(point, constants, &terms)
        for k in terms.indices where terms[k] > 0 {
          statistics.add(point, to: k, weight: terms[k])
        }
      }
      for k in terms.indices {
        let least = k == background ? 1e-3 * Double(points.count) : 1e-12
        mixture.weights[k] = max(statistics.totals[k], least) / Double(points.count)
        guard k != background else { continue }
        guard statistics.totals[k] > 1e-9 else { continue }
        let component = statistics.component(k, largestConcentration: largest)
        (mixture.means[k], mixture.concentrations[k]) = (component.mean, component.concentration)
      }
      let total = mixture.weights.reduce(0, +)
      mixture.weights = mixture.weights.map { $0 / total }
      logLikelihood /= Double(points.count)
      if logLikelihood - previous < tolerance { break }
      previous = logLikelihood
    }
    return mixture
  }

  /// The mixture whose number of components is best on validation points: a largest, its half, its
  /// quarter and so on down to about 12, and the uniform density.
  ///
  /// Stops at the second number in a row that does not improve.
  /// - Parameters:
  ///   - validation: unit vectors, [m, 3]; without any the largest number is taken.
  ///   - largestCount: the most components; no more than a third of the training points.
  package static func chosen(
    training: [Double], validation: [Double], largestCount: Int = 400, seed: UInt64,
    smallestWidth: Double
  ) -> VonMisesFisherMixture {
    let largest = max(1, min(largestCount, training.count / 9))
    var counts = [largest]
    while let first = counts.first, first > 12 { counts.insert(first / 2, at: 0) }
    if validation.isEmpty { counts = [largest] }
    var best: (mixture: VonMisesFisherMixture, score: Double)?
    var failures = 0
    for count in counts where failures < 2 {
      let mixture = fit(
        to: training, componentCount: count, seed: seed, smallestWidth: smallestWidth)
      let values = mixture.logProbability(of: validation)
      let score = values.reduce(0, +) / Double(max(1, values.count))
      if best == nil || score > best!.score {
        best = (mixture, score)
        failures = 0
      } else {
        failures += 1
      }
    }
    guard let best else { preconditionFailure("there is at least one count") }
    return best.mixture
  }
}
