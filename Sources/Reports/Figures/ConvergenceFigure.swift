/// Loss against step in one stage: training, validation, and the best step.
enum ConvergenceFigure {
  static func figure(_ stage: ReportInput.Stage) -> Figure {
    let inks: [Ink] = [.training, .validation, .data, .sample]
    let (width, height) = (560, 360)
    var script = AxisStyle.commands
    script += AxisStyle.frame(
      left: 76, right: 16, below: 60, above: 34, width: width, height: height)
    // Above the frame, so that no curve runs through it.
    script += "set key at graph 0,1.02 left bottom horizontal Left reverse maxrows 1\n"
    script += "set xlabel 'step' offset 0,0.5\nset ylabel 'loss'\n"
    var plots: [String] = []
    for (index, series) in stage.curves.enumerated() where !series.points.isEmpty {
      let thinned = Thinning.every(series.points, limit: 1000)
      script += Gnuplot.block("curve\(index)", thinned.map { [$0.step, $0.value] })
      let mark = series.points.count < 30 ? "with linespoints pt 7 ps 0.4" : "with lines"
      plots.append(
        "$curve\(index) using 1:2 \(mark) lw \(index == 0 ? 1.4 : 2.2) "
          + "lc rgb \(inks[index % inks.count].gnuplot()) title \(Gnuplot.quoted(series.name))")
    }
    if let range = range(of: stage.curves) {
      script += "set yrange [\(range.lowerBound):\(range.upperBound)]\n"
    }
    var summary = ""
    if let best = stage.best {
      script += """
        set arrow from \(best.step), graph 0 to \(best.step), graph 1 nohead dt (4,4) lw 1 \
        lc rgb \(Ink.best.gnuplot())
        $best << END_OF_DATA
        \(best.step) \(best.value)
        END_OF_DATA

        """
      summary = "lowest validation \(Tics.text(best.value)) at step \(Tics.whole(best.step))"
      plots.append(
        "$best using 1:2 with points pt 7 ps 0.9 lc rgb \(Ink.best.gnuplot()) "
          + "title 'lowest'")
    }
    let steps = stage.curves.flatMap { $0.points.map(\.step) }
    if let first = steps.min(), let last = steps.max() {
      // An axis without any extent cannot be drawn.
      script += "set xrange [\(first):\(max(last, first + 1))]\n"
      script += "set xtics \(max(1, Tics.step(last - first, count: 6)))\n"
    }
    script +=
      "plot " + (plots.isEmpty ? "[0:1][0:1] NaN notitle" : plots.joined(separator: ", \\\n"))
    let names = stage.curves.map { "\($0.name) loss" }.joined(separator: " and ")
    return Figure(
      title: "Loss in stage \(stage.name)" + (summary.isEmpty ? "" : ": \(summary)"),
      description: "Stage \(stage.name): \(names) against the step"
        + (summary.isEmpty ? "." : ", \(summary)."),
      script: script + "\n", width: width, height: height)
  }

  /// All values but the first few high ones, which would press the rest into one line.
  private static func range(of curves: [ReportInput.Series]) -> ClosedRange<Double>? {
    let values = curves.flatMap { $0.points.map(\.value) }.sorted()
    guard let low = values.first, let high = values.last else { return nil }
    let usual = values[(values.count - 1) * 95 / 100]
    let top = high - low > 3 * (usual - low) && usual > low ? usual + 0.6 * (usual - low) : high
    let margin = top > low ? 0.05 * (top - low) : max(abs(top) * 0.05, 1e-6)
    return (low - margin)...(top + margin)
  }
}
