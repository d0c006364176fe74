import Distributed
import Testing

struct ShardTreeTests {
  /// The sum as text shows which additions were made, in which order.
  private func naive(_ first: Int, _ count: Int) -> String {
    count == 1
      ? "\(first)" : "(\(naive(first, count / 2))+\(naive(first + count / 2, count / 2)))"
  }

  @Test("The tree adds neighbours first", arguments: [1, 2, 4, 8, 64])
  func sum(shards: Int) throws {
    let tree = try ShardTree(shards: shards)
    #expect(tree.sum((0..<shards).map { "\($0)" }) { "(\($0)+\($1))" } == naive(0, shards))
  }

  @Test("Ranges and sub-trees cover all shards, aligned and as large as can be")
  func subtrees() throws {
    for shards in [1, 2, 4, 8, 16, 32, 64] {
      let tree = try ShardTree(shards: shards)
      for ranks in 1...shards {
        var next = 0
        for rank in 0..<ranks {
          let range = tree.range(ofRank: rank, of: ranks)
          #expect(range.count > 0 && range.first == next)
          for subtree in tree.subtrees(of: range) {
            let (first, count) = (subtree.first, subtree.count)
            #expect(first == next && count & (count - 1) == 0 && first.isMultiple(of: count))
            // The tree one size up does not fit into the range.
            let parent = first & ~(2 * count - 1)
            #expect(parent < range.first || parent + 2 * count > range.end)
            next += count
          }
          #expect(next == range.end)
        }
        #expect(next == shards)
      }
    }
  }

  @Test("A number of shards that is no power of two, or below the ranks, is refused")
  func refusal() throws {
    for shards in [0, -8, 3, 12] {
      #expect(throws: ShardTreeError.notAPowerOfTwo(shards: shards)) {
        try ShardTree(shards: shards)
      }
    }
    let tree = try ShardTree(shards: 4)
    try tree.requireFits(ranks: 4)
    #expect(throws: ShardTreeError.moreRanksThanShards(ranks: 5, shards: 4)) {
      try tree.requireFits(ranks: 5)
    }
  }

  @Test("Slices cover the vector, start at multiples of 16 and are balanced")
  func slices() {
    for count in [0, 1, 15, 16, 17, 1000, 100_003] {
      for ranks in 1...9 {
        let layout = SliceLayout(count: count, ranks: ranks)
        var next = 0
        for rank in 0..<ranks {
          let slice = layout[rank]
          #expect(slice.lowerBound == next)
          #expect(slice.lowerBound.isMultiple(of: 16) || slice.isEmpty)
          #expect(abs(slice.count - count / ranks) <= 16)
          next = slice.upperBound
        }
        #expect(next == count)
      }
    }
  }

  @Test("Folds and charts are dealt to groups so that each training is done once")
  func mesh() throws {
    for (ranks, folds, charts) in [(1, 5, 1), (3, 5, 1), (4, 2, 1), (8, 3, 1), (7, 2, 3)] {
      let layout = try MeshLayout(ranks: ranks, folds: folds, charts: charts, shards: 8)
      var trainings: [MeshLayout.Coordinate] = []
      for group in 0..<layout.groups {
        for rank in layout.ranks(ofGroup: group) { #expect(layout.group(ofRank: rank) == group) }
        trainings += layout.trainings(ofGroup: group)
      }
      #expect(trainings.count == folds * charts && Set(trainings).count == folds * charts)
      #expect(layout.ranks(ofGroup: layout.groups - 1).upperBound == ranks)
    }
    #expect(throws: ShardTreeError.self) { try MeshLayout(ranks: 5, folds: 1, shards: 4) }
  }
}
