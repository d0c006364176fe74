import Foundation

/// Writes `metrics.csv`: a header, then one row for each log interval.
///
/// The first column is `step`. Columns whose name ends in `Seconds` hold times; every other field is a
/// function of the configuration alone. After a resume from step n the rows after n are dropped before
/// new ones are added, so an interrupted run leaves the same bytes as one that was not, times apart.
/// Owned by the one rank that writes. Not collective.
public final class MetricsLog {
  /// Names of the columns; the first is `step`.
  public let columns: [String]
  private let path: String
  private let handle: FileHandle

  /// Starts a file, replacing what was there, or goes on with one.
  /// - Parameters:
  ///   - path: the file.
  ///   - columns: names; the first must be `step`.
  ///   - step: the step a run resumes from: rows up to and including it are kept, also where the file is
  ///     missing (then nothing is). Nil for a new run.
  /// - Throws: `ReportError` where the file cannot be read or written, or has other columns.
  public init(path: String, columns: [String], resumingAt step: Int? = nil) throws {
    precondition(columns.first == "step", "the first column must be 'step', got \(columns)")
    precondition(
      columns.allSatisfy { Self.isPlain($0) }, "column names must not need quotation: \(columns)")
    self.path = path
    self.columns = columns
    let header = columns.joined(separator: ",") + "\n"
    var content = header
    if let step, FileManager.default.fileExists(atPath: path) {
      content = try Self.kept(of: path, header: header, through: step)
    }
    do {
      try Data(content.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
      handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      try handle.seekToEnd()
    } catch {
      throw Self.unwritable(path, error)
    }
  }

  /// Adds a row, which reaches the operating system before this returns.
  /// - Parameter values: one for each column, the first an `integer`.
  /// - Throws: `ReportError` where the disk is full.
  public func append(_ values: [MetricValue]) throws {
    precondition(
      values.count == columns.count, "\(values.count) values for \(columns.count) columns")
    if case .integer = values[0] {} else { preconditionFailure("the step must be an integer") }
    let fields = values.map(\.field)
    precondition(
      fields.allSatisfy { Self.isPlain($0) }, "fields must not need quotation: \(fields)")
    do {
      try handle.write(contentsOf: Data((fields.joined(separator: ",") + "\n").utf8))
    } catch {
      throw Self.unwritable(path, error)
    }
  }

  /// Waits until the rows are on the disk: call before a checkpoint of the same step is committed.
  /// - Throws: `ReportError`.
  public func synchronise() throws {
    do {
      try handle.synchronize()
    } catch {
      throw Self.unwritable(path, error)
    }
  }

  // MARK: -

  /// The header and the whole rows up to a step. A row that was being written is dropped.
  private static func kept(of path: String, header: String, through step: Int) throws -> String {
    let text: String
    do {
      text = try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw ReportError(
        kind: .unreadable, place: path, message: "cannot be read: \(error.localizedDescription)")
    }
    if text.isEmpty { return header }
    guard text.hasPrefix(header) else {
      let first = text.prefix { $0 != "\n" }
      throw ReportError(
        kind: .malformedMetrics, place: path,
        message: "expected the columns '\(header.dropLast())', got '\(first)'",
        hint: "the file belongs to another experiment or version: move it away")
    }
    var kept = header
    var rest = text.dropFirst(header.count)
    while let end = rest.firstIndex(of: "\n") {
      let row = rest[..<end]
      guard let rowStep = row.split(separator: ",", maxSplits: 1).first.flatMap({ Int($0) })
      else { break }
      if rowStep > step { break }
      kept += row + "\n"
      rest = rest[rest.index(after: end)...]
    }
    return kept
  }

  private static func isPlain(_ field: String) -> Bool {
    !field.contains { $0 == "," || $0 == "\"" || $0.isNewline }
  }

  private static func unwritable(_ path: String, _ error: any Error) -> ReportError {
    ReportError(
      kind: .unwritable, place: path, message: "cannot be written: \(error.localizedDescription)",
      hint: "check that the folder exists, is writable and has space left")
  }
}
