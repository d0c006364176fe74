import Foundation
import SwiftCSV

/// A table of numbers from a comma-separated file with a header, in memory.
///
/// Strict: every row has as many fields as the header, and every field of a column that is read is a
/// finite number. Columns that are not read may hold anything. The first fault is thrown with its line.
///
/// SwiftCSV cuts the text into fields (RFC 4180 quotation included). Its rows are taken raw, because its
/// views silently fill short rows up; line numbers are counted here, since a quoted field may span lines.
public struct CSVTable: RowSource, Sendable {
  /// Names of the columns read, in the order asked for.
  public let columnNames: [String]
  /// Number of rows.
  public let count: Int
  /// [count, D], row after row.
  public let values: [Double]
  /// Line of the file that each row begins on, counted from 1, [count].
  package let lines: [Int]

  /// Reads a file.
  /// - Parameters:
  ///   - path: the file; UTF-8.
  ///   - columns: names of the columns wanted, in the order wanted; nil for all.
  /// - Throws: `DataError` with file, line and column.
  public init(path: String, columns: [String]? = nil) throws {
    guard FileManager.default.fileExists(atPath: path) else {
      throw DataError(
        kind: .missingFile, file: path, expected: "a CSV file", got: "no such file",
        hint: "paths are relative to the folder the command runs in")
    }
    let bytes: Data
    do {
      bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw DataError(
        kind: .unreadable, file: path, expected: "a readable file",
        got: error.localizedDescription)
    }
    guard let text = String(data: bytes, encoding: .utf8) else {
      throw DataError(
        kind: .unreadable, file: path, expected: "UTF-8 text", got: "other bytes",
        hint: "convert the file with `iconv -t UTF-8`")
    }
    try self.init(text: text, file: path, columns: columns)
  }

  /// Reads a text; `file` is what errors call it.
  /// - Throws: `DataError` with line and column.
  public init(text: String, file: String, columns: [String]? = nil) throws {
    let rows = try CSVRows(text: text, file: file)
    let wanted = try CSVHeader(rows.header, line: rows.headerLine, file: file)
      .places(of: columns)
    columnNames = wanted.map { rows.header[$0] }
    guard !rows.fields.isEmpty else {
      throw DataError(
        kind: .emptyTable, file: file, line: rows.headerLine,
        expected: "at least one row below the header", got: "the header alone")
    }
    var numbers: [Double] = []
    numbers.reserveCapacity(rows.fields.count * wanted.count)
    for (fields, line) in zip(rows.fields, rows.lines) {
      guard fields.count == rows.header.count else {
        throw DataError(
          kind: .raggedRow, file: file, line: line,
          expected: "\(rows.header.count) fields as in the header", got: "\(fields.count)",
          hint: fields == [""]
            ? "remove the blank line" : "look for a missing comma or a comma inside a number")
      }
      for place in wanted {
        numbers.append(
          try Self.number(fields[place], file: file, line: line, column: rows.header[place]))
      }
    }
    values = numbers
    lines = rows.lines
    count = rows.fields.count
  }

  /// Copies rows into [rows.count, D] numbers. Not collective.
  public func read(rows: [Int], into destination: UnsafeMutablePointer<Double>) {
    copy(rows, into: destination)
  }

  /// Copies rows into [rows.count, D] numbers. Not collective.
  public func read(rows: [Int], into destination: UnsafeMutablePointer<Float>) {
    copy(rows, into: destination)
  }

  // MARK: -

  private func copy<Scalar: BinaryFloatingPoint>(
    _ rows: [Int], into destination: UnsafeMutablePointer<Scalar>
  ) {
    let columns = columnNames.count
    for (place, row) in rows.enumerated() {
      precondition(row >= 0 && row < count, "row \(row) is not in 0..<\(count)")
      for column in 0..<columns {
        destination[place * columns + column] = Scalar(values[row * columns + column])
      }
    }
  }

  private static func number(
    _ field: String, file: String, line: Int, column: String
  ) throws -> Double {
    let text = field.trimmingCharacters(in: .whitespaces)
    guard let value = Double(text) else {
      let got = text.isEmpty ? "an empty field" : "'\(text.prefix(40))'"
      throw DataError(
        kind: .notANumber, file: file, line: line, column: column, expected: "a number", got: got,
        hint: text.isEmpty
          ? "remove rows with missing values, or leave the column out"
          : "leave the column out if it does not hold numbers")
    }
    guard value.isFinite else {
      throw DataError(
        kind: .notFinite, file: file, line: line, column: column, expected: "a finite number",
        got: "'\(text)'", hint: "remove rows with missing values")
    }
    return value
  }
}
