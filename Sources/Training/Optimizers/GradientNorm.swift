import Distributed
import Kernels
import MPI
import Tensors

/// The Euclidean norm of a gradient whose slices lie on different ranks.
///
/// The flat vector is cut into blocks of 16 elements, and the blocks' sums are added along a binary tree
/// over block numbers, in Double: the same bits for any number of ranks. Slices begin at block borders,
/// so each rank adds the largest aligned sub-trees of its own blocks and sends only those.
package struct GradientNorm {
  static let blockCount = 16
  private let blocks: Int
  private let tree: ShardTree

  /// - Parameter count: N, the elements of the flat vector.
  package init(count: Int) throws {
    blocks = (count + Self.blockCount - 1) / Self.blockCount
    var leaves = 1
    while leaves < blocks { leaves *= 2 }
    tree = try ShardTree(shards: leaves)
  }

  /// The norm on every rank. Collective; each rank sends at most 2 log₂(N/16) sums.
  ///
  /// - Parameters:
  ///   - gradient: the elements of `owned`.
  ///   - owned: this rank's range of the flat vector; begins at a multiple of 16.
  static func norm(
    _ gradient: UnsafePointer<Float>, owned: Range<Int>, count: Int, on group: JobGroup
  ) throws -> Double {
    let norm = try GradientNorm(count: count)
    let sums = norm.sums(gradient, owned: owned)
    let all = try group.allGather(sums.withUnsafeBytes { Array($0) })
    return norm.total(of: all.map { $0.withUnsafeBytes { Array($0.bindMemory(to: Double.self)) } })
  }

  /// What one rank knows: first block, blocks and sum of squares of each of its largest sub-trees.
  /// Not collective.
  package func sums(_ gradient: UnsafePointer<Float>, owned: Range<Int>) -> [Double] {
    guard !owned.isEmpty else { return [] }
    precondition(
      owned.lowerBound % Self.blockCount == 0, "slice \(owned) begins inside a block")
    let kernels = Float.kernels
    func sum(_ range: ShardRange) -> Double {
      if range.count == 1 {
        let start = range.first * Self.blockCount
        let n = min(Self.blockCount, owned.upperBound - start)
        return Double(kernels.squaredNorm(n, gradient + (start - owned.lowerBound)))
      }
      let half = range.count / 2
      return sum(ShardRange(first: range.first, count: half))
        + sum(ShardRange(first: range.first + half, count: half))
    }
    let first = owned.lowerBound / Self.blockCount
    let end = (owned.upperBound + Self.blockCount - 1) / Self.blockCount
    return tree.subtrees(of: ShardRange(first: first, count: end - first)).flatMap {
      [Double($0.first), Double($0.count), sum($0)]
    }
  }

  /// The norm from what all ranks know. Not collective.
  package func total(of ranks: [[Double]]) -> Double {
    var known: [ShardRange: Double] = [:]
    for numbers in ranks {
      for i in stride(from: 0, to: numbers.count, by: 3) {
        known[ShardRange(first: Int(numbers[i]), count: Int(numbers[i + 1]))] = numbers[i + 2]
      }
    }
    func total(_ range: ShardRange) -> Double {
      if let value = known[range] { return value }
      // Beyond the last block the tree is empty.
      if range.first >= blocks || range.count == 1 { return 0 }
      let half = range.count / 2
      return total(ShardRange(first: range.first, count: half))
        + total(ShardRange(first: range.first + half, count: half))
    }
    return total(ShardRange(first: 0, count: tree.shards)).squareRoot()
  }
}
