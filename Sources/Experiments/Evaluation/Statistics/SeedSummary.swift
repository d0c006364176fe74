import Foundation

/// A number over several seeds: mean, deviation and the 95 % interval of the mean.
package struct SeedSummary: Codable, Sendable, Equatable {
  /// One value a seed, in the order given.
  package let values: [Double]
  package let mean: Double
  /// Standard deviation over seeds (divisor n − 1); 0 for one seed.
  package let deviation: Double
  /// Half the width of the interval that holds the mean with 95 %, by Student's t with n − 1 degrees
  /// of freedom; nil for one seed, which tells nothing of others.
  package let halfInterval: Double?

  /// - Precondition: at least one value.
  package init(of values: [Double]) {
    precondition(!values.isEmpty, "a summary needs a value")
    self.values = values
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    self.mean = mean
    deviation = (squares / max(1, count - 1)).squareRoot()
    halfInterval =
      values.count < 2
      ? nil
      : StudentT.quantile(0.975, degreesOfFreedom: values.count - 1) * deviation
        / count.squareRoot()
  }

  /// The summary of differences, seed by seed: what both have in common (data, split) cancels.
  ///
  /// - Precondition: equally many values, of the same seeds in the same order.
  package static func paired(_ first: [Double], minus second: [Double]) -> SeedSummary {
    precondition(first.count == second.count, "\(first.count) and \(second.count) values")
    return SeedSummary(of: zip(first, second).map { $0 - $1 })
  }

  /// The interval of the mean.
  package var interval: ClosedRange<Double>? {
    halfInterval.map { mean - $0...mean + $0 }
  }

  /// Half the width as tables and charts show it: nil also where all values are the same, as those of a
  /// control that no seed changes are.
  package var shownHalfInterval: Double? {
    values.allSatisfy { $0 == values[0] } ? nil : halfInterval
  }

  /// Whether the mean is above zero beyond the interval; false where there is none.
  package var isAboveZero: Bool { (interval?.lowerBound ?? -.infinity) > 0 }
}
