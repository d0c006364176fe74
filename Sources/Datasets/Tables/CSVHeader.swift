/// Checks of a table's column names, and the place of each name.
struct CSVHeader {
  private let names: [String]
  private let line: Int?
  private let file: String

  /// - Throws: `DataError` for a header of numbers, a nameless column or a name that occurs twice.
  init(_ names: [String], line: Int?, file: String, allowsNumbers: Bool = false) throws {
    self.names = names
    self.line = line
    self.file = file
    if !allowsNumbers && !names.isEmpty && names.allSatisfy({ Double($0) != nil }) {
      throw DataError(
        kind: .missingHeader, file: file, line: line, expected: "a header with column names",
        got: "numbers", hint: "add a first line such as 'x,y,z'")
    }
    for (place, name) in names.enumerated() {
      if name.isEmpty {
        throw DataError(
          kind: .unnamedColumn, file: file, line: line,
          expected: "a name for column \(place + 1)", got: "an empty field",
          hint: "name every column, or remove a comma at the end of the line")
      }
      if let first = names[..<place].firstIndex(of: name) {
        throw DataError(
          kind: .duplicateColumn, file: file, line: line, column: name,
          expected: "every name once", got: "columns \(first + 1) and \(place + 1) of that name",
          hint: "rename one of them")
      }
    }
  }

  /// One name with another separator in it: the file is probably no comma-separated one.
  private var separatorHint: String? {
    guard names.count == 1, let separator = names[0].first(where: { $0 == ";" || $0 == "\t" })
    else { return nil }
    return "the fields seem to be separated by \(separator == ";" ? "';'" : "tabs"): use commas"
  }

  /// Places of the columns wanted, or of all.
  /// - Throws: `DataError` of kind `missingColumn`, with the nearest name there is.
  func places(of wanted: [String]?) throws -> [Int] {
    guard let wanted else { return Array(names.indices) }
    return try wanted.map { name in
      if let place = names.firstIndex(of: name) { return place }
      let near = names.min(by: { $0.editDistance(to: name) < $1.editDistance(to: name) })
      let suggestion = near.flatMap { near in
        // A name in which every letter differs is no misspelling.
        near.editDistance(to: name) <= min(max(2, name.count / 3), name.count - 1)
          ? "did you mean '\(near)'?" : nil
      }
      throw DataError(
        kind: .missingColumn, file: file, line: line, column: name,
        expected: "a column of that name",
        got: "the columns " + names.prefix(12).map { "'\($0)'" }.joined(separator: ", ")
          + (names.count > 12 ? ", …" : ""),
        hint: separatorHint ?? suggestion ?? "name the columns as the file does")
    }
  }
}

extension String {
  /// Number of insertions, deletions and replacements between two names, ignoring case
  /// (Levenshtein, 1966).
  func editDistance(to other: String) -> Int {
    let (own, target) = (Array(lowercased()), Array(other.lowercased()))
    var row = Array(0...target.count)
    for (i, character) in own.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for j in target.indices {
        let replaced = diagonal + (character == target[j] ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = Swift.min(replaced, diagonal + 1, row[j] + 1)
      }
    }
    return row[target.count]
  }
}
