import MPI

/// How ranks are dealt to independent trainings: folds of a cross-validation times charts that are
/// fitted alone. What remains within a training are its data ranks.
///
/// Computed from sizes alone, so that every rank knows the whole mesh without a message. With fewer
/// ranks than trainings, trainings queue; with more, each gets several data ranks. A training's
/// result does not depend on this layout. Pure.
public struct MeshLayout: Equatable, Sendable {
  /// One training of the mesh.
  public struct Coordinate: Equatable, Hashable, Sendable {
    /// Number of the fold.
    public let fold: Int
    /// Number of the chart.
    public let chart: Int
  }

  /// All ranks of the job.
  public let ranks: Int
  /// Folds of the cross-validation, 1 without one.
  public let folds: Int
  /// Charts that are fitted independently, 1 for a joint fit.
  public let charts: Int
  /// Groups of ranks that work at the same time.
  public let groups: Int

  /// - Throws: `ShardTreeError` if a group would have more ranks than `shards`.
  public init(ranks: Int, folds: Int, charts: Int = 1, shards: Int) throws {
    precondition(
      ranks > 0 && folds > 0 && charts > 0,
      "expected positive sizes, got \(ranks) ranks, \(folds) folds, \(charts) charts")
    self.ranks = ranks
    self.folds = folds
    self.charts = charts
    groups = min(ranks, folds * charts)
    try ShardTree(shards: shards).requireFits(ranks: (ranks + groups - 1) / groups)
  }

  /// The ranks of a group: ⌊g P / G⌋ ..< ⌊(g + 1) P / G⌋.
  public func ranks(ofGroup group: Int) -> Range<Int> {
    group * ranks / groups..<(group + 1) * ranks / groups
  }

  /// The group of a rank.
  public func group(ofRank rank: Int) -> Int {
    precondition(0..<ranks ~= rank, "expected a rank in 0..<\(ranks), got \(rank)")
    // The largest g with ⌊g P / G⌋ ≤ rank.
    return ((rank + 1) * groups - 1) / ranks
  }

  /// The trainings of a group, in the order in which it does them: g, g + G, g + 2G, …
  public func trainings(ofGroup group: Int) -> [Coordinate] {
    stride(from: group, to: folds * charts, by: groups).map {
      Coordinate(fold: $0 / charts, chart: $0 % charts)
    }
  }
}

extension Communicator {
  /// The data ranks of this rank's group in `layout`. Collective.
  ///
  /// While groups work at their own speeds, nobody may use the communicator of all ranks.
  public func split(by layout: MeshLayout) throws -> Communicator {
    precondition(
      layout.ranks == size, "expected a layout of \(size) ranks, got one of \(layout.ranks)")
    return try split(color: layout.group(ofRank: rank), key: rank)
  }
}
