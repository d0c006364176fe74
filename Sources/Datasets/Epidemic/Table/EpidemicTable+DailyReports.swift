import Foundation

extension EpidemicTable {
  /// Reads a folder of daily state reports as published: `csse_covid_19_daily_reports_us`, with files
  /// `MM-DD-YYYY.csv`, the name being the day. Files with other extensions are skipped.
  ///
  /// Read are the columns `Province_State`, `Confirmed`, `Deaths` and `Recovered`.
  /// - Parameters:
  ///   - folder: its path.
  ///   - days: those to read; nil for all that there are, which must be without a gap.
  /// - Throws: `DataError` with file, line and column; of kind `missingFile` for a day without report.
  package init(dailyReports folder: String, days: ClosedRange<CalendarDay>? = nil) throws {
    let reports = try DailyReports(folder: folder)
    let wanted = days ?? reports.days
    var records: [EpidemicRecord] = []
    var findings = EpidemicFindings()
    for number in wanted.lowerBound.number...wanted.upperBound.number {
      let day = CalendarDay(number: number)
      let report = try reports.read(day)
      let places = try CSVHeader(
        report.rows.header, line: report.rows.headerLine, file: report.file
      ).places(of: ["Province_State"] + EpidemicSeries.allCases.map(\.reportColumnName))
      for (fields, line) in zip(report.rows.fields, report.rows.lines) {
        if let record = try EpidemicRecord(
          day: day, name: fields[places[0]], fields: places[1...].map { fields[$0] },
          columns: EpidemicSeries.allCases.map(\.reportColumnName), file: report.file, line: line,
          findings: &findings)
        {
          records.append(record)
        }
      }
    }
    try self.init(records, findings: findings, file: folder) { reports.missing($0) }
  }
}

/// The files of a folder of daily reports.
struct DailyReports {
  /// Path of the folder.
  let folder: String
  private let known: [CalendarDay]

  /// - Throws: `DataError` for a missing folder, one without reports, or a CSV file of another name.
  init(folder: String) throws {
    self.folder = folder
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue
    else {
      throw DataError(
        kind: .missingFile, file: folder, expected: "a folder of daily reports", got: "none",
        hint: "launch/get-covid-data fetches it")
    }
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    } catch {
      throw DataError(
        kind: .unreadable, file: folder, expected: "a readable folder",
        got: error.localizedDescription)
    }
    known = try names.filter { $0.lowercased().hasSuffix(".csv") }.map { name in
      guard let day = CalendarDay(reportName: name.dropLast(4)) else {
        throw DataError(
          kind: .unsuitableShape, file: "\(folder)/\(name)",
          expected: "a daily report named MM-DD-YYYY.csv", got: "another name",
          hint: "move files that are no daily reports, or second copies, out of the folder")
      }
      return day
    }.sorted()
    guard !known.isEmpty else {
      throw DataError(
        kind: .emptyTable, file: folder, expected: "files named MM-DD-YYYY.csv", got: "none",
        hint: "launch/get-covid-data fetches them")
    }
  }

  /// First and last day there is.
  var days: ClosedRange<CalendarDay> { known.first!...known.last! }

  /// The error for a day without a report.
  func missing(_ day: CalendarDay) -> DataError {
    DataError(
      kind: .missingFile, file: path(of: day), expected: "the report of \(day)",
      got: "no such file",
      hint: "there are reports from \(known.first!) to \(known.last!); "
        + "launch/get-covid-data fetches them all")
  }

  /// A report's rows.
  /// - Throws: `DataError`, also for the world's reports by county in place of the states'.
  func read(_ day: CalendarDay) throws -> (rows: CSVRows, file: String) {
    let file = path(of: day)
    guard FileManager.default.fileExists(atPath: file) else { throw missing(day) }
    let rows = try EpidemicText.rows(try EpidemicText.read(file), file: file)
    if rows.header.contains("Admin2") {
      throw DataError(
        kind: .unsuitableShape, file: file, line: rows.headerLine, column: "Admin2",
        expected: "a report with one row a state", got: "one with a row a county",
        hint: "the state reports are in the folder csse_covid_19_daily_reports_us")
    }
    return (rows, file)
  }

  private func path(of day: CalendarDay) -> String { "\(folder)/\(day.reportName).csv" }
}
