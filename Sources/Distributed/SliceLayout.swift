/// Which elements of a flat vector of length N each of P ranks owns.
///
/// Slice p starts at ⌊p N / P⌋ rounded down to a multiple of 16 elements (one cache line of Float);
/// the last slice takes the rest. Slices of a short vector may be empty. Pure.
public struct SliceLayout: Equatable, Sendable {
  /// N, the length of the vector.
  public let count: Int
  /// P, the number of slices.
  public let ranks: Int

  /// Slices of `count` elements over `ranks` ranks.
  public init(count: Int, ranks: Int) {
    precondition(count >= 0 && ranks > 0, "expected N ≥ 0 and P > 0, got \(count) and \(ranks)")
    self.count = count
    self.ranks = ranks
  }

  /// The elements that rank p owns.
  public subscript(rank: Int) -> Range<Int> { start(of: rank)..<start(of: rank + 1) }

  private func start(of rank: Int) -> Int {
    rank == ranks ? count : (rank * count / ranks) & ~15
  }
}
