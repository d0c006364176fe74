import Datasets
import Foundation
import TestSupport
import Testing

@Suite("Daily reports of the epidemic")
struct EpidemicReportsTests {
  @Test("A folder of reports gives the table of the tidy file, and its populations")
  func folder() throws {
    let fixture = EpidemicFixture()
    try CSVTableFixture.withTemporaryFolder { folder in
      try fixture.writeReports(to: folder)
      try "where from".write(toFile: folder + "/SOURCE", atomically: true, encoding: .utf8)
      let table = try EpidemicTable(dailyReports: folder)
      let tidy = try fixture.table
      #expect(table.firstDay == tidy.firstDay && table.dayCount == tidy.dayCount)
      #expect(EpidemicTableTests.isSame(table.counts, tidy.counts))
      #expect(table.findings.count(of: .otherPlace) == 3 * 24)
      #expect(
        Set(table.findings.places(of: .otherPlace).map(\.name))
          == ["Puerto Rico", "Diamond Princess", "Recovered"])
      // In the later twelve reports 43 states have a number.
      #expect(table.findings.count(of: .decimalCount) == 12 * 43)
      #expect(table.findings.count(of: .placeholderZero) == 5)
      #expect(
        try StatePopulations(dailyReports: folder) == EpidemicFixture.populations)

      let days = EpidemicFixture.firstDay.advanced(by: 2)...EpidemicFixture.firstDay.advanced(by: 5)
      let part = try EpidemicTable(dailyReports: folder, days: days)
      #expect(part.dayCount == 4)
      #expect(EpidemicTableTests.isSame(part.counts, Array(tidy.counts[300..<900])))
    }
  }

  @Test("Faults of a folder are named with the file")
  func faults() throws {
    let fixture = EpidemicFixture()
    func fault(
      _ change: (String) throws -> Void, days: ClosedRange<CalendarDay>? = nil
    ) throws -> DataError {
      var found: DataError?
      try CSVTableFixture.withTemporaryFolder { folder in
        try fixture.writeReports(to: folder)
        try change(folder)
        found = try #require(throws: DataError.self) {
          try EpidemicTable(dailyReports: folder, days: days)
        }
      }
      return try #require(found)
    }
    func edit(_ path: String, _ old: String, _ new: String) throws {
      let text = try String(contentsOfFile: path, encoding: .utf8)
      #expect(text.contains(old))
      try text.replacingOccurrences(of: old, with: new)
        .write(toFile: path, atomically: true, encoding: .utf8)
    }
    let gap = try fault { try FileManager.default.removeItem(atPath: $0 + "/04-25-2020.csv") }
    #expect(gap.kind == .missingFile && gap.file.hasSuffix("/04-25-2020.csv"))
    #expect(gap.description.contains("the report of 2020-04-25"))
    #expect(gap.description.contains("from 2020-04-20 to 2020-05-13"))

    let early = CalendarDay(iso: "2020-04-19")!
    let before = try fault({ _ in }, days: early...early.advanced(by: 3))
    #expect(before.kind == .missingFile && before.file.hasSuffix("/04-19-2020.csv"))

    let copy = try fault {
      try FileManager.default.copyItem(
        atPath: $0 + "/04-25-2020.csv", toPath: $0 + "/04-25-2020 (1).csv")
    }
    #expect(copy.kind == .unsuitableShape && copy.file.hasSuffix("04-25-2020 (1).csv"))

    let state = try fault { try edit($0 + "/04-25-2020.csv", "Ohio,", "Guam,") }
    #expect(state.kind == .unsuitableShape && state.file.hasSuffix("/04-25-2020.csv"))
    #expect(state.description.contains("a row for Ohio on 2020-04-25"))

    // Wyoming is the last state, on line 2; deaths are 20 + 49 + 5.
    let negative = try fault { try edit($0 + "/04-25-2020.csv", ",74,", ",-74,") }
    #expect(negative.kind == .outOfRange && negative.line == 2 && negative.column == "Deaths")

    let text = try fault { try edit($0 + "/05-10-2020.csv", ".0,", ".0 about,") }
    #expect(text.kind == .notANumber && text.column == "Recovered")
    #expect(text.description.contains(".0 about'"))

    let county = try fault { try edit($0 + "/04-20-2020.csv", "Long_", "Admin2") }
    #expect(county.description.contains("csse_covid_19_daily_reports_us"))

    #expect(throws: DataError.self) { try EpidemicTable(dailyReports: "/nowhere") }
    try CSVTableFixture.withTemporaryFolder { folder in
      let empty = try #require(throws: DataError.self) { try EpidemicTable(dailyReports: folder) }
      #expect(empty.kind == .emptyTable && empty.description.contains("launch/get-covid-data"))
    }
  }

  @Test("launch/get-covid-data takes the one folder from a repository, or says why not")
  func download() throws {
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(
        path: "launch/get-covid-data")
    let fixture = EpidemicFixture(days: 21)
    try CSVTableFixture.withTemporaryFolder { folder in
      let reports = "csse_covid_19_data/csse_covid_19_daily_reports_us"
      let files = FileManager.default
      try files.createDirectory(
        atPath: "\(folder)/origin/\(reports)", withIntermediateDirectories: true)
      try fixture.writeReports(to: "\(folder)/origin/\(reports)")
      try "large".write(toFile: folder + "/origin/other", atomically: true, encoding: .utf8)
      for arguments in [
        ["init", "--quiet"], ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "Add reports"],
      ] {
        let git = try MPIRun.spawn(
          URL(fileURLWithPath: "/usr/bin/env"), ["git", "-C", folder + "/origin"] + arguments,
          timeoutSeconds: 60)
        #expect(git.exitCode == 0, "\(git.errors)")
      }
      func fetch(_ arguments: String...) throws -> MPIRun.Outcome {
        try MPIRun.spawn(script, arguments, timeoutSeconds: 120)
      }
      let done = try fetch("\(folder)/data", "--repository", "\(folder)/origin")
      #expect(done.exitCode == 0, "\(done.errors)")
      #expect(done.output.contains("21 reports"))
      let names = try files.contentsOfDirectory(atPath: "\(folder)/data")
      #expect(names.count == 22 && names.contains("SOURCE"))
      let table = try EpidemicTable(dailyReports: "\(folder)/data")
      #expect(EpidemicTableTests.isSame(table.counts, try fixture.table.counts))

      let again = try fetch("\(folder)/data", "--repository", "\(folder)/origin")
      #expect(again.exitCode == 73 && again.errors.contains("is there already"))
      let nowhere = try fetch("\(folder)/none", "--repository", "\(folder)/nowhere")
      #expect(nowhere.exitCode == 69 && nowhere.errors.contains("is there a network?"))
      #expect(try fetch("\(folder)/none", "--commit", "main").exitCode == 64)
      #expect(try fetch().exitCode == 64)
      // Nothing is left of what failed.
      #expect(try files.contentsOfDirectory(atPath: folder).sorted() == ["data", "origin"])
    }
  }
}
