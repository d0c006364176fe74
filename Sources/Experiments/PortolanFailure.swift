import Distributed

/// How a command ended, as the number that the shell sees (BSD sysexits).
package enum ExitStatus: Int32, Sendable, CaseIterable {
  /// The command did what was asked.
  case success = 0
  /// The command line makes no sense.
  case usage = 64
  /// The configuration or the data is wrong.
  case badData = 65
  /// An input does not exist or cannot be opened.
  case noInput = 66
  /// A defect of this program, or of a library below it.
  case internalError = 70
  /// Reading or writing failed.
  case inputOutput = 74
  /// Stopped on request with a committed checkpoint; start again with `--resume`.
  case stopped = 75
}

/// A failure as its user reads it: what went wrong, what to do, and the exit status that says so to
/// a script.
///
/// The command line turns every error into one of these in one place, so that each message looks
/// alike and each kind of failure has its own status.
package struct PortolanFailure: ExitCodeCarrying, Equatable, CustomStringConvertible {
  /// The exit status of the command.
  package var status: ExitStatus
  /// What failed, where, what was expected and what was found. May have several lines.
  package var message: String
  /// What the user can do about it.
  package var hint: String?
  /// True if all ranks throw it, so that rank 0 speaks for them; false if one rank alone met it and
  /// has to name itself.
  package var isShared: Bool

  package init(
    _ status: ExitStatus, _ message: String, hint: String? = nil, isShared: Bool = true
  ) {
    self.status = status
    self.message = message
    self.hint = hint
    self.isShared = isShared
  }

  package var exitCode: Int32 { status.rawValue }
  package var concernsWholeJob: Bool { isShared }

  /// "message", then "hint: …" on its own line.
  package var description: String {
    guard let hint else { return message }
    return "\(message)\nhint: \(hint)"
  }
}
