import Datasets
import Foundation
import Testing

@Suite("CSV tables")
struct CSVTableTests {
  @Test("columns are read by name, in the order asked for")
  func namedColumns() throws {
    let text = "a, b ,c\r\n1,2e1,text\r\n-3,\"4\",\"more, text\"\r\n"
    let table = try CSVTable(text: text, file: "t.csv", columns: ["b", "a"])
    #expect(table.columnNames == ["b", "a"])
    #expect(table.count == 2)
    #expect(table.values == [20, 1, 4, -3])
    #expect(try table.values(rows: [1, 0, 1]) == [4, -3, 20, 1, 4, -3])
  }

  @Test("a byte order mark, blank lines at the end and a missing last line break are fine")
  func tolerated() throws {
    let table = try CSVTable(text: "\u{FEFF}x,y\n1,2\n3,4\n\n\n", file: "t.csv")
    #expect(table.columnNames == ["x", "y"] && table.count == 2)
    #expect(try CSVTable(text: "x,y\n1,2", file: "t.csv").values == [1, 2])
  }

  struct Bad: Sendable {
    let text: String
    var columns: [String]?
    let kind: DataError.Kind
    let message: String
  }

  static let badTables = [
    Bad(
      text: "x,y\n1,2\n3\n", kind: .raggedRow,
      message: "t.csv:3: expected 2 fields as in the header, got 1\n"
        + "hint: look for a missing comma or a comma inside a number"),
    Bad(
      text: "x,y\n1,2,3\n", kind: .raggedRow,
      message: "t.csv:2: expected 2 fields as in the header, got 3\n"
        + "hint: look for a missing comma or a comma inside a number"),
    Bad(
      text: "x,y\n1,2\n\n3,4\n", kind: .raggedRow,
      message: "t.csv:3: expected 2 fields as in the header, got 1\nhint: remove the blank line"),
    Bad(
      text: "x,y\n1,2\n3,four\n", kind: .notANumber,
      message: "t.csv:3: column 'y': expected a number, got 'four'\n"
        + "hint: leave the column out if it does not hold numbers"),
    Bad(
      text: "x,y\n1,2\n3,", kind: .notANumber,
      message: "t.csv:3: column 'y': expected a number, got an empty field\n"
        + "hint: remove rows with missing values, or leave the column out"),
    Bad(
      text: "x,note\n1,\"two\nlines\"\n3,4\n5x,6\n", columns: ["x"], kind: .notANumber,
      message: "t.csv:5: column 'x': expected a number, got '5x'\n"
        + "hint: leave the column out if it does not hold numbers"),
    Bad(
      text: "x,y\n1,NaN\n", kind: .notFinite,
      message: "t.csv:2: column 'y': expected a finite number, got 'NaN'\n"
        + "hint: remove rows with missing values"),
    Bad(
      text: "x,y\n-inf,1\n", kind: .notFinite,
      message: "t.csv:2: column 'x': expected a finite number, got '-inf'\n"
        + "hint: remove rows with missing values"),
    Bad(
      text: "x\n1e999\n", kind: .notFinite,
      message: "t.csv:2: column 'x': expected a finite number, got '1e999'\n"
        + "hint: remove rows with missing values"),
    Bad(
      text: "", kind: .emptyFile,
      message: "t.csv: expected a header with column names, got an empty file"),
    Bad(
      text: "\n \n", kind: .emptyFile,
      message: "t.csv: expected a header with column names, got an empty file"),
    Bad(
      text: "x,y\n", kind: .emptyTable,
      message: "t.csv:1: expected at least one row below the header, got the header alone"),
    Bad(
      text: "1.5,2\n3,4\n", kind: .missingHeader,
      message: "t.csv:1: expected a header with column names, got numbers\n"
        + "hint: add a first line such as 'x,y,z'"),
    Bad(
      text: "latitude,longitude\n1,2\n", columns: ["latitude", "Longitud"], kind: .missingColumn,
      message: "t.csv:1: column 'Longitud': expected a column of that name, "
        + "got the columns 'latitude', 'longitude'\nhint: did you mean 'longitude'?"),
    Bad(
      text: "x,y\n1,2\n", columns: ["temperature"], kind: .missingColumn,
      message: "t.csv:1: column 'temperature': expected a column of that name, "
        + "got the columns 'x', 'y'\nhint: name the columns as the file does"),
    Bad(
      text: "x;y\n1;2\n", columns: ["x"], kind: .missingColumn,
      message: "t.csv:1: column 'x': expected a column of that name, got the columns 'x;y'\n"
        + "hint: the fields seem to be separated by ';': use commas"),
    Bad(
      text: "x,y,x\n1,2,3\n", kind: .duplicateColumn,
      message: "t.csv:1: column 'x': expected every name once, got columns 1 and 3 of that name\n"
        + "hint: rename one of them"),
    Bad(
      text: "x,,y\n1,2,3\n", kind: .unnamedColumn,
      message: "t.csv:1: expected a name for column 2, got an empty field\n"
        + "hint: name every column, or remove a comma at the end of the line"),
    Bad(
      text: "x,y\n1,2\n\"3\"4,5\n", kind: .quotation,
      message: "t.csv:3: expected a comma or the end of the line after '\"', "
        + "got other text (Can't have non-quote here: 4)\n"
        + "hint: write a quotation mark inside a field as \"\""),
    Bad(
      text: "x,y\n1,\"2\n3,4\n", kind: .quotation,
      message: "t.csv:2: expected a closing '\"', got the end of the file\n"
        + "hint: write a quotation mark inside a field as \"\""),
  ]

  @Test("each fault is named with its line, column and a hint", arguments: badTables)
  func faults(bad: Bad) throws {
    let error = try #require(throws: DataError.self) {
      try CSVTable(text: bad.text, file: "t.csv", columns: bad.columns)
    }
    #expect(error.kind == bad.kind)
    #expect(error.description == bad.message)
  }

  @Test("a missing file, a folder and bytes that are not text are told apart")
  func unreadableFiles() throws {
    try CSVTableFixture.withTemporaryFolder { folder in
      let missing = try #require(throws: DataError.self) { try CSVTable(path: folder + "/no.csv") }
      #expect(missing.kind == .missingFile)
      #expect(
        missing.description.hasPrefix("\(folder)/no.csv: expected a CSV file, got no such file"))
      #expect(
        try #require(throws: DataError.self) { try CSVTable(path: folder) }.kind == .unreadable)
      try Data([0x78, 0x0A, 0xFF, 0xFE, 0x31]).write(to: URL(fileURLWithPath: folder + "/b.csv"))
      let binary = try #require(throws: DataError.self) { try CSVTable(path: folder + "/b.csv") }
      #expect(binary.kind == .unreadable)
      #expect(binary.description.contains("expected UTF-8 text"))
    }
  }

  @Test("a table as large as the largest public set is read in seconds at most")
  func speed() throws {
    let text =
      "latitude,longitude\n"
      + String(repeating: "-12.345678,123.456789\n", count: 12_809)
    var table: CSVTable?
    let time = try ContinuousClock().measure { table = try CSVTable(text: text, file: "t.csv") }
    #expect(table?.count == 12_809)
    #expect(time < .seconds(30), "0.05 s on a machine without other work")
  }

  @Test(
    "the public earthquake table is read whole", .enabled(if: CSVTableFixture.sharedData != nil))
  func earthquakes() throws {
    let folder = try #require(CSVTableFixture.sharedData)
    let table = try CSVTable(
      path: folder + "/earth/earthquake.csv", columns: ["latitude", "longitude"])
    #expect(table.count == 6120)
    for row in 0..<table.count {
      #expect(abs(table.values[2 * row]) <= 90 && abs(table.values[2 * row + 1]) <= 180)
    }
  }
}
