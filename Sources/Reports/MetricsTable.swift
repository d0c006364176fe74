import Foundation
import SwiftCSV

/// A metrics file read back: named columns of text, of which some are numbers and some are empty.
public struct MetricsTable: Sendable, Equatable {
  /// Names of the columns.
  public let columns: [String]
  /// Fields of each row, as they stand.
  public let rows: [[String]]

  /// Reads a file. A row that was cut off while being written is left out.
  /// - Throws: `ReportError`.
  public init(path: String) throws {
    var text: String
    do {
      text = try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw ReportError(
        kind: .unreadable, place: path, message: "cannot be read: \(error.localizedDescription)",
        hint: "the file is written by `portolan train`")
    }
    if let end = text.lastIndex(of: "\n") { text = String(text[...end]) }
    var all: [[String]] = []
    do {
      let csv = try CSV<Enumerated>(
        string: text, delimiter: .comma, loadColumns: false, rowLimit: 0)
      try csv.enumerateAsArray(startAt: 0, rowLimit: nil) { all.append($0) }
    } catch {
      throw ReportError(kind: .malformedMetrics, place: path, message: "is not CSV: \(error)")
    }
    guard let header = all.first, header.first == "step" else {
      throw ReportError(
        kind: .malformedMetrics, place: path, message: "expected a header that begins with 'step'")
    }
    for (index, row) in all.enumerated() where row.count != header.count {
      throw ReportError(
        kind: .malformedMetrics, place: "\(path):\(index + 1)",
        message: "expected \(header.count) fields, got \(row.count)")
    }
    columns = header
    rows = Array(all.dropFirst())
  }

  /// Text of a column, one a row; nil where there is no such column.
  public func texts(_ column: String) -> [String]? {
    columns.firstIndex(of: column).map { place in rows.map { $0[place] } }
  }

  /// Numbers of a column, one a row, nil for a field that is empty or no number; nil where there is no
  /// such column.
  public func numbers(_ column: String) -> [Double?]? {
    texts(column).map { $0.map { Double($0) } }
  }

  /// The points (step, value) of a column, in rows of one stage, where the field is a number.
  public func curve(_ column: String, stage: String? = nil) -> [(step: Double, value: Double)] {
    guard let steps = numbers("step"), let values = numbers(column) else { return [] }
    let stages = texts("stage")
    return rows.indices.compactMap { row in
      if let stage, let stages, stages[row] != stage { return nil }
      guard let step = steps[row], let value = values[row], value.isFinite else { return nil }
      return (step, value)
    }
  }

  /// Names of the stages, in order of their first row.
  public var stages: [String] {
    var names: [String] = []
    for stage in texts("stage") ?? [] where !names.contains(stage) { names.append(stage) }
    return names
  }
}
