import Foundation

/// Makes the report of a run: one HTML file that needs nothing beside it.
public enum ReportBuilder {
  /// Draws the figures and writes `report/index.html` in a run's folder. Not collective.
  /// - Parameters:
  ///   - input: what to show.
  ///   - runFolder: folder of the run; `report/` is created in it.
  ///   - gnuplot: name or path of the program that draws.
  /// - Returns: path of the page.
  /// - Throws: `ReportError` where gnuplot is missing or fails, or the page cannot be written.
  @discardableResult
  public static func write(
    _ input: ReportInput, runFolder: String, gnuplot: String = "gnuplot"
  ) throws -> String {
    try write(html(input, gnuplot: gnuplot), runFolder: runFolder)
  }

  /// Writes a page to `report/index.html` in a run's folder. Not collective.
  /// - Returns: its path.
  static func write(_ page: String, runFolder: String) throws -> String {
    let folder = URL(fileURLWithPath: runFolder).appendingPathComponent("report")
    let path = folder.appendingPathComponent("index.html")
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(page.utf8).write(to: path, options: .atomic)
    } catch {
      throw ReportError(
        kind: .unwritable, place: path.path,
        message: "cannot be written: \(error.localizedDescription)",
        hint: "check that the run's folder is writable and has space left")
    }
    return path.path
  }

  /// The page as text.
  /// - Throws: `ReportError` where gnuplot is missing or fails.
  public static func html(_ input: ReportInput, gnuplot: String = "gnuplot") throws -> String {
    let program = try Gnuplot(named: gnuplot)
    var page = ReportPage(title: input.title, subtitle: input.subtitle)
    page.addResults(input.results, ceiling: input.ceiling)
    for section in sections(of: input) {
      page.beginSection(section.heading, section.explanation)
      for (figures, arrangement) in section.figures {
        page.addFigures(
          try figures.map {
            (figure: $0, svg: try program.svg($0.script, width: $0.width, height: $0.height))
          }, arrangement)
      }
      section.ending(&page)
    }
    page.addFacts(input.facts)
    page.addConfiguration(input.configuration)
    return page.finished()
  }

  /// A heading with pictures below it.
  private struct Section {
    var heading: String
    var explanation: String
    var figures: [(figures: [Figure], arrangement: ReportPage.Arrangement)]
    /// What stands below the pictures.
    var ending: (inout ReportPage) -> Void = { _ in }
  }

  private static func sections(of input: ReportInput) -> [Section] {
    let hasPoints =
      !input.columnNames.isEmpty && !(input.data.isEmpty && input.samples.isEmpty)
    let views = PointViews(input)
    return [
      input.sphere.map(density(on:)),
      hasPoints ? dataBesideSamples(input, views) : nil,
      hasPoints ? input.charts.map { charts($0, input, views) } : nil,
      convergence(input.stages),
    ].compactMap { $0 }
  }

  // MARK: - Sections

  private static func density(on sphere: SphereDensity) -> Section {
    let integral =
      sphere.measure == .area
      ? String(format: " Its integral over the map is %.4f.", sphere.integral) : ""
    return Section(
      heading: "Density on the sphere",
      explanation: "Log-density of the model in nats "
        + (sphere.measure == .area
          ? "per unit area of the sphere of radius 1; uniform points would have −2.531 everywhere."
          : "per unit volume of space, at the points of the sphere.")
        + " The darkest colour stands for everything below its value, where one point in 200 lies."
        + integral + " The hemispheres have the same colours and true areas"
        + (sphere.points.isEmpty ? "." : ", with training points in white."),
      figures: [
        ([WorldMap.figure(sphere)], .rows),
        ([0, 180].map { Hemisphere(longitude: $0).figure(sphere) }, .rows),
      ])
  }

  private static func dataBesideSamples(_ input: ReportInput, _ views: PointViews) -> Section {
    let columns = input.columnNames.count
    let sets = [("Data", input.data, Ink.data), ("Samples", input.samples, .sample)]
      .filter { !$0.1.isEmpty }
      .map { PointSet($0, points: $1, columns: columns, ink: $2) }
    return Section(
      heading: "Data beside samples",
      explanation: "Blue: test data. Red: points drawn from the model, in the same frame. The "
        + "closer they look, the better.\(views.remark)", figures: views.figures(sets))
  }

  private static func charts(
    _ charts: ReportInput.Charts, _ input: ReportInput, _ views: PointViews
  ) -> Section {
    let columns = input.columnNames.count
    var sets = [
      PointSet(
        "Data by chart", points: charts.points, columns: columns, charts: charts.chartIndices)
    ]
    if !charts.sampleIndices.isEmpty {
      sets.append(
        PointSet(
          "Samples by chart", points: input.samples, columns: columns,
          charts: charts.sampleIndices))
    }
    return Section(
      heading: "Charts",
      explanation: "Each point in the colour of its chart: for data the most probable one, for "
        + "samples the one they were drawn on. Below, the share of the training rows that each "
        + "chart holds, with a dashed line at an equal share.",
      figures: views.figures(sets) + [([UsageFigure.figure(charts.weights)], .rows)],
      ending: { $0.addUsage(of: charts) })
  }

  private static func convergence(_ stages: [ReportInput.Stage]) -> Section? {
    let stages = stages.filter { $0.curves.contains { !$0.points.isEmpty } }
    guard !stages.isEmpty else { return nil }
    return Section(
      heading: "Convergence",
      explanation: "Loss against the optimizer step, stage by stage, in the units of the model: "
        + "where columns are standardised, the flow's loss differs from the result above by a "
        + "constant. Nothing is trained on validation rows; they tell which weights are the best.",
      figures: [(stages.map(ConvergenceFigure.figure), .rows)])
  }
}
