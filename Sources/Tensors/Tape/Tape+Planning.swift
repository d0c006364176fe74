/// Where the leaves of the shards are summed to.
///
/// `partials[t]` is a flat vector that receives the sums over the t-th aligned sub-tree of the shards
/// that this rank holds; `subtrees[t]` are that sub-tree's local shards.
package struct ReductionSink<Scalar: TensorScalar> {
  package let partials: [UnsafeMutablePointer<Scalar>]
  package let subtrees: [Range<Int>]

  package init(partials: [UnsafeMutablePointer<Scalar>], subtrees: [Range<Int>]) {
    precondition(partials.count == subtrees.count, "one vector a sub-tree")
    self.partials = partials
    self.subtrees = subtrees
  }
}

/// Memory for values that live within one segment on one shard, reused by all segments.
struct ScratchPlanner<Scalar> {
  private var memory = Arena<Scalar>()
  private var current: UnsafeMutablePointer<Scalar>?
  private var capacity = 0

  var bytes: Int { memory.bytes }

  /// Memory of at least `count` elements; what earlier segments were given stays valid.
  mutating func reserve(_ count: Int) -> UnsafeMutablePointer<Scalar> {
    if let current, count <= capacity { return current }
    let block = memory.allocate(count)
    current = block
    capacity = count
    return block
  }

  mutating func reset() {
    memory.reset()
    current = nil
    capacity = 0
  }

  mutating func release() { memory.release() }
}

extension Tape {
  /// Gives memory to every value that a segment computes.
  ///
  /// Four kinds: values common to all shards have one matrix; values that are kept or cross segments
  /// have one matrix a shard; leaves have one matrix a shard too, but share memory between segments;
  /// all others live in scratch for one shard, and give their place on after their last use.
  ///
  /// A leaf that one product or column sum writes is *paired*: of two siblings of the shard tree, the
  /// right one adds its term onto the left one's while computing it. That is the tree's own first
  /// addition, at half the memory.
  func plan(_ index: Int) {
    let range = segments[index].records
    var offsets: [(slot: Int, offset: Int)] = []
    var free: [Int: [Int]] = [:]
    var top = 0
    var offsetOf: [Int: Int] = [:]

    func take(_ count: Int) -> Int {
      if let offset = free[count]?.popLast() { return offset }
      defer { top += count }
      return top
    }

    for recordIndex in range {
      let record = records[recordIndex]
      let isFree = { (slot: Int) in
        offsetOf[slot] != nil && self.slots[slot].lastRecord == Int32(recordIndex)
      }
      var reused: Int?
      record.forEachOutput { output in
        let i = Int(output)
        let size = Arena<Scalar>.rounded(slots[i].shape.count)
        if record.isCommon {
          slots[i].isKept = true
          slots[i].pointer = arena.allocate(size)
        } else if slots[i].isKept || keepsEverything || Int(slots[i].lastSegment) > index {
          slots[i].isKept = true
          slots[i].pointer = arena.allocate(size * shardCount)
          slots[i].shardStride = size
        } else if slots[i].isLeaf {
          // A leaf is read when all shards are done: it neither gives its memory on nor takes over that
          // of a value, which the next shard writes again.
          offsets.append((i, top))
          slots[i].shardStride = size
          slots[i].isPaired = canPair(output, of: record)
          records[recordIndex].writesPairedLeaf =
            records[recordIndex].writesPairedLeaf || slots[i].isPaired
          top += size * (slots[i].isPaired ? pairing.places : shardCount)
        } else {
          var offset: Int?
          if output == record.y, let source = record.inPlaceInput, isFree(Int(source)),
            Arena<Scalar>.rounded(slots[Int(source)].shape.count) == size
          {
            offset = offsetOf[Int(source)]
            reused = Int(source)
          }
          let place = offset ?? take(size)
          offsets.append((i, place))
          offsetOf[i] = place
        }
      }
      var released: [Int] = []
      record.forEachInput { input in
        let i = Int(input)
        guard isFree(i), reused != i, !released.contains(i), let offset = offsetOf[i] else {
          return
        }
        free[Arena<Scalar>.rounded(slots[i].shape.count), default: []].append(offset)
        released.append(i)
      }
      if let reused { offsetOf[reused] = nil }
      for slot in released { offsetOf[slot] = nil }
    }
    let base = scratch.reserve(max(1, top))
    for (slot, offset) in offsets { slots[slot].pointer = base + offset }
  }
}

extension Record {
  /// The input whose memory the first output may take over.
  var inPlaceInput: Int32? {
    switch operation {
    case .exp, .log, .tanh, .sigmoid, .softplus, .relu, .squareRoot, .reciprocal, .sin, .cos,
      .isPositive, .scale, .addConstant, .add, .subtract, .multiply, .divide, .stopGradient,
      .replaceDerivative, .reshape, .addRowVector, .multiplyRowVector, .addColumnVector,
      .multiplyColumnVector, .addToColumns:
      a
    case .activationBackward: b
    default: nil
    }
  }
}
