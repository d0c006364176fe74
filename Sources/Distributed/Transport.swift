import Foundation
import MPI

/// How the ranks of a group hand each other data. Changes no bits.
public enum Transport: String, Sendable {
  /// Shared memory if all ranks of the group are on one host, messages otherwise.
  case automatic
  /// Messages only.
  case messages

  /// What `PORTOLAN_TRANSPORT` says: "messages", or anything else for `automatic`.
  public static var fromEnvironment: Transport {
    ProcessInfo.processInfo.environment["PORTOLAN_TRANSPORT"].flatMap(Transport.init) ?? .automatic
  }

  /// Whether all ranks can and want to share memory. Collective.
  func isShared(by communicator: borrowing Communicator) throws -> Bool {
    guard communicator.size > 1 else { return false }
    let placement = try communicator.nodePlacement()
    let bytes = communicator.size * SharedBoard.byteCount
    var answer: [Int64] = [
      self == .automatic && placement.localSize == communicator.size
        && SharedMemorySpace.has(byteCount: bytes) ? 1 : 0
    ]
    try communicator.allReduce(&answer, .minimum)
    return answer[0] == 1
  }
}

/// The file system that shared memory is taken from; containers often have a small one.
enum SharedMemorySpace {
  /// Whether so many bytes are free there, with some to spare: a page that is not there when it is
  /// touched ends the process. Not collective.
  static func has(byteCount: Int) -> Bool {
    var status = statvfs()
    guard statvfs("/dev/shm", &status) == 0 else { return false }
    return Double(status.f_bavail) * Double(status.f_frsize) > 1.25 * Double(byteCount)
  }
}
