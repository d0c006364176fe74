import Datasets
import Foundation

/// Small epidemics with known counts, as a tidy file and as a folder of daily reports.
struct EpidemicFixture {
  static let header = "date,state,confirmed,recovered,deaths"
  static let firstDay = CalendarDay(iso: "2020-04-20")!
  /// Counts [days][50], each with a blank or not.
  var days = 24

  /// Confirmed, recovered, deaths of a state on a day; blanks in every seventh state, a decrease of
  /// deaths in Alaska on the ninth day, placeholders in Texas on the placeholder days.
  func counts(day: Int, state: Int) -> (Int, Int?, Int) {
    let name = USStates.names[state]
    let confirmed = 1000 + 40 * state + day * (20 + state) + day * day
    let isPlaceholder =
      name == "Texas" && EpidemicTable.placeholderDays.contains(Self.firstDay.advanced(by: day))
    let recovered: Int? = isPlaceholder ? 0 : state % 7 == 3 ? nil : confirmed / 3
    let deaths = name == "Alaska" && day == 8 ? 10 : 20 + state + day
    return (confirmed, recovered, deaths)
  }

  /// Lines of the tidy file without the header, [days · 50].
  var tidyLines: [String] {
    (0..<days).flatMap { day in
      USStates.names.indices.map { state in
        let (c, r, d) = counts(day: day, state: state)
        return "\(Self.firstDay.advanced(by: day)),\(USStates.names[state]),\(c),"
          + "\(r.map(String.init) ?? ""),\(d)"
      }
    }
  }

  var table: EpidemicTable {
    get throws { try Self.table(tidyLines) }
  }

  static func table(_ lines: [String]) throws -> EpidemicTable {
    try EpidemicTable(
      tidyText: ([header] + lines).joined(separator: "\n") + "\n", file: "tidy.csv")
  }

  /// A line of the tidy file, where it stands.
  func place(day: Int, _ state: String) -> Int { day * 50 + USStates.place(of: state)! }

  static func population(_ state: Int) -> Int { 600_000 + 98_765 * state }

  static var populations: StatePopulations {
    get throws {
      try StatePopulations(
        text: "state,population\n"
          + USStates.names.indices.map { "\(USStates.names[$0]),\(population($0))" }
          .joined(separator: "\n"), file: "population.csv")
    }
  }

  /// Writes daily reports in the layout of the publisher: other places among the states, a row
  /// `Recovered`, numbers with a point in later reports, a column with another name.
  static func writeReports(
    to folder: String, firstDay: CalendarDay, days: Int, population: (Int) -> Int,
    counts: (_ day: Int, _ state: Int) -> (Int, Int?, Int)
  ) throws {
    for day in 0..<days {
      let isLate = day >= days / 2
      let tests = isLate ? "Total_Test_Results" : "People_Tested"
      var lines = [
        "Province_State,Country_Region,Last_Update,Lat,Long_,Confirmed,Deaths,Recovered,Active,FIPS,"
          + "Incident_Rate,\(tests)"
      ]
      func add(_ name: String, _ c: Int, _ r: Int?, _ d: Int, rate: String) {
        let recovered = r.map { isLate ? "\($0).0" : "\($0)" } ?? ""
        lines.append(
          "\(name),US,\(firstDay.advanced(by: day + 1)) 04:31:43,1.5,-2.5,\(c),\(d),\(recovered),"
            + "\(c - d),1,\(rate),77")
      }
      for state in USStates.names.indices.reversed() {
        let (c, r, d) = counts(day, state)
        // On the first day the rates belong to other counts.
        let rate = Double(c + (day == 0 ? 500 : 0)) / Double(population(state)) * 1e5
        add(USStates.names[state], c, r, d, rate: "\(rate)")
        if state == 40 { add("Puerto Rico", 5, nil, 1, rate: "2.5") }
      }
      add("Diamond Princess", 49, 0, 0, rate: "")
      lines.append("Recovered,US,,,,0,0,32988,-32988,,,")
      try (lines.joined(separator: "\n") + "\n").write(
        toFile: "\(folder)/\(firstDay.advanced(by: day).reportName).csv", atomically: true,
        encoding: .utf8)
    }
  }

  func writeReports(to folder: String) throws {
    try Self.writeReports(
      to: folder, firstDay: Self.firstDay, days: days, population: Self.population,
      counts: counts(day:state:))
  }
}
