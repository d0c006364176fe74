import Checkpoints
import Foundation

/// `portolan inspect`: what a checkpoint holds, in words or as JSON. Needs neither MPI nor HDF5.
package struct CheckpointInspection {
  private let file: String
  private let summary: CheckpointSummary

  /// Verifies and reads the file. Not collective.
  ///
  /// - Throws: ``PortolanFailure`` with ``ExitStatus/noInput``; `CheckpointRejection`.
  package init(of file: String) throws {
    try requireFile(file)
    self.file = file
    summary = try CheckpointSummary(inspecting: file)
  }

  /// One JSON object, or lines for a reader.
  package func text(json: Bool) throws -> String {
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(summary), as: UTF8.self)
    }
    let facts: [(String, String)] = [
      ("file", "\(file), \(summary.fileBytes) bytes, complete"),
      ("step", "\(summary.step)"),
      ("state digest", summary.stateDigest),
      ("parameters", "\(summary.parameterCount)"),
      (
        "made by", "\(summary.ranks) ranks, \(summary.shards) shards, BLAS core \(summary.blasCore)"
      ),
      ("format", "version \(summary.formatVersion)"),
    ]
    let lines = facts.map { name, value in
      name + String(repeating: " ", count: 15 - name.count) + value
    }
    let arrays = summary.arrays.map { array in
      let shape = array.shape.map(String.init).joined(separator: " × ")
      return "  \(array.path)  \(array.type.rawValue) [\(shape)]"
    }
    return (lines + ["arrays"] + arrays).joined(separator: "\n")
  }
}

/// `portolan verify`: checks every byte of a checkpoint. Not collective.
///
/// - Returns: What to tell the user about a sound file.
/// - Throws: ``PortolanFailure`` with ``ExitStatus/noInput``; `CheckpointRejection`.
package func verifyCheckpoint(_ file: String) throws -> String {
  try requireFile(file)
  let header = try CheckpointVerifier.verify(file)
  return "\(file) is sound: step \(header.step), state digest \(header.stateDigest)"
}

/// Requires an input to be there.
///
/// - Throws: ``PortolanFailure`` with ``ExitStatus/noInput``.
package func requireFile(_ path: String) throws {
  var isFolder: ObjCBool = false
  guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
    throw PortolanFailure(.noInput, "\(path): there is no such file")
  }
  guard !isFolder.boolValue else {
    throw PortolanFailure(.noInput, "\(path): expected a file, got a folder")
  }
}
