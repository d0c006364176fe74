import Distributed
import KernelInterface
import Kernels
import MPI
import Tensors

/// The Euclidean norm of a gradient whose slices lie on different ranks.
///
/// The flat vector is cut into blocks of 16 elements, and the blocks' sums are added along a binary tree
/// over block numbers, in Double: the same bits for any number of ranks. Slices begin at block borders,
/// so each rank adds the largest aligned sub-trees of its own blocks and sends only those. All that
/// depends on sizes is made once; a norm allocates nothing.
package final class GradientNorm {
  static let blockCount = 16
  /// The largest sub-trees of all ranks in the order of blocks, hence of ranks.
  private let subtrees: [ShardRange]
  /// Number of sub-trees of each rank.
  package let counts: [Int]
  private let slices: [Range<Int>]
  private let blocks: Int
  private let tree: ShardTree
  private let own: UnsafeMutablePointer<Double>
  private let all: UnsafeMutablePointer<Double>

  /// - Parameters:
  ///   - count: N, the elements of the flat vector.
  ///   - slices: the ranks' ranges of the flat vector, in order; each begins at a multiple of 16.
  package init(count: Int, slices: [Range<Int>]) throws {
    self.slices = slices
    blocks = (count + Self.blockCount - 1) / Self.blockCount
    var leaves = 1
    while leaves < blocks { leaves *= 2 }
    let tree = try ShardTree(shards: leaves)
    self.tree = tree
    let perRank = slices.map { slice -> [ShardRange] in
      guard !slice.isEmpty else { return [] }
      precondition(
        slice.lowerBound % Self.blockCount == 0, "slice \(slice) begins inside a block")
      let first = slice.lowerBound / Self.blockCount
      let end = (slice.upperBound + Self.blockCount - 1) / Self.blockCount
      return tree.subtrees(of: ShardRange(first: first, count: end - first))
    }
    counts = perRank.map(\.count)
    subtrees = perRank.flatMap { $0 }
    own = .allocate(capacity: max(1, subtrees.count))
    all = .allocate(capacity: max(1, subtrees.count))
  }

  deinit {
    own.deallocate()
    all.deallocate()
  }

  /// The norm on every rank. Collective; each rank sends at most 2 log₂(N/16) sums.
  ///
  /// - Parameter gradient: the elements of this rank's slice.
  func norm(_ gradient: UnsafePointer<Float>, on group: JobGroup) throws -> Double {
    writeSums(gradient, ofRank: group.rank, to: own)
    try group.allGather(UnsafePointer(own), counts: counts, into: all)
    return total(of: UnsafePointer(all))
  }

  /// What one rank knows: the sum of squares of each of its sub-trees. Not collective.
  ///
  /// - Parameters:
  ///   - gradient: the elements of that rank's slice.
  ///   - sums: room for `counts[rank]` numbers.
  package func writeSums(
    _ gradient: UnsafePointer<Float>, ofRank rank: Int, to sums: UnsafeMutablePointer<Double>
  ) {
    let kernels = Float.kernels
    let first = counts[..<rank].reduce(0, +)
    for index in 0..<counts[rank] {
      sums[index] = sum(subtrees[first + index], gradient, slices[rank], kernels)
    }
  }

  /// The norm from what all ranks know, in the order of ranks. Not collective.
  package func total(of sums: UnsafePointer<Double>) -> Double {
    var next = 0
    return total(ShardRange(first: 0, count: tree.shards), sums, &next).squareRoot()
  }

  // MARK: - Helpers

  private func sum(
    _ range: ShardRange, _ gradient: UnsafePointer<Float>, _ slice: Range<Int>,
    _ kernels: KernelTable<Float>
  ) -> Double {
    if range.count == 1 {
      let start = range.first * Self.blockCount
      let n = min(Self.blockCount, slice.upperBound - start)
      return Double(kernels.squaredNorm(n, gradient + (start - slice.lowerBound)))
    }
    let half = range.count / 2
    return sum(ShardRange(first: range.first, count: half), gradient, slice, kernels)
      + sum(ShardRange(first: range.first + half, count: half), gradient, slice, kernels)
  }

  /// - Parameter next: number of the sub-tree that comes next in the order of blocks.
  private func total(
    _ range: ShardRange, _ sums: UnsafePointer<Double>, _ next: inout Int
  ) -> Double {
    if next < subtrees.count, subtrees[next] == range {
      next += 1
      return sums[next - 1]
    }
    // Beyond the last block the tree is empty.
    if range.first >= blocks || range.count == 1 { return 0 }
    let half = range.count / 2
    let left = total(ShardRange(first: range.first, count: half), sums, &next)
    return left + total(ShardRange(first: range.first + half, count: half), sums, &next)
  }
}
