import CFileSystem
import Dispatch
import Glibc
import Synchronization

/// A file as bytes, by plain system calls, closed when its scope ends.
struct ByteFile: ~Copyable {
  enum Mode { case read, readWrite, create }

  private let descriptor: Int32
  let path: String

  init(_ path: String, _ mode: Mode) throws {
    let flags =
      switch mode {
      case .read: O_RDONLY
      case .readWrite: O_RDWR
      case .create: O_RDWR | O_CREAT | O_TRUNC
      }
    descriptor = open(path, flags | O_CLOEXEC, 0o644)
    self.path = path
    guard descriptor >= 0 else {
      throw Self.failure("open", path, hint: "check the path and its permissions")
    }
  }

  deinit { _ = close(descriptor) }

  /// Bytes of the file.
  func byteCount() throws -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.failure("fstat", path) }
    return Int(status.st_size)
  }

  /// Fills `buffer` from `offset` on; returns how many bytes there were before the file ended.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws -> Int {
    var done = 0
    while done < buffer.count {
      let count = pread(descriptor, buffer.baseAddress! + done, buffer.count - done, offset + done)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw Self.failure("pread", path) }
      if count == 0 { break }
      done += count
    }
    return done
  }

  /// The bytes of a range; fewer when the file ends before.
  func bytes(_ range: Range<Int>) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: range.count)
    let count = try bytes.withUnsafeMutableBytes { try read(into: $0, at: range.lowerBound) }
    bytes.removeLast(bytes.count - count)
    return bytes
  }

  func write(_ bytes: [UInt8], at offset: Int) throws {
    try bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let count = pwrite(
          descriptor, buffer.baseAddress! + done, buffer.count - done, offset + done)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { throw Self.failure("pwrite", path, hint: "is the disk full?") }
        done += count
      }
    }
  }

  /// Has the file system set aside space for the first `byteCount` bytes.
  func reserve(byteCount: Int) throws {
    // Returns the error instead of setting errno.
    let code = posix_fallocate(descriptor, 0, byteCount)
    guard code == 0 else {
      throw CheckpointError(
        "\(path): no space for \(byteCount) bytes: \(String(cString: strerror(code)))",
        hint: "free space on this file system, or keep fewer checkpoints")
    }
  }

  /// Has the disk begin with a range of bytes, without waiting for it. A hint: what is not written
  /// now is written by `synchronize`, which also reports errors.
  func startWriting(_ range: Range<Int>) {
    _ = cfilesystem_start_writing(descriptor, Int64(range.lowerBound), Int64(range.count))
  }

  /// Runs `body` while a thread of its own waits until the file is on the disk; returns after both.
  func synchronize<Value>(during body: () throws -> Value) throws -> Value {
    let outcome = SynchronizationOutcome()
    let isDone = DispatchSemaphore(value: 0)
    DispatchQueue.global().async { [descriptor] in
      if fsync(descriptor) != 0 {
        let code = errno
        outcome.code.withLock { $0 = code }
      }
      isDone.signal()
    }
    let result = Result { try body() }
    // Before anything is thrown: the thread uses the descriptor.
    isDone.wait()
    let code = outcome.code.withLock { $0 }
    guard code == 0 else {
      throw CheckpointError("fsync failed on \(path): \(String(cString: strerror(code)))")
    }
    return try result.get()
  }

  /// Waits until the file is on the disk.
  func synchronize() throws {
    guard fsync(descriptor) == 0 else { throw Self.failure("fsync", path) }
  }

  // MARK: - The folder above

  /// Moves a file over another one, atomically.
  static func rename(_ source: String, to target: String) throws {
    guard Glibc.rename(source, target) == 0 else {
      throw failure("rename", "\(source) to \(target)")
    }
  }

  /// Removes a file; one that is not there is fine.
  static func remove(_ path: String) throws {
    guard unlink(path) == 0 || errno == ENOENT else { throw failure("unlink", path) }
  }

  /// Writes a folder's entries to the disk, so that a rename survives a power cut.
  static func synchronizeFolder(_ path: String) throws {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("open", path) }
    defer { _ = close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure("fsync", path) }
  }

  static func failure(_ function: String, _ path: String, hint: String = "") -> CheckpointError {
    CheckpointError(
      "\(function) failed on \(path): \(String(cString: strerror(errno)))", hint: hint)
  }
}

/// The error number of an `fsync` on another thread; 0 when there was none.
private final class SynchronizationOutcome: Sendable {
  let code = Mutex<Int32>(0)
}
