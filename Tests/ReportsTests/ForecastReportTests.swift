import Reports
import Testing

@Suite("Report of forecasts")
struct ForecastReportTests {
  private func report(_ hostile: String = "") -> ForecastReport {
    var report = ForecastReport(title: "Folds\(hostile)", subtitle: "Two models\(hostile)")
    report.models = [
      .init("network\(hostile)", isControl: false), .init("ruler", isControl: true),
    ]
    report.tables = [
      .init(
        heading: "Plan H\(hostile)", explanation: "Lower is better",
        columns: ["model", "C\(hostile)"],
        rows: [["network", "1 ± 2\(hostile)"], ["ruler", "3 ± 4"]])
    ]
    let days = (1...7).map { "day \($0)\(hostile)" }
    report.sections = [
      .init(
        heading: "Forecasts\(hostile)", explanation: "",
        curves: [
          .init(
            title: "Ohio\(hostile)", label: "persons", days: days,
            actual: [1e5, 1.1e5, .nan, 1.2e5, 1.3e5, 1.4e5, 1.5e5],
            values: [[1, 2, 3, 4, 5, 6, 7].map { $0 * 2e4 }, nil]),
          // Nothing to draw, and nothing that differs.
          .init(title: "Nobody", label: "persons", days: days, values: [nil, nil]),
          .init(
            title: "Flat", label: "persons", days: days,
            values: [nil, [Double](repeating: 0, count: 7)]),
        ],
        states: [
          .init(
            title: "By state", states: ["Ohio\(hostile)", "Utah"], models: [0, 1],
            values: [[10, 0], [.nan, 200]]),
          .init(title: "Empty", states: ["Ohio"], models: [0], values: [[.nan]]),
        ])
    ]
    return report
  }

  @Test("Every figure, name and number is on the page, and no other file is needed")
  func whole() throws {
    let page = try ForecastReportBuilder.html(report())
    #expect(page.components(separatedBy: "<svg").count - 1 == 5)
    for text in ["Plan H", "1 ± 2", "what happened", "dashed", "network", "Ohio", "By state"] {
      #expect(page.contains(text), "\(text)")
    }
    #expect(!page.contains("<script") && !page.contains("<link") && !page.contains("href="))
  }

  @Test("Text from outside is no markup")
  func escaped() throws {
    let page = try ForecastReportBuilder.html(report("<b>&'\"</b>"))
    #expect(!page.contains("<b>&'"))
    #expect(page.contains("&lt;b&gt;&amp;"))
  }
}
