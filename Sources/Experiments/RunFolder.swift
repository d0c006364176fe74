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
  private var lockFile: String { "\(path)/.lock" }

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

  /// Makes the folder ready for training. To be called by one process, which must keep the lock
  /// until it ends. Not collective.
  ///
  /// A new run gets its folders and its `configuration.yaml`. With `resume`, a run that is there must
  /// be the same experiment; its `configuration.yaml` stays, because keys that may change do not
  /// change what the run is.
  ///
  /// - Throws: ``PortolanFailure``: the folder holds a run and `resume` is false, or it holds another
  ///   experiment (``ExitStatus/badData``); another job works in it (``ExitStatus/usage``); it cannot
  ///   be written (``ExitStatus/inputOutput``).
  package func prepare(for configuration: Configuration, resume: Bool) throws -> RunLock {
    try reportingWriteErrors {
      try FileManager.default.createDirectory(
        atPath: checkpoints, withIntermediateDirectories: true)
    }
    let lock = try RunLock(path: lockFile, folder: path)
    if holdsRun {
      guard resume else {
        throw PortolanFailure(
          .badData, "\(path) already holds a run",
          hint: "add --resume to go on with it, or give another --output")
      }
      try configuration.requireSameExperiment(as: recordedConfiguration(), in: path)
    } else {
      try reportingWriteErrors {
        try Data(configuration.resolvedYAML.utf8).write(
          to: URL(fileURLWithPath: self.configuration), options: .atomic)
      }
    }
    return lock
  }

  private func reportingWriteErrors(_ work: () throws -> Void) throws {
    do {
      try work()
    } catch {
      let reason = (error as NSError).userInfo[NSUnderlyingErrorKey] as? any Error ?? error
      throw PortolanFailure(
        .inputOutput, "cannot write to the run folder \(path): \(reason.localizedDescription)",
        hint: "give an --output folder that you may write to")
    }
  }
}

/// The exclusive use of a run folder, for as long as this value lives. The system gives it back when
/// the process ends, however it ends.
package struct RunLock: ~Copyable {
  private let descriptor: Int32

  init(path: String, folder: String) throws {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw PortolanFailure(
        .inputOutput,
        "cannot write to the run folder \(folder): \(String(cString: strerror(errno)))",
        hint: "give an --output folder that you may write to")
    }
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return }
    let reason = errno
    close(descriptor)
    if reason == EWOULDBLOCK {
      throw PortolanFailure(
        .usage, "another job is working in \(folder)",
        hint: "wait for it to end, or give another --output")
    }
    throw PortolanFailure(
      .inputOutput, "cannot lock \(path): \(String(cString: strerror(reason)))",
      hint: "the file system of the run folder has to support file locks")
  }

  deinit { close(descriptor) }
}
