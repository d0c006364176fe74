import Foundation

/// Writes a text whole, and the folders on the way to it. Not collective.
///
/// - Throws: ``PortolanFailure`` with ``ExitStatus/inputOutput`` and the hint.
package func writeText(
  _ text: String, to path: String, hint: String = "give an --output folder that you may write to"
) throws {
  do {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
  } catch {
    throw PortolanFailure(
      .inputOutput, "cannot write \(path): \(systemReason(of: error))", hint: hint)
  }
}

/// Makes a folder, and those on the way to it. Not collective.
///
/// - Throws: ``PortolanFailure`` with ``ExitStatus/inputOutput``.
func makeFolder(_ path: String) throws {
  do {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  } catch {
    throw PortolanFailure(
      .inputOutput, "cannot make the folder \(path): \(systemReason(of: error))",
      hint: "give an --output folder that you may write to")
  }
}

/// A table in Markdown.
func markdownTable(_ columns: [String], _ rows: [[String]]) -> String {
  ([columns, columns.map { _ in "---" }] + rows)
    .map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
}
