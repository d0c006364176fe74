import ArgumentParser
import Distributed
import Experiments
import Foundation
import MPI
import Reports

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
    } catch let told as ExitCode {
      throw told
    } catch {
      let process = LaunchedProcess.current
      let failure = PortolanFailure(describing: error)
      failure.print(rank: process.rank, count: process.count)
      if failure.isShared { process.letRootSpeak() }
      status = failure.status
    }
    if status == .stopped, LaunchedProcess.current.count > 1 {
      // The launcher ends all processes once the first one leaves with another status than 0; those
      // that are still leaving MPI would then be stuck in it until they are killed.
      Thread.sleep(forTimeInterval: 0.05)
    }
    throw ExitCode(status.rawValue)
  }

  /// Runs `body` on all ranks that the launcher started. An error that all ranks share lets MPI end
  /// in order; one that a rank has alone ends the job at once. Collective.
  ///
  /// - Throws: The exit status of an error, after it has been told.
  func onAllRanks(
    _ body: (borrowing Communicator) throws -> ExitStatus
  ) throws -> ExitStatus {
    var told: ExitStatus?
    do {
      return try MPIEnvironment.run(
        onFailure: { error, world in
          let failure = PortolanFailure(describing: error)
          failure.print(rank: world.rank, count: world.size)
          told = failure.status
          // The launcher has seen the death and is ending the job: an abort would wait for it, and it
          // for this process.
          if error is DeadRankError { _exit(failure.status.rawValue) }
          return failure.isShared ? .finalize : .abort(code: failure.status.rawValue)
        }, body)
    } catch {
      guard let told else { throw error }
      throw ExitCode(told.rawValue)
    }
  }
}

extension LaunchedProcess {
  static var current: LaunchedProcess { LaunchedProcess(ProcessInfo.processInfo.environment) }

  /// Waits half a second on every rank but 0: mpirun ends all processes when the first one fails, and
  /// a silent rank could be first.
  func letRootSpeak() {
    if rank != 0 { Thread.sleep(forTimeInterval: 0.5) }
  }
}

extension PortolanFailure {
  /// Writes the failure to standard error. Rank 0 speaks for a failure that all ranks share; a rank
  /// that is alone with one names itself.
  func print(rank: Int, count: Int) {
    guard !isShared || rank == 0 else { return }
    let name = isShared || count == 1 ? "" : "[rank \(rank)/\(count)] "
    FileHandle.standardError.write(Data("\(name)portolan: error: \(self)\n".utf8))
  }
}

extension ReportError: ExitCodeCarrying {
  /// By ``ExitStatus``.
  public var exitCode: Int32 {
    let status: ExitStatus =
      switch kind {
      case .missingProgram: .noInput
      case .malformedMetrics: .badData
      case .drawingFailed, .unreadable, .unwritable: .inputOutput
      }
    return status.rawValue
  }

  /// Files that the user named are the same for all ranks.
  public var concernsWholeJob: Bool { true }
}
