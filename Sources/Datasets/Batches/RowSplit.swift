import Tensors

/// Which rows of a table train, validate and test: a division by seed into disjoint parts.
///
/// A keyed permutation orders the rows; the parts are consecutive runs of that order. Every row is in
/// exactly one part, and no rank stores a list of rows.
public struct RowSplit: Sendable {
  private let order: KeyedPermutation
  private let boundaries: [Int]

  /// Cuts `count` rows by fractions.
  ///
  /// Sizes are rounded at the cumulated boundaries, so they add up to `count`.
  /// - Precondition: fractions are ≥ 0 and add up to 1 within 1e-9.
  public init(
    count: Int, trainFraction: Double, validationFraction: Double, testFraction: Double,
    seed: UInt64
  ) {
    let fractions = [trainFraction, validationFraction, testFraction]
    precondition(
      fractions.allSatisfy { $0 >= 0 } && abs(fractions.reduce(0, +) - 1) < 1e-9,
      "fractions must be ≥ 0 and add up to 1, got \(fractions)")
    order = KeyedPermutation(count: count, seed: seed, purpose: .split)
    let trainEnd = Int((Double(count) * trainFraction).rounded())
    let validationEnd = Int((Double(count) * (trainFraction + validationFraction)).rounded())
    boundaries = [0, trainEnd, max(trainEnd, min(count, validationEnd)), count]
  }

  /// Number of rows in a part.
  public func count(of split: DatasetSplit) -> Int {
    let part = Int(split.key)
    return boundaries[part + 1] - boundaries[part]
  }

  /// Row of the table that stands at a place of a part.
  /// - Precondition: `place` is in 0..<count(of: split).
  public func row(_ place: Int, of split: DatasetSplit) -> Int {
    precondition(
      place >= 0 && place < count(of: split), "place \(place) is not in the \(split) part")
    return order[boundaries[Int(split.key)] + place]
  }
}
