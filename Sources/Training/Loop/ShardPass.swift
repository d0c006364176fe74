import Datasets
import Distributed
import Tensors

/// A pass over rows in their own order, in canonical shards: validation, counts, moments.
///
/// Shard s holds rows s·n/S ..< (s+1)·n/S and goes through them R at a time, so shapes and the order of
/// additions do not depend on the number of ranks.
package final class ShardPass {
  private let source: any RowSource
  private let count: Int
  private let shardRows: Int
  private let group: JobGroup
  private let seed: UInt64
  private var tape: Tape<Float>?
  private var batch: BatchValues?
  private var result: Value?
  private var length = 0
  private var fill: ((Int, ShardBatch) -> Void)?
  private var rows: [Int]

  package init(
    source: any RowSource, count: Int, shardRows: Int, group: JobGroup, seed: UInt64
  ) {
    self.source = source
    self.count = count
    self.shardRows = shardRows
    self.group = group
    self.seed = seed
    rows = Array(repeating: 0, count: shardRows)
  }

  /// Records what is summed: a value of `length` elements a shard.
  package func record(
    parameters: ParameterBuffer<Float>, length: Int,
    _ record: (BatchValues, Tape<Float>) -> (Value, fill: ((Int, ShardBatch) -> Void)?)
  ) {
    let tape = Tape<Float>(shardCount: group.ownShards.count, parameters: parameters)
    let batch = BatchValues(
      x: tape.input(shardRows, source.columnCount), weight: tape.input(shardRows, 1),
      uniform: tape.input(shardRows, 1))
    let (value, fill) = record(batch, tape)
    precondition(tape.shape(of: value).count == length, "expected \(length) elements to sum")
    tape.keep(value)
    (self.tape, self.batch, result, self.length, self.fill) = (tape, batch, value, length, fill)
  }

  /// The job-wide sums with weight 1 a row, [length]. Collective.
  package func sums() throws -> [Double] {
    guard let tape, let batch, let result else { preconditionFailure("record before summing") }
    let own = group.ownShards
    var totals = [[Double]](
      repeating: [Double](repeating: 0, count: length), count: own.count)
    let failure: (any Error)?
    do {
      try addUp(tape, batch, result, into: &totals)
      failure = nil
    } catch { failure = error }
    // A read error on one rank must not leave the others waiting in the sum.
    try group.agree(on: failure)
    return try group.treeSum(shardValues: totals)
  }

  private func addUp(
    _ tape: Tape<Float>, _ batch: BatchValues, _ result: Value, into totals: inout [[Double]]
  ) throws {
    let own = group.ownShards
    let shards = group.tree.shards
    let ranges = own.indices.map {
      BatchPlan.contiguousRows(ofShard: $0, of: shards, count: count)
    }
    let longest = (count + shards - 1) / shards
    for start in stride(from: 0, to: longest, by: shardRows) {
      for (local, range) in ranges.enumerated() {
        let first = min(range.lowerBound + start, range.upperBound)
        let real = min(shardRows, range.upperBound - first)
        for i in 0..<shardRows { rows[i] = i < real ? first + i : (real > 0 ? first : 0) }
        try BatchFiller.fill(
          tape, batch, local, rows: rows, realCount: real, weight: 1, source: source, seed: seed,
          step: UInt32.max)
        fill?(
          local,
          ShardBatch(
            step: -1, shard: own.first + local, shards: shards, rows: rows, realCount: real,
            globalCount: count))
      }
      if tape.hasRun { tape.replay() } else { tape.run() }
      for local in 0..<own.count {
        let range = ranges[local]
        guard range.lowerBound + start < range.upperBound else { continue }
        let values = tape.pointer(to: result, shard: local)
        for i in 0..<length { totals[local][i] += Double(values[i]) }
      }
    }
  }
}

/// Fills the common inputs of one shard.
enum BatchFiller {
  static func fill(
    _ tape: Tape<Float>, _ batch: BatchValues, _ localShard: Int, rows: [Int], realCount: Int,
    weight: Float, source: any RowSource, seed: UInt64, step: UInt32
  ) throws {
    try source.read(rows: rows, into: tape.pointer(to: batch.x, shard: localShard))
    let weights = tape.pointer(to: batch.weight, shard: localShard)
    let uniforms = tape.pointer(to: batch.uniform, shard: localShard)
    for i in rows.indices { weights[i] = i < realCount ? weight : 0 }
    guard tape.isRead(batch.uniform) else { return }
    for i in rows.indices {
      var random = SampleRandom(seed: seed, purpose: .chart, step: step, sample: UInt64(rows[i]))
      uniforms[i] = Float(random.uniform())
    }
  }
}
