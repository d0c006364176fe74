import Foundation

/// One row of a report: the counts of a state on a day, and where it stands.
struct EpidemicRecord {
  let day: CalendarDay
  /// Place in ``USStates/names``.
  let state: Int
  /// In the order of ``EpidemicSeries``, nil where the field is blank.
  let counts: [Double?]
  let file: String
  let line: Int

  /// A count of persons as a field holds it: a whole number, also where it is written `84471.0`.
  /// - Returns: nil for a blank field.
  /// - Throws: `DataError` of kind `notANumber`, `notFinite` or `outOfRange`.
  static func count(
    _ field: String, file: String, line: Int, column: String
  ) throws -> Double? {
    let text = field.trimmingCharacters(in: .whitespaces)
    if text.isEmpty { return nil }
    func fault(_ kind: DataError.Kind, _ expected: String, _ hint: String?) -> DataError {
      DataError(
        kind: kind, file: file, line: line, column: column, expected: expected,
        got: "'\(text.prefix(40))'", hint: hint)
    }
    guard let value = Double(text) else {
      throw fault(
        .notANumber, "a count of persons, or nothing",
        "leave the field blank where there is no count")
    }
    guard value.isFinite else {
      throw fault(
        .notFinite, "a count of persons, or nothing",
        "leave the field blank where there is no count")
    }
    guard value >= 0 else {
      throw fault(
        .outOfRange, "a count of 0 or more",
        "the counts are cumulative: a correction lowers the later counts, it is not a negative one")
    }
    guard value == value.rounded(), value < 0x1p53 else {
      throw fault(.outOfRange, "a whole number of persons", nil)
    }
    return value
  }
}

/// Reads a whole text file.
enum EpidemicText {
  /// - Throws: `DataError` of kind `missingFile` or `unreadable`.
  static func read(_ path: String, hint: String? = nil) throws -> String {
    guard FileManager.default.fileExists(atPath: path) else {
      throw DataError(
        kind: .missingFile, file: path, expected: "a CSV file", got: "no such file",
        hint: hint ?? "paths are relative to the folder the command runs in")
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
    return text
  }

  /// The rows of a file, each with as many fields as the header.
  /// - Throws: `DataError`, of kind `raggedRow` for the first row that has not.
  static func rows(_ text: String, file: String) throws -> CSVRows {
    let rows = try CSVRows(text: text, file: file)
    guard !rows.fields.isEmpty else {
      throw DataError(
        kind: .emptyTable, file: file, line: rows.headerLine,
        expected: "at least one row below the header", got: "the header alone")
    }
    for (fields, line) in zip(rows.fields, rows.lines) where fields.count != rows.header.count {
      throw DataError(
        kind: .raggedRow, file: file, line: line,
        expected: "\(rows.header.count) fields as in the header", got: "\(fields.count)",
        hint: fields == [""]
          ? "remove the blank line" : "look for a missing comma or a comma inside a number")
    }
    return rows
  }
}
