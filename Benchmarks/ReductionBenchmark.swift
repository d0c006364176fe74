import Distributed
import Foundation
import MPI

/// The deterministic sum over all shards on every rank (`treeReduce` and `gatherSlices`) against one
/// `MPI_Allreduce` in place on the same number of elements.
///
/// Both start from one partial sum of each rank's shards in memory and end with the whole sum on every
/// rank, so the additions of shards on one rank are in neither. They are run in turns; each time is
/// that of the slowest rank.
package struct ReductionBenchmark {
  /// What came out for one length.
  package struct Result: Codable, Sendable {
    /// "reduction".
    package var workload = "reduction"
    /// Bytes of the vector, Float elements.
    package var bytes: Int
    /// Rounds; in each both sides had one time.
    package var rounds: Int
    /// Median seconds of the deterministic reduction and gathering, and its reduction alone.
    package var ours: Double
    package var oursReduction: Double
    /// Median seconds of `MPI_Allreduce` in place.
    package var allReduce: Double
    /// Median seconds of `MPI_Allreduce` in place on pieces of 1 MiB, one after the other, which some
    /// libraries do faster than the whole.
    package var allReduceInPieces: Double
    /// `ours` / `allReduce`, and the quartiles of the rounds' ratios.
    package var ratio: Double
    package var ratioQuartiles: [Double]

    /// A row of a table for people.
    package var text: String {
      let micro = { (seconds: Double) in decimals(seconds * 1e6, 1) }
      return "\(bytes) bytes: \(micro(ours)) µs, MPI_Allreduce \(micro(allReduce)) µs "
        + "(in pieces of 1 MiB \(micro(allReduceInPieces)))  ratio \(decimals(ratio, 3))  "
        + "(middle half \(decimals(ratioQuartiles[0], 2)) … \(decimals(ratioQuartiles[1], 2)))"
    }
  }

  /// 400 bytes, then powers of two from 4 KiB to 64 MiB.
  package static let defaultSizes = [400] + (12...26).map { 1 << $0 }

  /// Times each size. Collective.
  ///
  /// - Parameter sizesInBytes: multiples of 4.
  /// - Throws: errors of the group, `MPIError`.
  package static func run(
    sizesInBytes: [Int] = defaultSizes, on group: JobGroup
  ) throws -> [Result] {
    let largest = sizesInBytes.reduce(4, max)
    let subtrees = group.ownSubtrees.count
    let memory = try group.makeExchangeMemory(byteCount: subtrees * largest)
    let partials = memory.pointer.bindMemory(to: Float.self, capacity: subtrees * largest / 4)
    let plain = UnsafeMutablePointer<Float>.allocate(capacity: largest / 4)
    defer { plain.deallocate() }
    return try withExtendedLifetime(memory) {
      try sizesInBytes.map { bytes in
        try time(bytes: bytes, partials: partials, stride: bytes / 4, plain: plain, on: group)
      }
    }
  }

  // MARK: - Helpers

  private static func time(
    bytes: Int, partials: UnsafeMutablePointer<Float>, stride: Int,
    plain: UnsafeMutablePointer<Float>, on group: JobGroup
  ) throws -> Result {
    let count = bytes / MemoryLayout<Float>.stride
    let pointers = group.ownSubtrees.indices.map { UnsafePointer(partials + $0 * stride) }
    let start = SliceLayout(count: count, ranks: group.size)[group.rank].lowerBound
    let buffer = UnsafeMutableBufferPointer(start: plain, count: count)
    let rounds = bytes < 16 << 20 ? 15 : 9
    // Short sums are repeated until a round takes about a millisecond.
    let repetitions = max(1, min(200, (4 << 20) / max(bytes, 1)))
    var (ours, reductions, theirs, inPieces) = ([Double](), [Double](), [Double](), [Double]())
    // The first rounds meet cold caches and connections.
    for round in -2..<rounds {
      for index in 0..<pointers.count * stride { partials[index] = Float(index % 7) - 3 }
      for index in 0..<count { plain[index] = Float(index % 7) - 3 }
      var reduction = 0.0
      let own = try timed(group, repetitions) {
        let first = monotonicSeconds()
        try group.treeReduce(partials: pointers, count: count, into: partials + start)
        reduction += monotonicSeconds() - first
        try group.gatherSlices(partials, count: count)
      }
      let other = try timed(group, repetitions) { try group.communicator.allReduce(buffer, .sum) }
      let pieces = try timed(group, repetitions) {
        for first in Swift.stride(from: 0, to: count, by: 1 << 18) {
          let piece = buffer[first..<min(first + (1 << 18), count)]
          try group.communicator.allReduce(.init(rebasing: piece), .sum)
        }
      }
      guard round >= 0 else { continue }
      inPieces.append(pieces)
      ours.append(own)
      theirs.append(other)
      reductions.append(reduction / Double(repetitions))
    }
    let ratios = zip(ours, theirs).map { $0 / $1 }.sorted()
    return Result(
      bytes: bytes, rounds: rounds, ours: Timings(ours).median,
      oursReduction: Timings(reductions).median,
      allReduce: Timings(theirs).median, allReduceInPieces: Timings(inPieces).median,
      ratio: Timings(ours).median / Timings(theirs).median,
      ratioQuartiles: [ratios[rounds / 4], ratios[rounds * 3 / 4]])
  }

  /// Seconds of one repetition on the slowest rank. Collective.
  private static func timed(
    _ group: JobGroup, _ repetitions: Int, _ body: () throws -> Void
  ) throws -> Double {
    try group.barrier()
    let start = monotonicSeconds()
    for _ in 0..<repetitions { try body() }
    var time = [monotonicSeconds() - start]
    try group.communicator.allReduce(&time, .maximum)
    return time[0] / Double(repetitions)
  }
}
