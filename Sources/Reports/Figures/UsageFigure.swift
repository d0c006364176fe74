/// How much of the data each chart holds.
enum UsageFigure {
  /// A bar for each chart in the chart's colour, and the weight that all would have if equal.
  static func figure(_ weights: [Double]) -> Figure {
    let (width, height) = (640, 220)
    var script =
      AxisStyle.commands
      + AxisStyle.frame(
        left: 62, right: 14, below: 54, above: 12, width: width, height: height)
    script += "$weights << END_OF_DATA\n"
    for (chart, weight) in weights.enumerated() {
      script += "\(chart) \(weight) \(Palette.colour(of: chart))\n"
    }
    let equal = 1 / Double(max(weights.count, 1))
    script += """
      END_OF_DATA
      unset key
      set grid noxtics
      set boxwidth 0.82
      set style fill solid 0.9 noborder
      set xrange [-0.7:\(Double(weights.count) - 0.3)]
      set yrange [0:*]
      set xtics \(max(1, Tics.step(Double(weights.count), count: 12)))
      set ytics \(Tics.step(weights.max() ?? 1, count: 4))
      set xlabel 'chart' offset 0,0.5
      set arrow from graph 0, first \(equal) to graph 1, first \(equal) nohead dt (5,4) \
      lc rgb \(Ink.label.gnuplot()) front
      plot $weights using 1:2:3 with boxes lc rgb variable

      """
    return Figure(
      title: "Share of the training rows on each chart",
      description: "A bar for each of \(weights.count) charts in its colour, as high as its share "
        + "of the training rows; the dashed line is an equal share.",
      script: script, width: width, height: height, isWide: true)
  }
}
