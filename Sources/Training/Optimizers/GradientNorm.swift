import Distributed
import Kernels
import MPI
import Tensors

/// The Euclidean norm of a gradient whose slices lie on different ranks.
///
/// The flat vector is cut into blocks of 16 elements, and the blocks' sums are added along a binary tree
/// over block numbers, in Double: the same bits for any number of ranks. Slices begin at block borders,
/// so each rank adds the largest aligned sub-trees of its own blocks and sends only those.
struct GradientNorm {
  static let blockCount = 16

  /// Collective; each rank sends at most 2 log₂(N/16) numbers.
  ///
  /// - Parameters:
  ///   - gradient: the elements of `owned`.
  ///   - owned: this rank's range of the flat vector; begins at a multiple of 16.
  ///   - count: N.
  static func norm(
    _ gradient: UnsafePointer<Float>, owned: Range<Int>, count: Int, on group: JobGroup
  ) throws -> Double {
    let blocks = (count + blockCount - 1) / blockCount
    var leaves = 1
    while leaves < blocks { leaves *= 2 }
    let tree = try ShardTree(shards: leaves)
    let kernels = Float.kernels
    func block(_ index: Int) -> Double {
      let start = index * blockCount
      guard start < owned.upperBound else { return 0 }
      let n = min(blockCount, owned.upperBound - start)
      return Double(kernels.squaredNorm(n, gradient + (start - owned.lowerBound)))
    }
    func sum(_ range: ShardRange) -> Double {
      if range.first >= blocks { return 0 }
      if range.count == 1 { return block(range.first) }
      let half = range.count / 2
      return sum(ShardRange(first: range.first, count: half))
        + sum(ShardRange(first: range.first + half, count: half))
    }
    var nodes: [Double] = []
    if !owned.isEmpty {
      let first = owned.lowerBound / blockCount
      let end = (owned.upperBound + blockCount - 1) / blockCount
      for subtree in tree.subtrees(of: ShardRange(first: first, count: end - first)) {
        nodes += [Double(subtree.first), Double(subtree.count), sum(subtree)]
      }
    }
    let all = try group.allGather(nodes.withUnsafeBytes { Array($0) })
    var known: [ShardRange: Double] = [:]
    for bytes in all {
      let numbers = bytes.withUnsafeBytes { Array($0.bindMemory(to: Double.self)) }
      for i in stride(from: 0, to: numbers.count, by: 3) {
        known[ShardRange(first: Int(numbers[i]), count: Int(numbers[i + 1]))] = numbers[i + 2]
      }
    }
    func total(_ range: ShardRange) -> Double {
      if let value = known[range] { return value }
      if range.first >= blocks || range.count == 1 { return 0 }
      let half = range.count / 2
      return total(ShardRange(first: range.first, count: half))
        + total(ShardRange(first: range.first + half, count: half))
    }
    return total(ShardRange(first: 0, count: leaves)).squareRoot()
  }
}
