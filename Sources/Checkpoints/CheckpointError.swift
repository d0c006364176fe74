import Distributed

/// A checkpoint that could not be written, read or matched.
package struct CheckpointError: ExitCodeCarrying, Equatable, CustomStringConvertible {
  /// What went wrong, where.
  package let message: String
  /// What the user can do about it; empty when there is nothing to say.
  package let hint: String
  /// 74 for the file system, 65 for a file that does not fit.
  package let exitCode: Int32
  /// Files of a run are the same for all ranks.
  package var concernsWholeJob: Bool { true }

  package init(_ message: String, hint: String = "", exitCode: Int32 = 74) {
    self.message = message
    self.hint = hint
    self.exitCode = exitCode
  }

  package var description: String { hint.isEmpty ? message : "\(message)\nhint: \(hint)" }
}

/// Why a file is not a valid checkpoint.
package enum RejectionReason: Codable, Equatable, Sendable, CustomStringConvertible {
  /// The file cannot be opened or read.
  case unreadable(String)
  /// The file does not start like a checkpoint.
  case notACheckpoint
  /// The head is empty: the writer was stopped before it committed.
  case incomplete
  /// A later version of the format than this program knows.
  case newerFormat(found: Int, known: Int)
  /// The text header is not, byte for byte, what a writer writes.
  case damagedHeader(String)
  /// The file has lost or gained bytes.
  case wrongSize(expected: Int, got: Int)
  /// Bytes differ from those that were committed.
  case damagedBytes(String)

  package var description: String {
    switch self {
    case .unreadable(let text): "cannot be read: \(text)"
    case .notACheckpoint: "does not start like a checkpoint"
    case .incomplete: "was never completed"
    case .newerFormat(let found, let known):
      "has format version \(found), this program knows versions up to \(known)"
    case .damagedHeader(let text): "has a damaged header: \(text)"
    case .wrongSize(let expected, let got): "has \(got) bytes, expected \(expected)"
    case .damagedBytes(let text): "is damaged: \(text)"
    }
  }
}

/// A file that is not a valid checkpoint, and why. Collective verification throws it on all ranks.
package struct CheckpointRejection: SharedByAllRanks, ExitCodeCarrying, Equatable,
  CustomStringConvertible
{
  package let file: String
  package let reason: RejectionReason

  package init(file: String, reason: RejectionReason) {
    self.file = file
    self.reason = reason
  }

  package var exitCode: Int32 { 65 }
  package var concernsWholeJob: Bool { true }

  package var description: String {
    let hint =
      switch reason {
      case .newerFormat: "use a newer version of this program"
      case .unreadable: "check the path and its permissions"
      default: "use another checkpoint of the run; damaged ones are never repaired"
      }
    return "\(file) \(reason)\nhint: \(hint)"
  }
}
