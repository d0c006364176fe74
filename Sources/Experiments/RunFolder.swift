import Checkpoints
import Distributed
import Foundation

/// The folder of a run and the names in it.
package struct RunFolder: Sendable, Equatable {
  package let path: String

  package init(_ path: String) { self.path = path }

  /// The fully resolved configuration of the run.
  package var configuration: String { "\(path)/configuration.yaml" }
  /// One row per log interval.
  package var metrics: String { "\(path)/metrics.csv" }
  package var checkpoints: String { "\(path)/checkpoints" }
  /// The final metrics.
  package var result: String { "\(path)/result.json" }
  package var report: String { "\(path)/report" }

  /// True if a run was begun here.
  package var holdsRun: Bool { FileManager.default.fileExists(atPath: configuration) }

  /// The configuration of the run in this folder. Not collective.
  ///
  /// - Throws: ``PortolanFailure`` with ``ExitStatus/noInput`` when the folder holds no run.
  package func recordedConfiguration() throws -> Configuration {
    guard holdsRun else {
      throw PortolanFailure(
        .noInput, "\(path) holds no run: it has no configuration.yaml",
        hint: "give the folder that `portolan train --output` made")
    }
    return try Configuration(contentsOf: configuration)
  }

  /// Makes the folder ready for training and takes it for this job, until the lock's scope ends.
  /// Collective.
  ///
  /// - Throws: `RemoteError`, the same on all ranks, with what ``create()`` and ``admit(_:resume:)``
  ///   throw, or because another job works in the folder.
  package func begin(
    _ configuration: Configuration, resume: Bool, on group: JobGroup
  ) throws -> RunFolderLock {
    try group.agreed { if group.isRoot { try create() } }
    let lock = try RunFolderLock(folder: path, on: group)
    try group.agreed { if group.isRoot { try admit(configuration, resume: resume) } }
    return lock
  }

  /// Creates the folder and those in it. Not collective.
  ///
  /// - Throws: ``PortolanFailure`` with ``ExitStatus/inputOutput``.
  package func create() throws {
    try reportingWriteErrors {
      try FileManager.default.createDirectory(
        atPath: checkpoints, withIntermediateDirectories: true)
    }
  }

  /// Records the configuration of a new run; with `resume`, lets a run that is there go on if it is
  /// the same experiment. Its `configuration.yaml` then stays, because keys that may change do not
  /// change what the run is. Not collective.
  ///
  /// - Throws: ``PortolanFailure`` with ``ExitStatus/badData`` when the folder holds a run and
  ///   `resume` is false, or holds another experiment.
  package func admit(_ configuration: Configuration, resume: Bool) throws {
    guard holdsRun else {
      try reportingWriteErrors {
        try Data(configuration.resolvedYAML.utf8).write(
          to: URL(fileURLWithPath: self.configuration), options: .atomic)
      }
      return
    }
    guard resume else {
      throw PortolanFailure(
        .badData, "\(path) already holds a run",
        hint: "add --resume to go on with it, or give another --output")
    }
    try configuration.requireSameExperiment(as: recordedConfiguration(), in: path)
  }

  private func reportingWriteErrors(_ work: () throws -> Void) throws {
    do {
      try work()
    } catch {
      throw PortolanFailure(
        .inputOutput, "cannot write to the run folder \(path): \(systemReason(of: error))",
        hint: "give an --output folder that you may write to")
    }
  }
}

/// What the system said, without Foundation's "The operation could not be completed."
func systemReason(of error: any Error) -> String {
  let below = (error as NSError).userInfo[NSUnderlyingErrorKey] as? any Error ?? error
  guard let code = (below as? POSIXError)?.code else { return below.localizedDescription }
  return String(cString: strerror(code.rawValue))
}

extension CheckpointFolder.Latest {
  /// Refuses to resume where that would lose work without a word: no checkpoint is sound, so that the
  /// run would begin anew, or the newest ones are those of a later version of this program, so that
  /// they would be written over. Not collective.
  ///
  /// - Throws: ``PortolanFailure`` with ``ExitStatus/badData``.
  package func requireUsable(in run: RunFolder) throws {
    let lines = skipped.map { "\n  \($0.file): it \($0.reason)" }.joined()
    if skipped.contains(where: \.isOfNewerFormat) {
      throw PortolanFailure(
        .badData, "cannot resume \(run.path), which a newer version of this program wrote:\(lines)",
        hint: "use that version, or move these files away to go on from an older checkpoint")
    }
    guard checkpoint == nil, !skipped.isEmpty else { return }
    throw PortolanFailure(
      .badData, "cannot resume \(run.path): none of its checkpoints is sound:\(lines)",
      hint: "bring back a copy of one, or move these files away to begin the run anew")
  }
}

extension CheckpointRejection {
  fileprivate var isOfNewerFormat: Bool {
    if case .newerFormat = reason { true } else { false }
  }
}
