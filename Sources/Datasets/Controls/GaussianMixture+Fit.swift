import Tensors

#if canImport(Glibc)
  import Glibc
#endif

extension GaussianMixture {
  /// Fits a mixture by expectation-maximisation (Dempster, Laird & Rubin, 1977).
  ///
  /// Start: k-means++ (Arthur & Vassilvitskii, 2007) keyed by the seed, five Lloyd steps. Each covariance
  /// gets `regularisation` times the data's mean variance on its diagonal, so a component that
  /// collapses to a point or a plane keeps a density. The result depends on the rows and the seed only.
  /// Every caller with the same rows gets the same mixture, whoever computes the pieces.
  /// - Parameters:
  ///   - rows: training points, [n, D], row after row.
  ///   - dimension: D.
  ///   - componentCount: K; at most n.
  ///   - seed: key of the start.
  ///   - maximumIterations: upper bound on the rounds.
  ///   - tolerance: stops when a round gains less than this many nats per point.
  ///   - regularisation: share of the mean variance added to each variance.
  /// - Complexity: O(n K D²) a round.
  public static func fit(
    to rows: [Double], dimension: Int, componentCount: Int, seed: UInt64,
    maximumIterations: Int = 100, tolerance: Double = 1e-5, regularisation: Double = 1e-6
  ) -> GaussianMixture {
    fit(
      to: rows, dimension: dimension, componentCount: componentCount, seed: seed,
      maximumIterations: maximumIterations, tolerance: tolerance, regularisation: regularisation
    ) { count, body in (0..<count).map(body) }
  }

  /// The same mixture, the rounds cut into pieces that the ranks of a job may share out.
  ///
  /// - Parameter pieces: computes the numbers of so many pieces of a round, in order.
  package static func fit(
    to rows: [Double], dimension: Int, componentCount: Int, seed: UInt64,
    maximumIterations: Int, tolerance: Double = 1e-5, regularisation: Double, pieces: PieceMap
  ) rethrows -> GaussianMixture {
    precondition(dimension > 0 && rows.count % dimension == 0, "rows are not of \(dimension)")
    let count = rows.count / dimension
    precondition(
      componentCount > 0 && componentCount <= count, "\(componentCount) components, \(count) rows")
    let ridge = regularisation * max(meanVariance(rows, dimension), 1e-300)
    let centres = KMeans.centres(
      of: rows, dimension: dimension, count: componentCount, seed: seed, iterations: 5)
    var statistics = MixtureStatistics(dimension: dimension, centres: centres)
    for row in 0..<count {
      let nearest = KMeans.nearest(to: row, of: rows, dimension: dimension, centres: centres).index
      statistics.add(rows, row: row, to: nearest)
    }
    var mixture = GaussianMixture(
      dimension: dimension, weights: [Double](repeating: 0, count: componentCount),
      means: centres,
      choleskyFactors: [Double](repeating: 0, count: componentCount * dimension * dimension))
    statistics.update(&mixture, ridge: ridge)

    var previous = -Double.infinity
    for _ in 0..<maximumIterations {
      let fixed = mixture
      let parts = try pieces(pieceCount) { piece in
        expectation(
          fixed, rows, piece * count / pieceCount..<(piece + 1) * count / pieceCount)
      }
      statistics = MixtureStatistics(dimension: dimension, centres: mixture.means)
      var logLikelihood = 0.0
      for part in parts {
        statistics.add(numbers: part.dropLast())
        logLikelihood += part[part.count - 1]
      }
      logLikelihood /= Double(count)
      statistics.update(&mixture, ridge: ridge)
      if logLikelihood - previous < tolerance { break }
      previous = logLikelihood
    }
    return mixture
  }

  /// Computes what `body` gives for 0 ..< count, in order.
  package typealias PieceMap = (_ count: Int, _ body: (Int) -> [Double]) throws -> [[Double]]

  /// Parts of the rows whose sums are added up in order: as many on any number of ranks.
  private static let pieceCount = 16

  /// The statistics of some rows under a mixture, and behind them Σ log p(x).
  private static func expectation(
    _ mixture: GaussianMixture, _ rows: [Double], _ range: Range<Int>
  ) -> [Double] {
    var statistics = MixtureStatistics(dimension: mixture.dimension, centres: mixture.means)
    var block = MixtureBlock(
      dimension: mixture.dimension, componentCount: mixture.componentCount)
    var logLikelihood = 0.0
    for start in stride(from: range.lowerBound, to: range.upperBound, by: MixtureBlock.capacity) {
      block.load(rows, from: start, count: min(MixtureBlock.capacity, range.upperBound - start))
      block.evaluate(mixture)
      statistics.add(block)
      for place in 0..<block.count { logLikelihood += block.logDensity[place] }
    }
    return statistics.numbers + [logLikelihood]
  }

  static func meanVariance(_ rows: [Double], _ dimension: Int) -> Double {
    let count = Double(rows.count / dimension)
    var total = 0.0
    for axis in 0..<dimension {
      let column = stride(from: axis, to: rows.count, by: dimension)
      let mean = column.reduce(0) { $0 + rows[$1] } / count
      total += column.reduce(0) { $0 + (rows[$1] - mean) * (rows[$1] - mean) } / count
    }
    return total / Double(dimension)
  }
}
