/// Makes the report of a table of errors: one HTML file that needs nothing beside it.
package enum ErrorReportBuilder {
  /// Draws the charts and writes `report/index.html` in a run's folder. Not collective.
  ///
  /// - Returns: path of the page.
  /// - Throws: `ReportError` where gnuplot is missing or fails, or the page cannot be written.
  package static func write(
    _ report: ErrorReport, runFolder: String, gnuplot: String = "gnuplot"
  ) throws -> String {
    try ReportBuilder.write(try html(report, gnuplot: gnuplot), runFolder: runFolder)
  }

  /// The page as text.
  package static func html(_ report: ErrorReport, gnuplot: String = "gnuplot") throws -> String {
    let program = try Gnuplot(named: gnuplot)
    var page = ReportPage(title: report.title, subtitle: report.subtitle)
    for section in report.sections {
      page.beginSection(section.heading, section.explanation)
      page.addLegend(of: report.models)
      let figures = section.charts.map { ErrorFigure.figure($0, of: report.models) }
      page.addFigures(
        try figures.map {
          (figure: $0, svg: try program.svg($0.script, width: $0.width, height: $0.height))
        })
    }
    for table in report.tables {
      page.beginSection(table.heading, table.explanation)
      page.addTable(columns: table.columns, rows: table.rows)
    }
    page.addFacts(report.facts)
    return page.finished()
  }
}
