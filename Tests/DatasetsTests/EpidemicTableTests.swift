import Datasets
import Foundation
import TestSupport
import Testing

@Suite("Reading the epidemic")
struct EpidemicTableTests {
  static func isSame(_ a: [Double], _ b: [Double]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }
  }

  @Test("Days count as the calendar does")
  func calendar() throws {
    let leap = try #require(CalendarDay(iso: "2020-02-29"))
    #expect(leap.advanced(by: 1).description == "2020-03-01")
    #expect(leap.reportName == "02-29-2020")
    #expect(CalendarDay(iso: "1970-01-01")?.number == 0)
    #expect(CalendarDay(iso: "2000-03-01")?.number == 11_017)
    #expect(CalendarDay(reportName: "08-28-2021") == CalendarDay(iso: "2021-08-28"))
    for number in stride(from: -200_000, through: 400_000, by: 17) {
      let day = CalendarDay(number: number)
      #expect(CalendarDay(iso: day.description) == day)
    }
    for text in ["2021-02-29", "1900-02-29", "2020-13-01", "2020-4-12", "2020-04-31", "12-04-2020"]
      + ["", "2020-04-1x", "2020-04-12-", "+020-04-12"]
    {
      #expect(CalendarDay(iso: text) == nil, "\(text)")
    }
  }

  @Test("The tidy file: counts, missing values and findings")
  func tidy() throws {
    let fixture = EpidemicFixture()
    let table = try fixture.table
    #expect(table.dayCount == 24 && table.firstDay.description == "2020-04-20")
    for day in 0..<24 {
      for state in 0..<50 {
        let (c, r, d) = fixture.counts(day: day, state: state)
        #expect(table.count(day: day, state: state, series: .confirmed) == Double(c))
        #expect(table.count(day: day, state: state, series: .deaths) == Double(d))
        let isPlaceholder = r == 0
        #expect(
          table.count(day: day, state: state, series: .recovered)
            == (isPlaceholder ? nil : r.map(Double.init)))
      }
    }
    let findings = table.findings
    #expect(findings.count(of: .placeholderZero) == 5)
    #expect(Set(findings.places(of: .placeholderZero).map(\.name)) == ["Texas"])
    #expect(findings.count(of: .blankRecovered) == 24 * 7)
    #expect(findings.count(of: .decreaseOfDeaths) == 1)
    let decrease = try #require(findings.places(of: .decreaseOfDeaths).first)
    #expect(decrease.name == "Alaska" && decrease.day.description == "2020-04-28")
    #expect(findings.count(of: .lateStart) == 0 && findings.count(of: .decreaseOfRecovered) == 0)
    #expect(
      findings.description.contains(
        "5 placeholder zeros of recovered, taken as missing: from 2020-04-30 to 2020-05-04, Texas"))
  }

  @Test("Any order of rows and further columns give the same table")
  func order() throws {
    let fixture = EpidemicFixture()
    let lines = fixture.tidyLines
    let other = try EpidemicTable(
      tidyText: "note,deaths,recovered,confirmed,state,date\n"
        + lines.reversed().map { line in
          "\"a, b\","
            + line.split(separator: ",", omittingEmptySubsequences: false).reversed()
            .joined(separator: ",")
        }.joined(separator: "\n"), file: "other.csv")
    #expect(Self.isSame(try fixture.table.counts, other.counts))
  }

  @Test("Rows that repeat a day and state with the same counts are skipped and counted")
  func repeated() throws {
    let fixture = EpidemicFixture()
    let lines = fixture.tidyLines
    let day = lines[(3 * 50)..<(4 * 50)]
    let table = try EpidemicFixture.table(lines + day)
    #expect(table.findings.count(of: .repeatedRow) == 50)
    #expect(Self.isSame(table.counts, try fixture.table.counts))
  }

  struct Bad: Sendable, CustomTestStringConvertible {
    var name: String
    var kind: DataError.Kind
    var line: Int?
    var column: String?
    var parts: [String]
    var change: @Sendable (inout [String]) -> Void
    var testDescription: String { name }
  }

  static let place = EpidemicFixture().place(day: 5, "Ohio")
  static func replaced(
    _ lines: inout [String], _ change: (inout [String]) -> Void
  ) {
    var fields = lines[place].components(separatedBy: ",")
    change(&fields)
    lines[place] = fields.joined(separator: ",")
  }

  static let badTables = [
    Bad(
      name: "a missing day", kind: .unsuitableShape, column: "date",
      parts: ["every day from the first to the last", "no row of 2020-04-25", "hint"]
    ) { $0.removeSubrange(250..<300) },
    Bad(
      name: "a missing state", kind: .unsuitableShape,
      parts: ["expected a row for Ohio on 2020-04-25, got none", "all 50 states"]
    ) { $0.remove(at: place) },
    Bad(
      name: "a misspelt state", kind: .unsuitableShape,
      parts: ["expected a row for Ohio on 2020-04-25", "is 'Ohoi' meant?"]
    ) { replaced(&$0) { $0[1] = "Ohoi" } },
    Bad(
      name: "a negative count", kind: .outOfRange, line: place + 2, column: "deaths",
      parts: ["expected a count of 0 or more, got '-3'", "cumulative"]
    ) { replaced(&$0) { $0[4] = "-3" } },
    Bad(
      name: "text", kind: .notANumber, line: place + 2, column: "recovered",
      parts: ["expected a count of persons, or nothing, got 'n/a'", "blank"]
    ) { replaced(&$0) { $0[3] = "n/a" } },
    Bad(
      name: "not a number", kind: .notFinite, line: place + 2, column: "recovered",
      parts: ["got 'nan'"]
    ) { replaced(&$0) { $0[3] = "nan" } },
    Bad(
      name: "a fraction", kind: .outOfRange, line: place + 2, column: "confirmed",
      parts: ["expected a whole number of persons, got '12.5'"]
    ) { replaced(&$0) { $0[2] = "12.5" } },
    Bad(
      name: "blank deaths", kind: .notANumber, line: place + 2, column: "deaths",
      parts: ["a count for Ohio on 2020-04-25", "an empty field", "only recovered"]
    ) { replaced(&$0) { $0[4] = "" } },
    Bad(
      name: "a day twice, with other counts", kind: .unsuitableShape, line: 1202,
      parts: ["expected one row for Ohio on 2020-04-25", "(1, 2, 3) here", "on line \(place + 2)"]
    ) { $0.append("2020-04-25,Ohio,1,2,3") },
    Bad(
      name: "a wrong date", kind: .outOfRange, line: place + 2, column: "date",
      parts: ["a date as 2020-04-12, got '2020-04-31'"]
    ) { replaced(&$0) { $0[0] = "2020-04-31" } },
    Bad(
      name: "a short row", kind: .raggedRow, line: place + 2, parts: ["5 fields", "got 4"]
    ) { replaced(&$0) { $0.removeLast() } },
    Bad(
      name: "no row of a state", kind: .emptyTable, parts: ["rows of the 50 states"]
    ) { $0 = ["2020-04-20,Guam,1,2,3"] },
  ]

  @Test("Faults are named with place, expected, got and a hint", arguments: badTables)
  func faults(bad: Bad) throws {
    var lines = EpidemicFixture().tidyLines
    bad.change(&lines)
    let error = try #require(throws: DataError.self) { try EpidemicFixture.table(lines) }
    #expect(error.kind == bad.kind, "\(error)")
    #expect(error.line == bad.line && error.column == bad.column, "\(error)")
    #expect(error.file == "tidy.csv")
    for part in bad.parts { #expect(error.description.contains(part), "\(error)") }
  }

  @Test("A missing column is named with the columns there are")
  func columns() throws {
    let error = try #require(throws: DataError.self) {
      try EpidemicTable(tidyText: "date,state,confirmed,recoverd,deaths\n1,2,3,4,5\n", file: "a")
    }
    #expect(error.kind == .missingColumn && error.hint == "did you mean 'recoverd'?")
    #expect(throws: DataError.self) { try EpidemicTable(tidyFile: "/nowhere/tidy.csv") }
  }

  @Test("Populations: every state once, positive")
  func populations() throws {
    #expect(try EpidemicFixture.populations.persons[3] == 896_295)
    for (text, kind) in [
      ("state,population\nOhio,5\nOhio,6\n", DataError.Kind.unsuitableShape),
      ("state,population\nOhio,5\n", .unsuitableShape), ("state,population\nOhio,0\n", .outOfRange),
      ("state,population\nOhio,\n", .outOfRange), ("state,population\nOhio,many\n", .notANumber),
    ] {
      let error = try #require(throws: DataError.self) {
        try StatePopulations(text: text, file: "population.csv")
      }
      #expect(error.kind == kind, "\(error)")
    }
  }
}
