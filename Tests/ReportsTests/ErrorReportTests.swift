import Foundation
import Reports
import Testing

@Suite("Report of errors")
struct ErrorReportTests {
  private func report(_ hostile: String = "") -> ErrorReport {
    var report = ErrorReport(title: "Operators\(hostile)", subtitle: "u\(hostile)")
    report.models = [
      .init("FNO\(hostile)", isControl: false), .init("propagator", isControl: true),
      .init("absent", isControl: false),
    ]
    func line(_ values: [Double], half: Double?) -> [ErrorReport.Point] {
      zip([64.0, 128, 256], values).map { .init(place: $0, mean: $1, halfInterval: half) }
    }
    report.sections = [
      .init(
        heading: "By resolution\(hostile)", explanation: "Lower is better",
        charts: [
          .init(
            title: "ks\(hostile)", label: "points", errorLabel: "error", mark: 64,
            lines: [line([0.02, 0.03, 0.04], half: 0.05), line([0.5, 0.5, 0.5], half: nil), []]),
          // Nothing to draw, one place alone, and numbers that a logarithm has not.
          .init(title: "empty", label: "points", errorLabel: "error", lines: [[], [], []]),
          .init(
            title: "odd", label: "points", errorLabel: "error",
            lines: [
              [.init(place: 100, mean: 1e-7)],
              [.init(place: 100, mean: 0), .init(place: 200, mean: .nan)], [],
            ]),
        ])
    ]
    report.tables = [
      .init(
        heading: "Errors\(hostile)", explanation: "", columns: ["model", "s = 64"],
        rows: [["FNO\(hostile)", ReportTable.plain("**0.02 ± 0.05**")]])
    ]
    return report
  }

  @Test("Every chart, name and number is on the page, and no other file is needed")
  func whole() throws {
    let page = try ErrorReportBuilder.html(report())
    #expect(page.components(separatedBy: "<svg").count - 1 == 3)
    for text in ["By resolution", "★ 0.02 ± 0.05", "dashed", "propagator", "128", "0.01"] {
      #expect(page.contains(text), "\(text)")
    }
    for reference in ["<script", "<link", "href=", "src=", "NaN"] {
      #expect(!page.contains(reference), "\(reference)")
    }
  }

  @Test("Controls have dashes, models have not; intervals are drawn where they are known")
  func lines() throws {
    func dashes(_ isControl: Bool, half: Double?) throws -> (dashed: Int, paths: Int) {
      var report = ErrorReport(title: "", subtitle: "")
      report.models = [.init("model", isControl: isControl)]
      report.sections = [
        .init(
          heading: "", explanation: "",
          charts: [
            .init(
              title: "", label: "", errorLabel: "",
              lines: [[10.0, 20].map { .init(place: $0, mean: 0.1, halfInterval: half) }])
          ])
      ]
      let page = try ErrorReportBuilder.html(report)
      return (
        page.components(separatedBy: "stroke-dasharray").count,
        page.components(separatedBy: "<path").count
      )
    }
    let (model, control) = (try dashes(false, half: nil), try dashes(true, half: nil))
    #expect(control.dashed == model.dashed + 1)
    #expect(try dashes(false, half: 0.01).paths > model.paths)
  }

  @Test("Text from outside is no markup")
  func escaped() throws {
    let page = try ErrorReportBuilder.html(report("<b>&'\"</b>"))
    #expect(!page.contains("<b>&'"))
    #expect(page.contains("&lt;b&gt;&amp;"))
  }
}
