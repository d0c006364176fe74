import Checkpoints
import Datasets
import Distributed
import Foundation
import HDF5
import MPI

extension PortolanFailure {
  /// The failure that stands for an error of any module, with its status, and whether all ranks
  /// have it.
  package init(describing error: any Error) {
    switch error {
    case let failure as PortolanFailure:
      self = failure
    case let problems as ConfigurationProblems:
      self.init(problems)
    case let error as SingletonError:
      self.init(.usage, error.description)
    case is any SharedByAllRanks:
      let status = (error as? any ExitCodeCarrying).flatMap { ExitStatus(rawValue: $0.exitCode) }
      self.init(status ?? .internalError, "\(error)")
    case let error as any ExitCodeCarrying:
      // Perhaps all ranks have it, but that is not known: telling it twice is better than silence.
      self.init(
        ExitStatus(rawValue: error.exitCode) ?? .internalError, "\(error)", isShared: false)
    case let error as CocoaError:
      self.init(.inputOutput, error.localizedDescription, isShared: false)
    case is MPIError, is DeadlineError, is DeadRankError, is DesynchronisationError:
      self.init(.internalError, "\(error)", isShared: false)
    default:
      self.init(
        .internalError, "\(error)",
        hint: "this should not happen; please report it with the command and the configuration",
        isShared: false)
    }
  }

  private init(_ problems: ConfigurationProblems) {
    let count = problems.problems.count
    let lines = problems.problems.map { "\n  \($0)" }.joined()
    self.init(
      .badData, "the configuration has \(count == 1 ? "a problem" : "\(count) problems"):\(lines)",
      hint: "`portolan configuration` prints every key with its range and its default")
  }
}

/// What the user gave to read or asked to write, so all ranks have it in common.
extension DataError: ExitCodeCarrying {
  /// By ``ExitStatus``.
  public var exitCode: Int32 {
    let status: ExitStatus =
      switch kind {
      case .missingFile: .noInput
      case .unwritable: .inputOutput
      case .unknownFormat: .usage
      default: .badData
      }
    return status.rawValue
  }

  /// Files that the user named are the same for all ranks.
  public var concernsWholeJob: Bool { true }
}

extension HDF5Error: ExitCodeCarrying {
  /// By ``ExitStatus``.
  public var exitCode: Int32 { ExitStatus.inputOutput.rawValue }
}
