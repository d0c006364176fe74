/// A run of consecutive shards.
public struct ShardRange: Equatable, Hashable, Sendable {
  /// The first shard of the run.
  public let first: Int
  /// How many shards the run has.
  public let count: Int
  /// One past the last shard.
  public var end: Int { first + count }
  /// The shard numbers in order.
  public var indices: Range<Int> { first..<end }

  /// The shards first ..< first + count.
  public init(first: Int, count: Int) {
    self.first = first
    self.count = count
  }
}

/// The fixed binary tree over S shards along which everything in a job is summed.
///
/// For w = 1, 2, 4, … < S: t[s] ← t[s] + t[s + w] for every s that is a multiple of 2w; t[0] is the
/// sum. Floating-point addition is not associative, so the tree, not the number of ranks, fixes the
/// bits. Pure, never communicates.
public struct ShardTree: Equatable, Sendable {
  /// S, a power of two.
  public let shards: Int

  /// - Throws: `ShardTreeError` unless `shards` is a power of two.
  public init(shards: Int) throws {
    guard shards > 0, shards & (shards - 1) == 0 else {
      throw ShardTreeError.notAPowerOfTwo(shards: shards)
    }
    self.shards = shards
  }

  /// - Throws: `ShardTreeError` if there are more ranks than shards: some would have no work.
  public func requireFits(ranks: Int) throws {
    if ranks > shards { throw ShardTreeError.moreRanksThanShards(ranks: ranks, shards: shards) }
  }

  /// The shards of rank r of P: ⌊r S / P⌋ ..< ⌊(r + 1) S / P⌋.
  ///
  /// - Precondition: 0 ≤ r < P ≤ S.
  public func range(ofRank rank: Int, of ranks: Int) -> ShardRange {
    precondition(
      0 <= rank && rank < ranks && ranks <= shards,
      "expected a rank below \(ranks) of at most \(shards), got \(rank)")
    let first = rank * shards / ranks
    return ShardRange(first: first, count: (rank + 1) * shards / ranks - first)
  }

  /// The largest aligned sub-trees that make up `range`, in order.
  ///
  /// A sub-tree of 2^k leaves starts at a multiple of 2^k. At most 2 log₂ S of them.
  public func subtrees(of range: ShardRange) -> [ShardRange] {
    var result: [ShardRange] = []
    var first = range.first
    while first < range.end {
      var count = first == 0 ? shards : first & -first
      while first + count > range.end { count /= 2 }
      result.append(ShardRange(first: first, count: count))
      first += count
    }
    return result
  }

  /// The sum of S leaves along the tree: the oracle for every distributed sum.
  ///
  /// - Precondition: S leaves.
  public func sum<Value>(_ leaves: [Value], adding: (Value, Value) -> Value) -> Value {
    precondition(leaves.count == shards, "expected \(shards) leaves, got \(leaves.count)")
    return sum(leaves, of: ShardRange(first: 0, count: shards), adding: adding)
  }

  /// The sum of one sub-tree's leaves along the tree.
  ///
  /// - Precondition: `leaves` are those of `subtree`, which is aligned.
  public func sum<Value>(
    _ leaves: [Value], of subtree: ShardRange, adding: (Value, Value) -> Value
  ) -> Value {
    precondition(
      leaves.count == subtree.count && subtrees(of: subtree) == [subtree],
      "expected the leaves of an aligned sub-tree, got \(leaves.count) for \(subtree)")
    var nodes = leaves
    var width = 1
    while width < nodes.count {
      for node in stride(from: 0, to: nodes.count, by: 2 * width) {
        nodes[node] = adding(nodes[node], nodes[node + width])
      }
      width *= 2
    }
    return nodes[0]
  }
}

/// A number of shards that no training can have.
public enum ShardTreeError: SharedByAllRanks, ExitCodeCarrying, Equatable, CustomStringConvertible {
  /// The tree needs a power of two.
  case notAPowerOfTwo(shards: Int)
  /// A rank without a shard would have nothing to do.
  case moreRanksThanShards(ranks: Int, shards: Int)

  /// Bad data or configuration.
  public var exitCode: Int32 { 65 }

  /// What was expected, what came, and a hint.
  public var description: String {
    switch self {
    case .notAPowerOfTwo(let shards):
      "shards: expected a power of two, got \(shards). hint: 8 serves up to 8 ranks"
    case .moreRanksThanShards(let ranks, let shards):
      """
      expected at most as many ranks as shards (\(shards)), got \(ranks) ranks. hint: start fewer \
      ranks, or begin a new run with more shards; the number of shards fixes the bits of a run
      """
    }
  }
}
