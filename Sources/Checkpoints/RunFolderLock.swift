import Distributed
import Foundation

/// The right of one job to write into a run folder. Held until its scope ends or the process dies.
///
/// Two jobs on one folder would overwrite each other's checkpoints; the second one is refused.
package struct RunFolderLock: ~Copyable {
  private let descriptor: Int32?

  /// Root takes the lock; the other ranks learn the outcome. Collective.
  /// - Throws: `RemoteError`, the same on all ranks, naming the holder.
  package init(folder: String, on group: JobGroup) throws {
    descriptor = try group.agreed { group.isRoot ? try Self.take(folder) : nil }
  }

  /// Takes the lock. Not collective.
  /// - Throws: `CheckpointError`, naming the holder.
  package init(folder: String) throws { descriptor = try Self.take(folder) }

  deinit { if let descriptor { _ = close(descriptor) } }

  private static func take(_ folder: String) throws -> Int32 {
    let path = folder + "/run.lock"
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw ByteFile.failure("open", path, hint: "is the run folder there, and writable?")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      var bytes = [UInt8](repeating: 0, count: 256)
      let count = max(0, pread(descriptor, &bytes, bytes.count, 0))
      _ = close(descriptor)
      guard code == EWOULDBLOCK else {
        throw CheckpointError("flock failed on \(path): \(String(cString: strerror(code)))")
      }
      let holder = String(decoding: bytes.prefix(count), as: UTF8.self)
        .trimmingCharacters(in: .whitespacesAndNewlines)
      throw CheckpointError(
        "two jobs on one run folder: \(folder) is in use by \(holder)",
        hint: "wait for that job to end, or choose another output folder")
    }
    let text = Array("process \(getpid()) on \(ProcessInfo.processInfo.hostName)\n".utf8)
    guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, text, text.count, 0) == text.count
    else {
      let error = ByteFile.failure("pwrite", path)
      _ = close(descriptor)
      throw error
    }
    return descriptor
  }
}
