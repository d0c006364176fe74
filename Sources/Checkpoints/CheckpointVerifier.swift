import Distributed
import Foundation

/// Decides whether a file is a valid checkpoint, from its bytes alone: plain reads and SHA-256, no
/// HDF5, no MPI.
package enum CheckpointVerifier {
  /// Verifies a file. Not collective.
  /// - Throws: `CheckpointRejection` with the reason.
  @discardableResult
  package static func verify(_ path: String) throws -> CheckpointHeader {
    let header = try Self.header(of: path)
    let digests = try guarded(path) {
      try CheckpointDigests.blockDigests(
        of: ByteFile(path, .read), header: header, rank: 0, ranks: 1)
    }
    try compare(header, with: digests, path)
    return header
  }

  /// Verifies a file, the work shared out over the ranks. Collective.
  /// - Throws: `CheckpointRejection`, the same on all ranks; errors of the group.
  @discardableResult
  package static func verify(_ path: String, on group: JobGroup) throws -> CheckpointHeader {
    var message = group.isRoot ? encoded(Result { try Self.header(of: path).rendered }, path) : []
    try group.broadcast(&message)
    let header = try CheckpointHeader(userBlock: decoded(message, path), file: path)
    let own = Result {
      try guarded(path) {
        try CheckpointDigests.blockDigests(
          of: ByteFile(path, .read), header: header, rank: group.rank, ranks: group.size)
      }
    }
    let parts = try group.allGather(encoded(own, path)).map { try decoded($0, path) }
    try compare(header, with: CheckpointDigests.merged(parts), path)
    return header
  }

  /// Reads and checks the header alone. Not collective.
  /// - Throws: `CheckpointRejection`.
  package static func header(of path: String) throws -> CheckpointHeader {
    try guarded(path) { try CheckpointHeader(of: ByteFile(path, .read)) }
  }

  // MARK: - Private helpers

  private static func compare(
    _ header: CheckpointHeader, with blockDigests: [UInt8], _ path: String
  ) throws {
    let digests = CheckpointDigests(header: header, blockDigests: blockDigests)
    guard digests.state == header.stateDigest else {
      throw CheckpointRejection(
        file: path, reason: .damagedBytes("the state's digest is not the one in the header"))
    }
    guard digests.remainder == header.remainderDigest else {
      throw CheckpointRejection(
        file: path,
        reason: .damagedBytes("the digest of what is not state is not the one in the header"))
    }
  }

  /// Makes every error a rejection.
  private static func guarded<Value>(_ path: String, _ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let error as CheckpointRejection { throw error } catch {
      throw CheckpointRejection(file: path, reason: .unreadable("\(error)"))
    }
  }

  /// One byte for the outcome, then the value or the reason.
  private static func encoded(_ result: Result<[UInt8], any Error>, _ path: String) -> [UInt8] {
    do { return [1] + (try result.get()) } catch {
      let reason = (error as? CheckpointRejection)?.reason ?? .unreadable("\(error)")
      do { return [0] + (try JSONEncoder().encode(reason)) } catch {
        preconditionFailure("a reason cannot be encoded: \(error)")
      }
    }
  }

  private static func decoded(_ message: [UInt8], _ path: String) throws -> [UInt8] {
    if message.first == 1 { return Array(message.dropFirst()) }
    let reason = try JSONDecoder().decode(RejectionReason.self, from: Data(message.dropFirst()))
    throw CheckpointRejection(file: path, reason: reason)
  }
}
