import Distributed
import Foundation
import MPI

/// What scenarios share.
enum Probe {
  /// Runs `body` on all ranks. An error ends the job as it should, see `JobFailure`.
  static func run(
    shards: Int = 8, deadlineSeconds: Double = 20,
    _ body: (JobGroup, borrowing Communicator) throws -> Void
  ) throws {
    try MPIEnvironment.run(onFailure: JobFailure.response) { world in
      try body(JobGroup(world, shards: shards, deadlineSeconds: deadlineSeconds), world)
    }
  }

  /// Prints each rank's text in rank order, from root. Collective.
  static func printAll(_ text: String, _ group: JobGroup) throws {
    let all = try group.gather(Array(text.utf8))
    guard group.isRoot else { return }
    for (rank, bytes) in all.enumerated() {
      print("rank \(rank): \(String(decoding: bytes, as: UTF8.self))")
    }
  }

  /// FNV-1a over the bytes of the values.
  static func hash<Scalar: BitwiseCopyable>(_ values: [Scalar]) -> String {
    let hash = values.withUnsafeBytes { bytes in
      bytes.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    }
    return String(hash, radix: 16)
  }

  /// Numbers of either sign over twelve decimal magnitudes, by shard and element alone.
  static func leaf<Scalar: BinaryFloatingPoint>(shard: Int, count: Int) -> [Scalar] {
    (0..<count).map { index in
      var bits = UInt64(shard) << 40 ^ UInt64(index)
      bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9 &+ 0x9e37_79b9_7f4a_7c15
      bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
      bits ^= bits >> 31
      let fraction = Double(bits >> 12) / Double(1 << 52) - 0.5
      return Scalar(fraction * pow(10, Double(bits % 13) - 6))
    }
  }
}
