import Tensors

/// Which row of the training part stands in which canonical shard of which step.
///
/// An epoch visits every row once, in an order keyed by (seed, epoch). Step after step takes the next B
/// places of that order; the S shards of a step take consecutive runs of them, as equal as possible.
/// Every shard has R = ⌈B/S⌉ rows, so that matrix shapes never change: what is missing (in the last
/// step of an epoch, or where S does not divide B) is padding of weight 0. Nothing is dropped and
/// nothing is seen twice. The plan knows nothing of ranks. Not collective.
public struct BatchPlan: Sendable {
  /// Rows of the training part.
  public let count: Int
  /// Rows of a step over all shards, B.
  public let globalBatchSize: Int
  /// Canonical shards, S.
  public let shards: Int
  /// Rows of a shard with its padding, R = ⌈B/S⌉.
  public let shardRows: Int
  /// Steps of an epoch, ⌈count/B⌉.
  public let stepsPerEpoch: Int
  private let seed: UInt64

  /// - Precondition: all sizes are positive.
  public init(count: Int, globalBatchSize: Int, shards: Int, seed: UInt64) {
    precondition(
      count > 0 && globalBatchSize > 0 && shards > 0,
      "sizes must be positive, got \(count) rows, batch \(globalBatchSize), \(shards) shards")
    self.count = count
    self.globalBatchSize = globalBatchSize
    self.shards = shards
    self.seed = seed
    shardRows = (globalBatchSize + shards - 1) / shards
    stepsPerEpoch = (count + globalBatchSize - 1) / globalBatchSize
  }

  /// Epoch of a step counted from the start of training.
  public func epoch(ofStep step: Int) -> Int { step / stepsPerEpoch }

  /// The order of an epoch. Make it once an epoch, not once a step.
  public func order(ofEpoch epoch: Int) -> KeyedPermutation {
    KeyedPermutation(count: count, seed: seed, purpose: .shuffle, epoch: epoch)
  }

  /// Rows that really exist in a step, over all shards.
  public func rowCount(ofStep step: Int) -> Int {
    let first = (step % stepsPerEpoch) * globalBatchSize
    return min(globalBatchSize, count - first)
  }

  /// Writes the rows of one shard of one step, padding included, and returns how many are real.
  ///
  /// Places from the returned count on are padding: they repeat the first row of the step, so that
  /// reading them is harmless and their values are finite, and must have weight 0.
  /// - Parameters:
  ///   - step: step counted from the start of training.
  ///   - shard: canonical shard, in 0..<S.
  ///   - order: `order(ofEpoch:)` of the step's epoch.
  ///   - rows: receives R row numbers of the training part; no allocation where it has R places.
  /// - Returns: number of real rows, ≤ R; 0 for a shard without rows.
  public func fill(
    step: Int, shard: Int, order: KeyedPermutation, rows: inout [Int]
  ) -> Int {
    precondition(shard >= 0 && shard < shards, "shard \(shard) is not in 0..<\(shards)")
    precondition(order.count == count, "the order is of \(order.count) rows, not \(count)")
    if rows.count != shardRows { rows = [Int](repeating: 0, count: shardRows) }
    let first = (step % stepsPerEpoch) * globalBatchSize
    let present = rowCount(ofStep: step)
    let lower = shard * present / shards
    let upper = (shard + 1) * present / shards
    let real = upper - lower
    rows.withUnsafeMutableBufferPointer { places in
      guard let start = places.baseAddress else { return }
      order.fill(start, first: first + lower, count: real)
    }
    if real < shardRows {
      let padding = order[first]
      for place in real..<shardRows { rows[place] = padding }
    }
    return real
  }

  /// The rows of one shard of one step; `realCount` of them are real. See `fill`.
  public func rows(step: Int, shard: Int) -> (rows: [Int], realCount: Int) {
    var rows: [Int] = []
    let real = fill(
      step: step, shard: shard, order: order(ofEpoch: epoch(ofStep: step)), rows: &rows)
    return (rows, real)
  }

  /// The rows of one shard of a pass over the part in its own order, for sums over all rows
  /// (validation, standardisation): shard s holds s·count/S ..< (s+1)·count/S.
  public static func contiguousRows(ofShard shard: Int, of shards: Int, count: Int) -> Range<Int> {
    precondition(shard >= 0 && shard < shards, "shard \(shard) is not in 0..<\(shards)")
    return shard * count / shards..<(shard + 1) * count / shards
  }
}
