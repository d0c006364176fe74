/// The largest mean log-likelihood any model can reach: E[log p*(x)] = −entropy, in nats, per unit of
/// what the exact density is measured in (volume, on the sphere area).
public struct EntropyCeiling: Sendable, Equatable, Codable {
  /// Mean of log p* over fresh samples.
  public let mean: Double
  /// Standard error of that mean.
  public let standardError: Double
  /// Number of samples.
  public let count: Int

  /// Averages log p* over points that belong to none of train, validation and test.
  /// - Parameters:
  ///   - generator: the point set; its noise must be positive.
  ///   - count: number of fresh samples, at least 2. 10,000 give a standard error near 0.01.
  public init(of generator: PointGenerator, count: Int = 10_000) {
    precondition(count >= 2, "a standard error needs two samples, got \(count)")
    let density = ExactDensity(generator)
    var sum = 0.0
    var squares = 0.0
    // Deviations from the first value: log p* is a few nats wide, so no digits cancel.
    let first = density.logProbability(of: generator.draw(0, key: PointGenerator.ceilingKey))
    for index in 1..<count {
      let point = generator.draw(index, key: PointGenerator.ceilingKey)
      let deviation = density.logProbability(of: point) - first
      sum += deviation
      squares += deviation * deviation
    }
    let meanDeviation = sum / Double(count)
    let variance = (squares - sum * meanDeviation) / Double(count - 1)
    mean = first + meanDeviation
    standardError = (variance / Double(count)).squareRoot()
    self.count = count
  }
}
