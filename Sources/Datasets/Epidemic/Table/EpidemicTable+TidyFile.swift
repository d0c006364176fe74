import Foundation

extension EpidemicTable {
  /// Reads the tidy file: a row a day and state, with columns `date` (ISO), `state`, `confirmed`,
  /// `recovered` and `deaths`, in any order and among others. Rows in any order.
  /// - Throws: `DataError` with file, line and column.
  package init(tidyFile path: String) throws {
    try self.init(tidyText: try EpidemicText.read(path), file: path)
  }

  /// Reads a tidy text; `file` is what errors call it.
  /// - Throws: `DataError` with line and column.
  package init(tidyText text: String, file: String) throws {
    let rows = try EpidemicText.rows(text, file: file)
    let places = try CSVHeader(rows.header, line: rows.headerLine, file: file)
      .places(of: ["date", "state"] + EpidemicSeries.allCases.map(\.columnName))
    var records: [EpidemicRecord] = []
    records.reserveCapacity(rows.fields.count)
    var findings = EpidemicFindings()
    for (fields, line) in zip(rows.fields, rows.lines) {
      guard let day = CalendarDay(iso: fields[places[0]]) else {
        throw DataError(
          kind: .outOfRange, file: file, line: line, column: "date",
          expected: "a date as 2020-04-12", got: "'\(fields[places[0]].prefix(40))'")
      }
      if let record = try EpidemicRecord(
        day: day, name: fields[places[1]], fields: places[2...].map { fields[$0] },
        columns: EpidemicSeries.allCases.map(\.columnName), file: file, line: line,
        findings: &findings)
      {
        records.append(record)
      }
    }
    try self.init(records, findings: findings, file: file) { day in
      DataError(
        kind: .unsuitableShape, file: file, column: "date",
        expected: "every day from the first to the last", got: "no row of \(day)",
        hint: "windows need days without a gap: restore the day from the source")
    }
  }
}

extension EpidemicRecord {
  /// A row as its fields stand, nil for a place that is none of the 50 states.
  /// - Throws: `DataError` with file, line and column.
  init?(
    day: CalendarDay, name: String, fields: [String], columns: [String], file: String, line: Int,
    findings: inout EpidemicFindings
  ) throws {
    let name = name.trimmingCharacters(in: .whitespaces)
    guard let state = USStates.place(of: name) else {
      findings.add(.otherPlace, day: day, name: name)
      return nil
    }
    var counts: [Double?] = []
    for (field, column) in zip(fields, columns) {
      counts.append(try Self.count(field, file: file, line: line, column: column))
      if counts.last! != nil && field.contains(".") {
        findings.add(.decimalCount, day: day, name: name)
      }
    }
    self.init(day: day, state: state, counts: counts, file: file, line: line)
  }
}
