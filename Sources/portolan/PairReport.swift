import Datasets
import Experiments
import Foundation
import Reports

/// The report of a table of operators on partial differential equations from what its folder holds.
struct PairReport {
  let folder: PairFolder
  private var table: PairTable { folder.table }

  /// Draws it, and writes its tables in Markdown beside it. Not collective.
  ///
  /// - Returns: path of the page.
  /// - Throws: `ReportError` of the page, ``PortolanFailure`` with ``ExitStatus/inputOutput``.
  func write() throws -> String {
    var report = ErrorReport(
      title: "Operators on partial differential equations",
      subtitle: "u(0) ↦ u(T): \(count(table.sets.count, "set")), "
        + "\(count(table.models.count { !$0.isControl }, "operator")), "
        + "\(count(table.models.count(where: \.isControl), "control")), "
        + "\(count(folder.results.count, "cell"))")
    report.models = table.models.map { ReportModel($0.title, isControl: $0.isControl) }
    report.sections = [resolutions] + (table.samples.count > 1 ? [samples] : [])
    report.tables = texts.flatMap { columns, text in
      table.sets.enumerated().map { place, set in
        let (titles, rows) = text.rows(of: set)
        // What holds for all sets stands above the first.
        let explanation = place == 0 ? " " + text.explanation : ""
        return ReportTable(
          heading:
            "\(set.rawValue) \(columns == .samples ? "by number of pairs" : "by resolution")",
          explanation: text.caption(of: set)
            + explanation.replacing("Bold: the best", with: "★: the best"),
          columns: titles, rows: rows.map { $0.map(ReportTable.plain) })
      }
    }
    report.facts = [
      .init("training", "\(table.settings.steps) steps of batches of \(table.settings.batch)"),
      .init("grid of the training", "\(table.settings.trainingPoints) points"),
      .init("pairs of the test", "\(table.settings.testPairs)"),
      .init("seeds", table.seeds.map(String.init).joined(separator: ", ")),
      .init("shards", "\(table.settings.shards)"),
      .init("version", "\(JobStart.version), commit \(BuildInformation.commit)"),
    ]
    let page = try ErrorReportBuilder.write(report, runFolder: folder.path)
    try writeText(
      texts.map(\.text.markdown).joined(separator: "\n"), to: "\(folder.path)/report/table.md",
      hint: "check that the table's folder is writable and has space left")
    return page
  }

  /// By resolution, and by the number of pairs where there are several.
  private var texts: [(columns: PairTable.Columns, text: PairTableText)] {
    let columns: [PairTable.Columns] =
      table.samples.count > 1 ? [.resolutions, .samples] : [.resolutions]
    return columns.map { columns in
      var table = table
      table.columns = columns
      return (columns, PairTableText(table: table, results: folder.results))
    }
  }

  private func count(_ number: Int, _ name: String) -> String {
    "\(number) \(name)\(number == 1 ? "" : "s")"
  }

  // MARK: - Charts

  private var resolutions: ErrorReport.Section {
    let trained = table.settings.trainingPoints
    return ErrorReport.Section(
      heading: "Error against the resolution",
      explanation: "Mean relative L² error of u(T) on test pairs at grids of more and more points; "
        + "lower is better. All operators are trained on \(table.largestSamples) pairs on \(trained) "
        + "points, where the upright line stands. Means over the seeds; controls have dashes.",
      charts: table.sets.map { set in
        ErrorReport.Chart(
          title: set.rawValue, label: "points of the grid", errorLabel: Self.error,
          mark: Double(trained),
          lines: lines(
            set, table.settings.testPoints.map { .init(points: $0, samples: table.largestSamples) },
            withIntervals: false
          ) { $0.points })
      })
  }

  private var samples: ErrorReport.Section {
    let trained = table.settings.trainingPoints
    return ErrorReport.Section(
      heading: "Error against the number of training pairs",
      explanation: "Mean relative L² error of u(T) on test pairs at the grid of the training, "
        + "\(trained) points; lower is better. Every cell has the same number of steps. Controls have "
        + "dashes; bars are 95 % intervals over the seeds (Student's t), cut where they leave the frame.",
      charts: table.sets.map { set in
        ErrorReport.Chart(
          title: set.rawValue, label: "training pairs", errorLabel: Self.error,
          lines: lines(
            set, table.samples.map { .init(points: trained, samples: $0) }, withIntervals: true
          ) { $0.samples })
      })
  }

  private static let error = "relative L² error"

  private func lines(
    _ set: PDESet, _ places: [PairTable.Place], withIntervals: Bool,
    _ position: (PairTable.Place) -> Int
  ) -> [[ErrorReport.Point]] {
    table.models.map { model in
      places.compactMap { place in
        table.summary(set, model, place, of: folder.results).map {
          ErrorReport.Point(
            place: Double(position(place)), mean: $0.mean,
            halfInterval: withIntervals ? $0.shownHalfInterval : nil)
        }
      }
    }
  }
}
