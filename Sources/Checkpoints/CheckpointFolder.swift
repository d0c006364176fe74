import Distributed
import Foundation

/// The folder with the checkpoints of a run.
package struct CheckpointFolder: Sendable {
  package let path: String

  /// What `latestVerified` found.
  package struct Latest: Sendable {
    /// The newest file that verifies, and its header; nil when none does.
    package let checkpoint: (path: String, header: CheckpointHeader)?
    /// Newer files that do not, newest first.
    package let skipped: [CheckpointRejection]
  }

  package init(path: String) { self.path = path }

  /// `step-00001200.h5`, wider for more than eight digits.
  package func path(step: Int) -> String {
    let digits = "\(step)"
    return "\(path)/step-" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
      + ".h5"
  }

  /// Committed files by ascending step; empty when there is no folder. Not collective.
  package func files() throws -> [(step: Int, path: String)] {
    try names().compactMap { name in
      guard name.hasPrefix("step-"), name.hasSuffix(".h5"),
        let step = Int(name.dropFirst(5).dropLast(3)), path(step: step) == "\(path)/\(name)"
      else { return nil }
      return (step, "\(path)/\(name)")
    }.sorted { $0.step < $1.step }
  }

  /// Creates the folder and removes what interrupted commits left behind. Collective.
  /// - Throws: `RemoteError`, the same on all ranks.
  package func prepare(on group: JobGroup) throws {
    try group.agreed {
      guard group.isRoot else { return }
      do {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      } catch {
        throw CheckpointError(
          "cannot create the folder \(path): \(error.localizedDescription)",
          hint: "choose an output folder that this user may write")
      }
      for name in try names() where name.hasPrefix("step-") && name.hasSuffix(".h5.partial") {
        try ByteFile.remove("\(path)/\(name)")
      }
    }
  }

  /// The newest checkpoint that verifies, and the newer files that do not. Not collective.
  package func latestVerified() throws -> Latest {
    try latest(among: files().reversed().map(\.path)) { try CheckpointVerifier.verify($0) }
  }

  /// The same, the hashing shared out over the ranks. Collective.
  /// - Throws: `RemoteError` when the folder cannot be read; errors of the group.
  package func latestVerified(on group: JobGroup) throws -> Latest {
    let list = try group.agreed { group.isRoot ? try files().reversed().map(\.path) : [] }
    var bytes = Array(list.joined(separator: "\n").utf8)
    try group.broadcast(&bytes)
    let paths = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    return try latest(among: paths) { try CheckpointVerifier.verify($0, on: group) }
  }

  /// Removes old checkpoints after a commit. Collective.
  ///
  /// Keeps `committedStep`, the `keepLast` newest files up to it, and the steps in `keeping` (the
  /// best ones). Files of later steps are left alone. So the file that was just verified always stays.
  /// - Throws: `RemoteError`, the same on all ranks.
  package func retain(
    keepLast: Int, keeping steps: [Int], committedStep: Int, on group: JobGroup
  ) throws {
    precondition(keepLast >= 1, "keepLast: expected at least 1, got \(keepLast)")
    try group.agreed {
      guard group.isRoot else { return }
      let older = try files().filter { $0.step <= committedStep }
      guard older.last?.step == committedStep else {
        throw CheckpointError(
          "\(path(step: committedStep)) is not there, so older checkpoints are kept")
      }
      for file in older.dropLast(keepLast) where !steps.contains(file.step) {
        try ByteFile.remove(file.path)
      }
    }
  }

  // MARK: - Private helpers

  private func latest(
    among paths: [String], verify: (String) throws -> CheckpointHeader
  ) throws -> Latest {
    var skipped: [CheckpointRejection] = []
    for path in paths {
      do { return Latest(checkpoint: (path, try verify(path)), skipped: skipped) } catch let
        rejection as CheckpointRejection
      { skipped.append(rejection) }
    }
    return Latest(checkpoint: nil, skipped: skipped)
  }

  private func names() throws -> [String] {
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    do { return try FileManager.default.contentsOfDirectory(atPath: path).sorted() } catch {
      throw CheckpointError("cannot list \(path): \(error.localizedDescription)")
    }
  }
}
