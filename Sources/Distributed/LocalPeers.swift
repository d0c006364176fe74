import Foundation

/// The other ranks on this machine, by process number, so that a dead one is seen at once.
///
/// A rank that is killed sends nothing, and shared memory does not tell; the launcher ends the others,
/// but only after it has waited for them to react to SIGTERM, which they take for a wish to stop.
final class LocalPeers: Sendable {
  private let processes: [(rank: Int, process: Int32)]

  init(_ processes: [(rank: Int, process: Int32)]) { self.processes = processes }

  /// This process: a namespace of process numbers, which two containers on one host do not share, and
  /// the number. Empty where the system does not tell.
  static var ownIdentity: String {
    let boot = FileManager.default.contents(atPath: "/proc/sys/kernel/random/boot_id")
    var link = [UInt8](repeating: 0, count: 256)
    let length = readlink("/proc/self/ns/pid", &link, link.count)
    guard let boot, !boot.isEmpty, length > 0 else { return "" }
    let place = String(decoding: boot + link.prefix(length), as: UTF8.self)
    return place.filter { !$0.isWhitespace } + " \(getpid())"
  }

  /// Those of other ranks' identities that lie in the same namespace as this one.
  convenience init(identities: [String], ownRank: Int) {
    func parts(_ text: String) -> (place: Substring, process: Int32)? {
      let fields = text.split(separator: " ")
      guard fields.count == 2, let process = Int32(fields[1]) else { return nil }
      return (fields[0], process)
    }
    let own = parts(identities[ownRank])
    self.init(
      identities.indices.compactMap { rank in
        guard rank != ownRank, let own, let other = parts(identities[rank]),
          other.place == own.place
        else { return nil }
        return (rank, other.process)
      })
  }

  /// The ranks whose processes are no longer there. Not collective.
  var dead: [Int] {
    processes.filter { kill($0.process, 0) != 0 && errno == ESRCH }.map(\.rank)
  }
}

/// A rank whose process ended while others still needed it.
public struct DeadRankError: Error, Equatable, CustomStringConvertible {
  /// The ranks that are gone.
  public let ranks: [Int]
  /// The operation that waited for them.
  public let operation: String
  /// The training step.
  public let step: Int

  /// Who is gone, and where it was noticed.
  public var description: String {
    let noun = ranks.count == 1 ? "rank \(ranks[0]) has" : "ranks \(ranks) have"
    return """
      \(noun) died, noticed in "\(operation)" of step \(step). hint: look for its own message, or for \
      the out-of-memory killer; --resume goes on from the last checkpoint
      """
  }
}
