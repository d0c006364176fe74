import SwiftCSV

/// The fields of a comma-separated text with the line each row begins on.
struct CSVRows {
  /// Fields of the first row, trimmed.
  let header: [String]
  /// Line of the header, counted from 1.
  let headerLine = 1
  /// Fields of the other rows as they stand.
  let fields: [[String]]
  /// Line each of the other rows begins on.
  let lines: [Int]

  /// - Throws: `DataError` of kind `emptyFile` or `quotation`.
  init(text: String, file: String) throws {
    var body = Substring(text)
    if body.first == "\u{FEFF}" { body.removeFirst() }
    while let last = body.last, last.isWhitespace { body.removeLast() }
    guard !body.isEmpty else {
      throw DataError(
        kind: .emptyFile, file: file, expected: "a header with column names", got: "an empty file")
    }
    var rows: [[String]] = []
    var starts: [Int] = []
    var line = 1
    var parseError: CSVParseError?
    do {
      // The final line break makes SwiftCSV report an empty last field. `rowLimit: 0` keeps the
      // initialiser from parsing all rows into a view that is not used.
      let csv = try CSV<Enumerated>(
        string: body + "\n", delimiter: .comma, loadColumns: false, rowLimit: 0)
      try csv.enumerateAsArray(startAt: 0, rowLimit: nil) { row in
        rows.append(row)
        starts.append(line)
        line += 1
        for field in row { for character in field where character.isNewline { line += 1 } }
      }
    } catch let error as CSVParseError {
      parseError = error
    }
    if let parseError {
      let detail =
        switch parseError {
        case .generic(let message), .quotation(let message): message
        }
      throw DataError(
        kind: .quotation, file: file, line: line,
        expected: "a comma or the end of the line after '\"'",
        got: "other text (\(detail))", hint: "write a quotation mark inside a field as \"\"")
    }
    if let open = rows.indices.last, let field = rows[open].last, field.contains(where: \.isNewline)
    {
      throw DataError(
        kind: .quotation, file: file, line: starts[open], expected: "a closing '\"'",
        got: "the end of the file", hint: "write a quotation mark inside a field as \"\"")
    }
    header = rows[0].map { name in
      let trimmed = name.drop(while: \.isWhitespace)
      return String(trimmed.reversed().drop(while: \.isWhitespace).reversed())
    }
    fields = Array(rows.dropFirst())
    lines = Array(starts.dropFirst())
  }
}
