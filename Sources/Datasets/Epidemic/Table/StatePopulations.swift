import Foundation

/// Inhabitants of the 50 states: the denominators that turn counts into shares.
package struct StatePopulations: Equatable, Sendable {
  /// Persons, in the order of ``USStates/names``, [50].
  package let persons: [Double]

  /// Numbers that are known, [50].
  init(persons: [Double]) { self.persons = persons }

  /// Reads a file with columns `state` and `population`. Places that are no state are skipped.
  /// - Throws: `DataError` with file, line and column; for a missing state, one that occurs twice, and
  ///   a population that is no positive whole number.
  package init(path: String) throws {
    try self.init(text: try EpidemicText.read(path), file: path)
  }

  /// Reads a text; `file` is what errors call it.
  package init(text: String, file: String) throws {
    let rows = try EpidemicText.rows(text, file: file)
    let places = try CSVHeader(rows.header, line: rows.headerLine, file: file)
      .places(of: ["state", "population"])
    var persons = [Double?](repeating: nil, count: USStates.count)
    for (fields, line) in zip(rows.fields, rows.lines) {
      let name = fields[places[0]].trimmingCharacters(in: .whitespaces)
      guard let state = USStates.place(of: name) else { continue }
      guard persons[state] == nil else {
        throw DataError(
          kind: .unsuitableShape, file: file, line: line, column: "state",
          expected: "every state once", got: "a second row of \(name)", hint: "remove one of them")
      }
      let field = fields[places[1]]
      let count = try EpidemicRecord.count(field, file: file, line: line, column: "population")
      guard let count, count > 0 else {
        throw DataError(
          kind: .outOfRange, file: file, line: line, column: "population",
          expected: "a positive number of persons", got: "'\(field)'")
      }
      persons[state] = count
    }
    self.persons = try Self.complete(persons, file: file)
  }

  /// The denominators that the reports themselves use: round(10⁵ · Confirmed / Incident_Rate), the most
  /// frequent value over the days, the smaller of two equally frequent ones. Single days differ, since
  /// counts were corrected after the rates had been computed.
  /// - Throws: `DataError` where a report cannot be read, or a state never has a rate.
  package init(
    dailyReports folder: String, days: ClosedRange<CalendarDay>? = nil
  ) throws {
    let reports = try DailyReports(folder: folder)
    var frequencies = [[Double: Int]](repeating: [:], count: USStates.count)
    let wanted = days ?? reports.days
    for number in wanted.lowerBound.number...wanted.upperBound.number {
      let (rows, file) = try reports.read(CalendarDay(number: number))
      let places = try CSVHeader(rows.header, line: rows.headerLine, file: file)
        .places(of: ["Province_State", "Confirmed", "Incident_Rate"])
      for (fields, line) in zip(rows.fields, rows.lines) {
        let name = fields[places[0]].trimmingCharacters(in: .whitespaces)
        guard let state = USStates.place(of: name),
          let confirmed = try EpidemicRecord.count(
            fields[places[1]], file: file, line: line, column: "Confirmed"),
          let rate = Double(fields[places[2]].trimmingCharacters(in: .whitespaces)),
          confirmed > 0, rate > 0
        else { continue }
        let persons = (confirmed / rate * 1e5).rounded()
        if persons.isFinite { frequencies[state][persons, default: 0] += 1 }
      }
    }
    persons = try Self.complete(
      frequencies.map { frequency in
        frequency.max { ($0.value, -$0.key) < ($1.value, -$1.key) }?.key
      }, file: folder)
  }

  private static func complete(_ persons: [Double?], file: String) throws -> [Double] {
    if let state = persons.firstIndex(of: nil) {
      throw DataError(
        kind: .unsuitableShape, file: file,
        expected: "the population of \(USStates.names[state])", got: "none",
        hint: "all 50 states are needed")
    }
    return persons.compactMap { $0 }
  }
}
