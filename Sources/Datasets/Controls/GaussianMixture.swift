#if canImport(Glibc)
  import Glibc
#endif

/// A mixture of K Gaussians with full covariance: the control that every flow has to beat.
///
/// p(x) = Σ_k w_k N(x; μ_k, Σ_k). Fitted by `GaussianMixture.fit`.
public struct GaussianMixture: Sendable, Equatable {
  /// Dimension of the data, D.
  public let dimension: Int
  /// Weights w_k, [K]; they add up to 1.
  public internal(set) var weights: [Double]
  /// Means μ_k, [K, D].
  public internal(set) var means: [Double]
  /// Lower Cholesky factors L_k of Σ_k = L_k L_kᵀ, [K, D, D], row after row.
  public internal(set) var choleskyFactors: [Double]

  /// Number of components, K.
  public var componentCount: Int { weights.count }

  /// log p(x) of each row, [rows], in nats per unit volume.
  /// - Parameter rows: points, [rows, D], row after row.
  public func logProbability(of rows: [Double]) -> [Double] {
    precondition(
      rows.count % dimension == 0, "\(rows.count) numbers are not rows of \(dimension)")
    var block = MixtureBlock(dimension: dimension, componentCount: componentCount)
    var result: [Double] = []
    result.reserveCapacity(rows.count / dimension)
    let total = rows.count / dimension
    for start in stride(from: 0, to: total, by: MixtureBlock.capacity) {
      let count = min(MixtureBlock.capacity, total - start)
      block.load(rows, from: start, count: count)
      block.evaluate(self)
      for place in 0..<count { result.append(block.logDensity[place]) }
    }
    return result
  }

  /// Mean log-likelihood of rows and its standard error, in nats.
  public func logLikelihood(of rows: [Double]) -> (mean: Double, standardError: Double) {
    let values = logProbability(of: rows)
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let variance = squares / Double(max(values.count - 1, 1))
    return (mean, (variance / Double(values.count)).squareRoot())
  }
}
