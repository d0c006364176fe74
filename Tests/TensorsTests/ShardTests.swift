import TestSupport
import Tensors
import Testing

@Suite("Shards")
struct ShardTests {
  /// Sub-trees of a rank's shards, for each rank of a job of eight shards.
  private static let divisions: [[(first: Int, count: Int, subtrees: [Range<Int>])]] = [
    [(0, 8, [0..<4, 4..<8])],
    [(0, 4, [0..<4]), (4, 4, [0..<4])],
    [(0, 2, [0..<2]), (2, 3, [0..<2, 2..<3]), (5, 3, [0..<1, 1..<3])],
    [(0, 2, [0..<2]), (2, 2, [0..<2]), (4, 2, [0..<2]), (6, 2, [0..<2])],
    (0..<8).map { ($0, 1, [0..<1]) },
  ]

  @Test("The sums over eight shards have the same bits on one rank and on several")
  func divisions() {
    for seed in 500..<520 as Range<UInt64> {
      let graph = RandomGraph(seed: seed)
      let buffer: ParameterBuffer<Float> = ParameterCollection.randomised(graph.layout)
      let whole = partials(graph, buffer, first: 0, count: 8, subtrees: [0..<8])
      for division in Self.divisions {
        var parts: [(Range<Int>, [Float])] = []
        for rank in division {
          let sums = partials(
            graph, buffer, first: rank.first, count: rank.count, subtrees: rank.subtrees)
          for (range, sum) in zip(rank.subtrees, sums) {
            parts.append((rank.first + range.lowerBound..<rank.first + range.upperBound, sum))
          }
        }
        let isSame = combine(parts, 0..<8) == whole[0]
        #expect(isSame, "graph \(seed), \(division.count) ranks")
      }
    }
  }

  @Test("A shard's values have the same bits alone and among others")
  func alone() {
    let graph = RandomGraph(seed: 17)
    let buffer: ParameterBuffer<Float> = ParameterCollection.randomised(graph.layout)
    func values(_ first: Int, _ count: Int) -> [[Float]] {
      let tape = Tape<Float>(shardCount: count, parameters: buffer)
      let recording = graph.record(on: tape, cuts: (0.2, 1))
      for value in recording.kept { tape.keep(value) }
      ShardedRun.fill(recording.inputs, of: tape, firstShard: first)
      tape.run()
      return (0..<count).map { shard in
        recording.kept.flatMap { tape.elements(of: $0, shard: shard) }
      }
    }
    let together = values(0, 8)
    for shard in 0..<8 { #expect(values(shard, 1)[0] == together[shard]) }
    #expect(together[0] != together[1])
  }

  @Test("The tree adds leaves in the documented order, for each number of leaves")
  func order() {
    for count in [1, 2, 4, 8, 16] {
      let tape = Tape<Float>(shardCount: count)
      let x = tape.input(4, 25)
      ShardedRun.fill([x], of: tape)
      let leaves = (0..<count).map { tape.elements(of: x, shard: $0) }
      let sink = TestSink<Float>(count: 102, subtrees: [0..<count])
      tape.sink = sink.sink
      tape.sumOverShards(x, at: 2)
      tape.run()
      #expect(sink.elements() == [0, 0] + ShardedRun.treeSum(leaves))
      // Summing does not touch the value itself.
      #expect((0..<count).map { tape.elements(of: x, shard: $0) } == leaves)
    }
  }

  /// Sums over each sub-tree of the shards that a rank holds.
  private func partials(
    _ graph: RandomGraph, _ buffer: ParameterBuffer<Float>, first: Int, count: Int,
    subtrees: [Range<Int>]
  ) -> [[Float]] {
    let tape = Tape<Float>(shardCount: count, parameters: buffer)
    let recording = graph.record(on: tape, cuts: (0.3, UInt64(count)))
    ShardedRun.fill(recording.inputs, of: tape, firstShard: first)
    let sink = TestSink<Float>(count: buffer.count + 1, subtrees: subtrees)
    tape.sink = sink.sink
    tape.sumOverShards(recording.loss, at: buffer.count)
    tape.backward(recording.loss, parameterRange: 0..<buffer.count)
    tape.run()
    return subtrees.indices.map { sink.elements($0) }
  }

  /// Adds partial sums along the tree of the whole job.
  private func combine(_ parts: [(Range<Int>, [Float])], _ range: Range<Int>) -> [Float] {
    if let part = parts.first(where: { $0.0 == range }) { return part.1 }
    let middle = (range.lowerBound + range.upperBound) / 2
    return zip(
      combine(parts, range.lowerBound..<middle), combine(parts, middle..<range.upperBound)
    ).map { $0 + $1 }
  }
}
