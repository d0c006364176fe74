import Datasets
import Foundation
import Testing

/// The real epidemic, where the data lie beside the repository, against figures that another program
/// computed on the same file.
@Suite("Controls on the real epidemic", .enabled(if: CSVTableFixture.sharedData != nil))
struct EpidemicReferenceTests {
  static func table() throws -> EpidemicTable {
    try EpidemicTable(
      tidyFile: try #require(CSVTableFixture.sharedData) + "/covid19_us_states.csv")
  }
  static func populations() throws -> StatePopulations {
    try StatePopulations(
      path: try #require(CSVTableFixture.sharedData) + "/us_state_population.csv")
  }
  static func windows(_ blanks: RecoveredBlanks) throws -> EpidemicWindows {
    try EpidemicWindows(table(), populations: populations(), blanks: blanks)
  }

  @Test("The file is the one described: days, blanks, traps, totals")
  func findings() throws {
    let table = try Self.table()
    #expect(table.dayCount == 504 && table.firstDay.description == "2020-04-12")
    #expect(table.day(503).description == "2021-08-28")
    for (kind, count) in [
      (EpidemicFindings.Kind.blankRecovered, 11_613), (.placeholderZero, 74),
      (.decreaseOfConfirmed, 57), (.decreaseOfDeaths, 184), (.decreaseOfRecovered, 71),
      (.lateStart, 22), (.repeatedRow, 0), (.otherPlace, 0), (.decimalCount, 0),
    ] {
      #expect(table.findings.count(of: kind) == count, "\(kind)")
    }
    #expect(Set(table.findings.places(of: .placeholderZero).map(\.name)).count == 16)
    func total(_ day: String, _ series: EpidemicSeries) throws -> Double {
      let date = try #require(CalendarDay(iso: day))
      let place = try #require(table.place(of: date))
      return (0..<50).reduce(0) { $0 + (table.count(day: place, state: $1, series: series) ?? 0) }
    }
    #expect(try total("2021-08-28", .confirmed) == 38_628_914)
    #expect(try total("2021-08-28", .deaths) == 633_199)
    #expect(try total("2021-03-06", .recovered) == 10_750_738)
    let late = table.findings.places(of: .lateStart).first { $0.name == "Massachusetts" }
    #expect(late?.day.description == "2020-07-04")
    #expect(try Self.populations().persons.reduce(0, +) == 327_533_774)
  }

  @Test("Written as daily reports, the whole file is read the same, with its populations")
  func reports() throws {
    let table = try Self.table()
    let populations = try Self.populations()
    try CSVTableFixture.withTemporaryFolder { folder in
      try EpidemicFixture.writeReports(
        to: folder, firstDay: table.firstDay, days: table.dayCount,
        population: { Int(populations.persons[$0]) },
        counts: { day, state in
          let counts = table.counts[(day * 50 + state) * 3..<(day * 50 + state) * 3 + 3].map {
            $0.isNaN ? nil : Int($0)
          }
          return (counts[0]!, counts[1], counts[2]!)
        })
      let read = try EpidemicTable(dailyReports: folder)
      #expect(EpidemicTableTests.isSame(read.counts, table.counts))
      #expect(read.findings.count(of: .placeholderZero) == 74)
      #expect(try StatePopulations(dailyReports: folder) == populations)
    }
  }

  @Test("484 windows; 12 598 pairs of window and state have recovered observed, in 309 windows")
  func windows() throws {
    let windows = try Self.windows(.masked)
    #expect(windows.count == 484)
    #expect(windows.scoredPairs(of: .recovered) == 12_598)
    #expect(windows.scoredPairs(of: .confirmed) == 484 * 50)
    let scored = (0..<484).filter { window in
      (0..<50).contains { windows.isScored(window: window, state: $0, series: .recovered) }
    }
    #expect(scored.count == 309)
    #expect(
      windows.targetDay(try #require(scored.last)).advanced(by: 6).description == "2021-03-06")
  }

  @Test("Pooled over all windows, the controls that learn nothing, to four decimals")
  func pooled() throws {
    for (blanks, control, c, r, d, relative) in [
      (RecoveredBlanks.zero, EpidemicControl.persistence, 6118.6958, 4113.2056, 94.5332, 0.0498),
      (.zero, .slope, 1301.3584, 4966.2618, 28.7647, 0.0371),
      (.zero, .dampedSlope, 1218.6886, 4623.8816, 29.7786, 0.0358),
      (.carriedForward, .persistence, 6118.6958, 2111.1404, 94.5332, 0.0420),
      (.carriedForward, .slope, 1301.3584, 966.9512, 28.7647, 0.0229),
      (.carriedForward, .dampedSlope, 1218.6886, 974.6147, 29.7786, 0.0230),
      (.masked, .persistence, 6118.6958, 3785.5108, 94.5332, 0.0390),
      (.masked, .slope, 1301.3584, 1346.7947, 28.7647, 0.0139),
      (.masked, .dampedSlope, 1218.6886, 1367.3881, 29.7786, 0.0141),
    ] {
      let windows = try Self.windows(blanks)
      let score = EpidemicControlTests.errors(control, windows, training: [], test: Array(0..<484))
      for (series, value) in zip(EpidemicSeries.allCases, [c, r, d]) {
        let error = try #require(score.meanAbsoluteError(series))
        #expect(abs(error - value) <= 0.00005001, "\(blanks) \(control) \(series) \(error)")
      }
      #expect(abs(score.relativeL2Error! - relative) <= 0.00005001, "\(blanks) \(control)")
    }
  }

  /// A row of a table of results: mean and deviation as printed.
  struct Row: Sendable, CustomTestStringConvertible {
    var control: EpidemicControl
    var folds: String
    var blanks: RecoveredBlanks
    /// C, R, D as printed, with their numbers of decimals.
    var errors: [(mean: Double, deviation: Double, decimals: Int)]
    var relative: (mean: Double, deviation: Double)
    var testDescription: String { "\(control) \(folds) \(blanks)" }

    init(
      _ control: EpidemicControl, _ folds: String, _ blanks: RecoveredBlanks,
      _ c: (Double, Double), _ r: (Double, Double), _ d: (Double, Double),
      _ relative: (Double, Double)
    ) {
      (self.control, self.folds, self.blanks, self.relative) = (control, folds, blanks, relative)
      errors = [(c.0, c.1, 0), (r.0, r.1, 0), (d.0, d.1, 1)]
    }
  }

  static let rows = [
    Row(.slope, "random", .zero, (1301, 107), (4988, 3659), (28.8, 1.9), (0.0372, 0.0137)),
    Row(.slope, "random", .carriedForward, (1301, 107), (967, 163), (28.8, 1.9), (0.0229, 0.0034)),
    Row(.slope, "blocked", .zero, (1306, 886), (5002, 12371), (28.8, 12.7), (0.0371, 0.0444)),
    Row(
      .slope, "blocked", .carriedForward, (1306, 886), (969, 1071), (28.8, 12.7), (0.0227, 0.0223)),
    Row(.ridge, "random", .zero, (1166, 95), (4565, 2755), (31.5, 1.8), (0.0354, 0.0098)),
    Row(.ridge, "random", .carriedForward, (1166, 95), (1129, 138), (31.5, 1.8), (0.0219, 0.0036)),
    Row(.ridge, "blocked", .zero, (1211, 841), (6450, 13108), (34.8, 23.5), (0.0414, 0.0435)),
    Row(
      .ridge, "blocked", .carriedForward, (1211, 841), (1003, 1038), (34.8, 23.5), (0.0208, 0.0188)),
    Row(.nearestWindow, "random", .zero, (662, 64), (1148, 684), (16.0, 1.2), (0.0183, 0.0049)),
    Row(
      .nearestWindow, "random", .carriedForward, (652, 63), (490, 121), (15.7, 1.0),
      (0.0131, 0.0016)),
    Row(
      .nearestWindow, "blocked", .zero, (4461, 1885), (11828, 25209), (58.7, 33.3), (0.0976, 0.1216)
    ),
    Row(
      .nearestWindow, "blocked", .carriedForward, (4077, 2039), (1682, 1723), (56.1, 30.6),
      (0.0586, 0.0971)),
    // Plan H
    Row(
      .nearestWindow, "blocked", .masked, (4091, 2000), (2965, 2223), (56.4, 31.0), (0.0332, 0.0293)
    ),
    Row(
      .persistence, "blocked", .masked, (6138, 4481), (3964, 2784), (94.7, 60.8), (0.0388, 0.0275)),
    Row(.slope, "blocked", .masked, (1306, 886), (1444, 977), (28.8, 12.7), (0.0138, 0.0101)),
    Row(.dampedSlope, "blocked", .masked, (1223, 830), (1459, 987), (29.8, 13.0), (0.0140, 0.0104)),
    Row(.ridge, "blocked", .masked, (1211, 841), (1347, 929), (34.8, 23.5), (0.0128, 0.0096)),
  ]

  @Test("The tables of fold designs, to the last digit printed", arguments: rows)
  func designs(row: Row) throws {
    let windows = try Self.windows(row.blanks)
    let plan =
      row.folds == "random"
      ? EpidemicPlan(order: EpidemicReferenceOrder.windows, folds: 10, gap: 0)
      : EpidemicPlan(.blocks, windows: windows.count, seed: 1)
    let result = EpidemicResult(row.control, plan: plan, windows: windows)
    for (series, printed) in zip(EpidemicSeries.allCases, row.errors) {
      let summary = try #require(result.meanAbsoluteError(series))
      let half = 0.5001 * pow(10, -Double(printed.decimals))
      #expect(abs(summary.mean - printed.mean) <= half, "\(series) \(summary)")
      #expect(abs(summary.deviation - printed.deviation) <= half, "\(series) \(summary)")
      let scored = row.blanks == .masked && series == .recovered ? 7 : 10
      #expect(summary.count == scored, "\(series)")
    }
    let relative = try #require(result.relativeL2Error)
    #expect(abs(relative.mean - row.relative.mean) <= 0.00005001, "\(relative)")
    #expect(abs(relative.deviation - row.relative.deviation) <= 0.00005001, "\(relative)")
  }

  @Test("The probe for leaks: good under P by any seed, bad under H", arguments: [1, 2])
  func leaks(seed: UInt64) throws {
    func errors(_ name: EpidemicPlan.Name, _ control: EpidemicControl) throws -> [Double] {
      let windows = try Self.windows(name.blanks)
      let plan = EpidemicPlan(name, windows: windows.count, seed: seed)
      let result = EpidemicResult(control, plan: plan, windows: windows)
      return try EpidemicSeries.allCases.map { try #require(result.meanAbsoluteError($0)).mean }
    }
    let leaking = try errors(.randomWindows, .nearestWindow)
    let slope = try errors(.randomWindows, .slope)
    let honest = try errors(.blocks, .nearestWindow)
    // Every window is tested once, so that the seed moves the slope by the sizes of folds alone.
    #expect(abs(slope[0] - 1301.4) < 5 && abs(slope[2] - 28.76) < 0.2)
    #expect(abs(leaking[0] - 662) < 40 && leaking[0] < 0.6 * slope[0], "\(leaking)")
    #expect(abs(leaking[2] - 16) < 1 && leaking[1] < 0.4 * slope[1], "\(leaking)")
    #expect(honest[0] > 3 * slope[0] && honest[2] > 1.5 * slope[2], "\(honest)")
    // Day by day nearly every day of a test window stands in some training window.
    let lookedUp = try errors(.randomWindows, .nearestDay)
    #expect(lookedUp[0] < 20 && lookedUp[1] < 20 && lookedUp[2] < 0.5, "\(lookedUp)")
    let apart = try errors(.blocks, .nearestDay)
    #expect(apart[0] > 2 * slope[0] && apart[2] > slope[2], "\(apart)")
  }
}
