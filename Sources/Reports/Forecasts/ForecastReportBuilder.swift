import Foundation

/// Makes the report of a cross-validation: one HTML file that needs nothing beside it.
package enum ForecastReportBuilder {
  /// Draws the figures and writes `report/index.html` in a run's folder. Not collective.
  ///
  /// - Returns: path of the page.
  /// - Throws: `ReportError` where gnuplot is missing or fails, or the page cannot be written.
  package static func write(
    _ report: ForecastReport, runFolder: String, gnuplot: String = "gnuplot"
  ) throws -> String {
    try ReportBuilder.write(try html(report, gnuplot: gnuplot), runFolder: runFolder)
  }

  /// The page as text.
  package static func html(_ report: ForecastReport, gnuplot: String = "gnuplot") throws -> String {
    let program = try Gnuplot(named: gnuplot)
    var page = ReportPage(title: report.title, subtitle: report.subtitle)
    for table in report.tables {
      page.beginSection(table.heading, table.explanation)
      page.addTable(columns: table.columns, rows: table.rows)
    }
    for section in report.sections {
      page.beginSection(section.heading, section.explanation)
      let hasActual = section.curves.contains { !$0.actual.isEmpty }
      page.addLegend(of: report.models, hasActual: hasActual)
      let figures =
        section.curves.map { ForecastFigures.curves($0, of: report.models) }
        + section.states.map { ForecastFigures.states($0, of: report.models) }
      page.addFigures(
        try figures.map {
          (figure: $0, svg: try program.svg($0.script, width: $0.width, height: $0.height))
        })
    }
    page.addFacts(report.facts)
    page.addConfiguration(report.configuration)
    return page.finished()
  }
}
