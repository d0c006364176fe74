/// Cumulative counts of the COVID-19 epidemic in the 50 states of the USA, day by day.
///
/// Source: daily reports of the COVID-19 Data Repository by the Center for Systems Science and
/// Engineering at Johns Hopkins University (Dong, Du & Gardner, *Lancet Infect. Dis.* 20, 533, 2020).
/// No count is changed or filled: what is doubtful is marked, and counted in ``findings``.
///
/// Traps of the data, and what is done:
///
/// | trap | here |
/// |---|---|
/// | reports hold territories, DC, two ships and a row `Recovered` | left out, counted |
/// | whole numbers are written `84471.0` in later reports | read as whole numbers, counted |
/// | columns change their names over time, not those read here | read by name |
/// | `Last_Update` lies after midnight UTC | the day is that of the file's name |
/// | a row occurs twice with equal counts | once, counted; with other counts: an error |
/// | a day, or a state on a day, is not there | an error |
/// | confirmed or deaths blank, a negative count, text in a number | an error |
/// | recovered blank (46 % to 2021-08-28; all from 2021-03-07 on) | missing, counted |
/// | recovered 0 on 2020-04-30…05-04, after a change of source | taken as missing, counted |
/// | recovered begins late (Massachusetts: blank, then 93 157) | kept, counted; see ``isObserved(day:state:series:)`` |
/// | cumulative counts decrease | kept, counted |
package struct EpidemicTable: Sendable {
  /// The first day.
  package let firstDay: CalendarDay
  /// Number of days, without a gap.
  package let dayCount: Int
  /// Counts in persons as the source has them, NaN where it has none; [days, 50, 3].
  package let counts: [Double]
  /// What was met and repaired while reading.
  package let findings: EpidemicFindings
  private let observed: [Bool]

  /// Days on which the source put zeros in place of unknown recovered counts.
  package static let placeholderDays =
    CalendarDay(iso: "2020-04-30")!...CalendarDay(iso: "2020-05-04")!

  /// A day by its place.
  package func day(_ place: Int) -> CalendarDay { firstDay.advanced(by: place) }

  /// Place of a day, nil outside the table.
  package func place(of day: CalendarDay) -> Int? {
    let place = day.number - firstDay.number
    return (0..<dayCount).contains(place) ? place : nil
  }

  /// A count in persons, nil where it is missing: blank, or a placeholder.
  /// - Precondition: `day` and `state` are places in the table.
  package func count(day: Int, state: Int, series: EpidemicSeries) -> Double? {
    isObserved(day: day, state: state, series: series)
      ? counts[(day * USStates.count + state) * 3 + series.rawValue] : nil
  }

  /// Whether there is a count: neither blank nor a placeholder.
  /// - Precondition: `day` and `state` are places in the table.
  package func isObserved(day: Int, state: Int, series: EpidemicSeries) -> Bool {
    precondition(
      (0..<dayCount).contains(day) && (0..<USStates.count).contains(state),
      "day \(day), state \(state) are not in [\(dayCount), \(USStates.count)]")
    return observed[(day * USStates.count + state) * 3 + series.rawValue]
  }

  // MARK: -

  /// Puts records in order, and checks that each state has counts on each day.
  ///
  /// - Parameters:
  ///   - records: in any order.
  ///   - findings: what the reader met so far.
  ///   - file: what errors call the whole, where no single row is to blame.
  ///   - missingDay: the error for a day without a record.
  /// - Throws: `DataError` for a missing day or state, a blank in confirmed or deaths, and for two
  ///   records of a state and day with different counts.
  init(
    _ records: [EpidemicRecord], findings: EpidemicFindings, file: String,
    missingDay: (CalendarDay) -> DataError
  ) throws {
    guard let first = records.lazy.map(\.day).min(), let last = records.lazy.map(\.day).max()
    else {
      throw DataError(
        kind: .emptyTable, file: file, expected: "rows of the 50 states", got: "none",
        hint: "states are spelled 'Alabama', 'New York', …")
    }
    firstDay = first
    dayCount = last.number - first.number + 1
    var findings = findings
    var rowOf = [Int?](repeating: nil, count: dayCount * USStates.count)
    var counts = [Double](repeating: .nan, count: rowOf.count * 3)
    var isPresent = [Bool](repeating: false, count: dayCount)
    for (row, record) in records.enumerated() {
      let day = record.day.number - first.number
      isPresent[day] = true
      let cell = day * USStates.count + record.state
      if let earlier = rowOf[cell] {
        try Self.checkRepeat(of: records[earlier], record)
        findings.add(.repeatedRow, day: record.day, name: USStates.names[record.state])
        continue
      }
      rowOf[cell] = row
      for series in EpidemicSeries.allCases {
        guard let count = record.counts[series.rawValue] else {
          if series == .recovered { continue }
          throw DataError(
            kind: .notANumber, file: record.file, line: record.line, column: series.columnName,
            expected: "a count for \(USStates.names[record.state]) on \(record.day)",
            got: "an empty field", hint: "only recovered may be blank")
        }
        counts[cell * 3 + series.rawValue] = count
      }
    }
    if let gap = isPresent.firstIndex(of: false) { throw missingDay(first.advanced(by: gap)) }
    if let cell = rowOf.firstIndex(of: nil) {
      let day = first.advanced(by: cell / USStates.count)
      throw Self.missingState(
        USStates.names[cell % USStates.count], day: day, findings: findings,
        file: records.first { $0.day == day }?.file ?? file)
    }
    self.counts = counts
    observed = Self.observed(counts, firstDay: first, findings: &findings)
    Self.addCourse(of: counts, observed: observed, firstDay: first, to: &findings)
    self.findings = findings
  }

  private static func checkRepeat(of first: EpidemicRecord, _ second: EpidemicRecord) throws {
    guard first.counts != second.counts else { return }
    func text(_ record: EpidemicRecord) -> String {
      record.counts.map { $0.map { String(Int($0)) } ?? "blank" }.joined(separator: ", ")
    }
    throw DataError(
      kind: .unsuitableShape, file: second.file, line: second.line,
      expected: "one row for \(USStates.names[second.state]) on \(second.day)",
      got: "(\(text(second))) here and (\(text(first))) on line \(first.line)"
        + (first.file == second.file ? "" : " of \(first.file)"),
      hint: "a repeated row is skipped where its counts are the same: remove the wrong one")
  }

  private static func missingState(
    _ name: String, day: CalendarDay, findings: EpidemicFindings, file: String
  ) -> DataError {
    let near = findings.places(of: .otherPlace).first {
      $0.day == day && $0.name.editDistance(to: name) <= 2
    }
    return DataError(
      kind: .unsuitableShape, file: file, expected: "a row for \(name) on \(day)", got: "none",
      hint: near.map { "is '\($0.name)' meant?" }
        ?? "every day needs all 50 states: restore the row from the source")
  }
}
