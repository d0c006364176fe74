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
    let page = try html(input, gnuplot: gnuplot)
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

    func draw(_ figures: [Figures.Figure]) throws {
      try page.addFigures(
        figures.map { figure in
          let svg = try program.svg(figure.script, width: figure.width, height: figure.height)
          return (title: figure.title, svg: svg)
        })
    }
    let stages = input.stages.filter { $0.curves.contains { !$0.points.isEmpty } }
    if !stages.isEmpty {
      page.beginSection(
        "Training",
        "Loss against the optimizer step, stage by stage, in the units of the model: where columns "
          + "are standardised, the flow's loss differs from the result above by a constant. "
          + "Nothing is trained on validation rows; they tell which weights are the best.")
      try draw(stages.map(Figures.curves(of:)))
    }
    let columns = input.columnNames.count
    if columns > 0 && !(input.data.isEmpty && input.samples.isEmpty) {
      let ranges = Figures.ranges(
        of: input.data.isEmpty ? input.samples : input.data, columns: columns)
      page.beginSection(
        "Data beside samples",
        "Blue: test data. Red: points drawn from the model, in the same frame. The "
          + "closer they look, the better.")
      func view(_ rows: [Double], _ isData: Bool, _ axes: [Int]) -> Figures.Figure {
        Figures.points(
          rows, names: input.columnNames, ranges: ranges, isData: isData, axes: axes)
      }
      let sets = [(input.data, true), (input.samples, false)].filter { !$0.0.isEmpty }
      try draw(sets.map { view($0, $1, Array(0..<min(columns, 3))) })
      if columns > 2 {
        let shadows = [[0, 1], [0, 2], [1, 2]]
        for (rows, isData) in sets { try draw(shadows.map { view(rows, isData, $0) }) }
      }
    }
    if let charts = input.charts, columns > 0 {
      let ranges = Figures.ranges(
        of: input.data.isEmpty ? charts.points : input.data, columns: columns)
      page.beginSection(
        "Charts",
        "Each point in the colour of its chart: for data the most probable one, for samples the "
          + "one they were drawn on. Below, the share of the training rows that each chart holds, "
          + "with a dashed line at an equal share.")
      let axes = Array(0..<min(columns, 3))
      func regions(_ title: String, _ points: [Double], _ indices: [Int]) -> Figures.Figure {
        Figures.regions(
          title, points: points, chartIndices: indices, names: input.columnNames, ranges: ranges,
          axes: axes)
      }
      let samples =
        charts.sampleIndices.isEmpty
        ? [] : [regions("Samples by chart", input.samples, charts.sampleIndices)]
      try draw([regions("Data by chart", charts.points, charts.chartIndices)] + samples)
      try draw([Figures.weights(charts.weights)])
      page.addParagraph(usage(of: charts.weights))
    }
    page.addFacts(input.facts)
    page.addConfiguration(input.configuration)
    return page.finished()
  }

  /// Perplexity exp(−Σ p log p): how many equal charts would be as varied.
  private static func usage(of weights: [Double]) -> String {
    var entropy = 0.0
    for weight in weights where weight > 0 { entropy -= weight * logarithm(weight) }
    let used = weights.count { $0 > 0 }
    let perplexity = String(format: "%.1f", exponential(entropy))
    return
      "\(used) of \(weights.count) charts hold points; their weights are as varied as those of "
      + "\(perplexity) equal charts (perplexity)."
  }
}
