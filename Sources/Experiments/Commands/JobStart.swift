import BLAS
import Distributed
import Foundation
import Kernels
import MPI

/// What every rank does before any work, and the facts that all ranks must share.
package enum JobStart {
  /// The version of the program.
  package static let version = "0.1.0"

  /// Pins what decides bits: one BLAS thread, subnormals flushed to zero.
  ///
  /// - Throws: ``PortolanFailure`` with ``ExitStatus/usage`` for an unknown PORTOLAN_KERNELS.
  package static func pinNumerics() throws {
    do { try KernelSelection.checkEnvironment() } catch {
      throw PortolanFailure(.usage, "\(error)")
    }
    BLASLibrary.setThreads(1)
    FloatingPointMode.flushSubnormals()
  }

  /// The group of a job, after all ranks have shown that they are in the same one. Collective.
  ///
  /// - Throws: `DisagreementError`, `ShardTreeError`, the same on all ranks.
  package static func group(
    _ world: borrowing Communicator, configuration: Configuration
  ) throws -> JobGroup {
    try group(
      world, settings: configuration.resolvedYAML, shards: configuration.shards,
      deadlineSeconds: configuration.distributed.deadlineSeconds)
  }

  /// The same for any training.
  ///
  /// - Parameter settings: what decides it; must be equal on all ranks.
  static func group(
    _ world: borrowing Communicator, settings: String, shards: Int, deadlineSeconds: Double
  ) throws -> JobGroup {
    _ = try agreedGroup(world, ["configuration": settings], deadlineSeconds: deadlineSeconds)
    guard world.size <= shards else {
      throw PortolanFailure(
        .usage,
        "\(world.size) ranks for \(shards) shards: expected at most one rank a shard",
        hint: "start fewer ranks, or raise `shards` (which gives another, equally good, run)")
    }
    let group = try JobGroup(world, shards: shards, deadlineSeconds: deadlineSeconds)
    try group.watchLocalPeers()
    return group
  }

  /// A group of any number of ranks, for agreements and bytes, after all have shown that they have the
  /// same program, numerics and `facts`. Collective.
  ///
  /// - Throws: `DisagreementError`, the same on all ranks.
  package static func agreedGroup(
    _ world: borrowing Communicator, _ facts: KeyValuePairs<String, String>,
    deadlineSeconds: Double
  ) throws -> JobGroup {
    // A group needs the number of shards, which may be what the ranks disagree about.
    var shards = 1
    while shards < world.size { shards *= 2 }
    let group = try JobGroup(
      world, shards: shards, deadlineSeconds: deadlineSeconds, transport: .messages)
    try group.requireAgreement(
      facts.map { ($0.key, $0.value) } + [
        ("version", "\(version), commit \(BuildInformation.commit)"),
        ("BLAS core", BLASLibrary.coreName), ("BLAS threads", "\(BLASLibrary.threadCount)"),
      ])
    return group
  }
}
