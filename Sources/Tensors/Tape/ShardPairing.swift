/// Which local shards share the memory of a leaf: left and right siblings of the shard tree, as far as
/// one rank holds both.
struct ShardPairing {
  /// Number of memories that all shards need together.
  private(set) var places = 0
  /// Memory of each local shard.
  private(set) var placeOfShard: [Int]
  /// Whether the shard adds onto what its left sibling wrote.
  private(set) var isRight: [Bool]

  /// - Parameter subtrees: the aligned sub-trees of local shards; none if nothing is summed.
  init(shardCount: Int, subtrees: [Range<Int>]) {
    placeOfShard = Array(repeating: 0, count: shardCount)
    isRight = Array(repeating: false, count: shardCount)
    for subtree in subtrees {
      for shard in subtree {
        isRight[shard] = (shard - subtree.lowerBound) % 2 == 1
        if !isRight[shard] { places += 1 }
        placeOfShard[shard] = places - 1
      }
    }
  }
}

extension Tape {
  /// Whether two siblings may share the memory of a leaf: one record writes it, by a sum over rows that
  /// can start from what is there without another rounding than the tree's.
  func canPair(_ output: Int32, of record: Record) -> Bool {
    guard sink != nil, slots[Int(output)].lastRecord < 0 else { return false }
    switch record.operation {
    case .columnSums: return output == record.y
    case .activationBackward: return output == record.y2
    case .matmul:
      let inner =
        record.first & 1 != 0 ? slots[Int(record.a)].rows : slots[Int(record.a)].columns
      return inner <= ProductForm.pairedTerms
    case .staircaseWeightGradient:
      return slots[Int(record.a)].rows <= ProductForm.pairedTerms
        && staircase(at: record.first).isWhole
    default: return false
    }
  }
}
