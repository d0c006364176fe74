/// Figures of forecasts; a model has the same colour in all of them.
enum ForecastFigures {
  /// Lines of all models over the days, and what happened on top.
  static func curves(_ curves: ForecastReport.Curves, of models: [ReportModel]) -> Figure {
    let (width, height) = (420, 330)
    var script =
      AxisStyle.commands
      + AxisStyle.frame(left: 84, right: 14, below: 52, above: 14, width: width, height: height)
    let labels = curves.days.enumerated().map { "\(Gnuplot.quoted($0.element)) \($0.offset + 1)" }
    script += """
      unset key
      set format y '\(isWhole(curves) ? "%.0f" : "%.3g")'
      set xrange [0.7:\(Double(curves.days.count) + 0.3)]
      set xtics (\(labels.joined(separator: ", ")))

      """
    var plots: [String] = []
    for (place, values) in curves.values.enumerated() {
      guard let values else { continue }
      script += Gnuplot.block("model\(place)", points(values))
      plots.append(
        "$model\(place) using 1:2 with lines lw 1.8 \(models[place].isControl ? "dt (6,4) " : "")"
          + "lc rgb '\(Ink.hex(Palette.colour(of: place)))'")
    }
    if !curves.actual.isEmpty {
      script += Gnuplot.block("actual", points(curves.actual))
      plots.append(
        "$actual using 1:2 with linespoints pt 7 ps 0.7 lw 2.6 lc rgb \(Ink.label.gnuplot())")
    }
    if let range = range(of: curves) {
      let (low, high) = (range.lowerBound, range.upperBound)
      let margin = high > low ? 0.06 * (high - low) : max(abs(high) * 0.05, 1)
      script += "set yrange [\(low - margin):\(high + margin)]\n"
      script += "set ytics \(Tics.step(high - low + 2 * margin, count: 5))\n"
    }
    script += "plot \(plots.isEmpty ? "[1:7][0:1] 2 notitle" : plots.joined(separator: ", \\\n"))\n"
    return Figure(
      title: "\(curves.title), \(curves.label)",
      description: "\(curves.title): \(curves.label) of "
        + models.map(\.name).joined(separator: ", ") + " on each of the days"
        + (curves.actual.isEmpty ? "." : ", and what happened."),
      script: script, width: width, height: height)
  }

  /// A point for each state and model, on a logarithmic axis.
  static func states(
    _ errors: ForecastReport.StateErrors, of models: [ReportModel]
  ) -> Figure {
    let (width, height) = (1120, 380)
    let labels = errors.states.enumerated().map { "\(Gnuplot.quoted($0.element)) \($0.offset)" }
    var script =
      AxisStyle.commands
      + AxisStyle.frame(left: 76, right: 14, below: 118, above: 12, width: width, height: height)
    script += """
      unset key
      set logscale y
      set xrange [-0.8:\(Double(errors.states.count) - 0.2)]
      set xtics rotate by 90 right (\(labels.joined(separator: ", ")))

      """
    var plots: [String] = []
    for (place, values) in zip(errors.models, errors.values) {
      let lines = values.enumerated().filter { $0.element > 0 }.map {
        [Double($0.offset), $0.element]
      }
      guard !lines.isEmpty else { continue }
      script += Gnuplot.block("model\(place)", lines)
      plots.append(
        "$model\(place) using 1:2 with points pt 7 ps 0.75 "
          + "lc rgb '\(Ink.hex(Palette.colour(of: place)))'")
    }
    script +=
      "plot \(plots.isEmpty ? "[0:1][1:2] 3 notitle" : plots.joined(separator: ", \\\n"))\n"
    let names = errors.models.map { models[$0].name }.joined(separator: ", ")
    return Figure(
      title: "\(errors.title), persons: \(names)",
      description: "\(errors.title): a point for each state and each of \(names).",
      script: script, width: width, height: height, isWide: true)
  }

  /// What happened and the nearer half of the models; without what happened, up to thrice the error of
  /// the middle one. Lines that are farther off leave the frame, and do not press the others into one.
  private static func range(of curves: ForecastReport.Curves) -> ClosedRange<Double>? {
    let actual = curves.actual.filter(\.isFinite)
    let models = curves.values.compactMap { $0?.filter(\.isFinite) }.filter { !$0.isEmpty }
    func middle(_ values: [Double]) -> Double { values.sorted()[(values.count - 1) / 2] }
    guard let low = actual.min(), let high = actual.max() else {
      guard let least = models.joined().min(), let most = models.joined().max() else { return nil }
      return least...max(least, min(most, 3 * middle(models.map { $0.max() ?? 0 })))
    }
    guard !models.isEmpty else { return low...high }
    let distance = middle(models.map { $0.map { max(low - $0, $0 - high, 0) }.max() ?? 0 })
    let shown = models.filter { $0.allSatisfy { $0 >= low - distance && $0 <= high + distance } }
    let all = shown.flatMap { $0 } + actual
    return (all.min() ?? low)...(all.max() ?? high)
  }

  /// Whether tics lie at whole numbers.
  private static func isWhole(_ curves: ForecastReport.Curves) -> Bool {
    range(of: curves).map { $0.upperBound - $0.lowerBound > 5 } ?? true
  }

  private static func points(_ values: [Double]) -> [[Double]] {
    values.enumerated().map { [Double($0.offset + 1), $0.element] }
  }
}
