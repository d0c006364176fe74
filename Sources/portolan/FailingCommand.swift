import ArgumentParser
import Experiments
import Foundation

/// A command whose errors are told, and turned into an exit status, in one way.
protocol FailingCommand: ParsableCommand {
  /// Does the work.
  func execute() throws -> ExitStatus
}

extension FailingCommand {
  func run() throws {
    let status: ExitStatus
    do {
      status = try execute()
    } catch {
      let failure = PortolanFailure(describing: error)
      failure.print(as: LauncherEnvironment.current)
      status = failure.status
    }
    throw ExitCode(status.rawValue)
  }
}

extension PortolanFailure {
  /// The failure of a command whose work is not in this version.
  init(notYetPartOf command: String) {
    self.init(.internalError, "`portolan \(command)` is not part of this version")
  }

  /// The failure that stands for any error of the modules below.
  init(describing error: any Error) {
    switch error {
    case let failure as PortolanFailure: self = failure
    case let problems as ConfigurationProblems: self.init(problems)
    default:
      self.init(
        .internalError, String(describing: error),
        hint: "this should not happen; please report it with the command and the configuration",
        isShared: false)
    }
  }

  /// Writes the failure to standard error. Rank 0 speaks for a failure that all ranks share; a rank
  /// that is alone with one names itself.
  func print(as process: LauncherEnvironment) {
    guard !isShared || process.rank == 0 else { return }
    let size = process.processCount ?? 1
    let name = isShared || size == 1 ? "" : "[rank \(process.rank)/\(size)] "
    FileHandle.standardError.write(Data("\(name)portolan: error: \(self)\n".utf8))
  }
}
