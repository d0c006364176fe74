/// The pictures of a report as gnuplot scripts.
enum Figures {
  /// A picture to be drawn.
  struct Figure {
    let title: String
    let script: String
    var width = 560
    var height = 380
  }

  /// Points drawn of each set; more make the page heavy and the picture black.
  static let pointLimit = 1500

  private static let ink = "#33415c"
  private static let dataColour = "#33658a"
  private static let sampleColour = "#d1495b"

  /// Thin axes on the left and below, a faint grid.
  private static let style = """
    set border 3 lc rgb '#9aa5b1' lw 1
    set tics nomirror out scale 0.5 textcolor rgb '#52606d'
    set grid lc rgb '#e4e7eb' lw 1 dt 1
    set key top right textcolor rgb '#323f4b' samplen 1.6 spacing 1.2
    set xlabel textcolor rgb '#52606d'
    set ylabel textcolor rgb '#52606d'
    set format '%g'

    """

  // MARK: - Curves

  /// Loss against step, one line for each series.
  static func curves(of stage: ReportInput.Stage) -> Figure {
    let colours = [dataColour, "#f26419", "#2f9e77", "#7b5ea7"]
    var script = style + "set xlabel 'step'\nset ylabel 'loss'\nset xtics autofreq\n"
    var plots: [String] = []
    for (index, series) in stage.curves.enumerated() where !series.points.isEmpty {
      let thinned = Thinning.every(series.points, limit: 1000)
      script += Gnuplot.block("curve\(index)", thinned.map { [$0.step, $0.value] })
      let mark = series.points.count < 60 ? "with linespoints pt 7 ps 0.35" : "with lines"
      plots.append(
        "$curve\(index) using 1:2 \(mark) lw 2 lc rgb '\(colours[index % colours.count])' "
          + "title \(Gnuplot.quoted(series.name))")
    }
    if let range = lossRange(stage.curves) {
      script += "set yrange [\(range.lowerBound):\(range.upperBound)]\n"
    }
    let steps = stage.curves.flatMap { $0.points.map(\.step) }
    if let first = steps.min(), let last = steps.max() {
      // An axis without any extent cannot be drawn.
      script += "set xrange [\(first):\(max(last, first + 1))]\n"
    }
    script +=
      "plot " + (plots.isEmpty ? "[0:1][0:1] NaN notitle" : plots.joined(separator: ", \\\n"))
    return Figure(title: "Loss in stage \(stage.name)", script: script + "\n")
  }

  /// All values but the first few high ones, which would press the rest into one line.
  private static func lossRange(_ curves: [ReportInput.Series]) -> ClosedRange<Double>? {
    let values = curves.flatMap { $0.points.map(\.value) }.sorted()
    guard let low = values.first, let high = values.last else { return nil }
    let usual = values[(values.count - 1) * 95 / 100]
    let top = high - low > 3 * (usual - low) && usual > low ? usual + 0.6 * (usual - low) : high
    let margin = top > low ? 0.05 * (top - low) : max(abs(top) * 0.05, 1e-6)
    return (low - margin)...(top + margin)
  }

  // MARK: - Point sets

  /// Ranges of the first columns that hold the data, so that data and samples share their axes.
  static func ranges(of data: [Double], columns: Int) -> [ClosedRange<Double>] {
    (0..<min(columns, 3)).map { column in
      let values = stride(from: column, to: data.count, by: columns).map { data[$0] }
        .filter { $0.isFinite }.sorted()
      guard let low = values.first, let high = values.last else { return -1...1 }
      let margin = high > low ? 0.07 * (high - low) : max(0.07 * abs(high), 1e-6)
      return (low - margin)...(high + margin)
    }
  }

  /// A set of points seen in space (three columns or more), or in the plane.
  static func points(
    _ rows: [Double], names: [String], ranges: [ClosedRange<Double>], isData: Bool,
    axes: [Int]
  ) -> Figure {
    let thinned = Thinning.rows(rows, columns: names.count, limit: pointLimit)
    let block = Gnuplot.block("points", thinned.map { row in axes.map { row[$0] } })
    let colour = isData ? dataColour : sampleColour
    let label = isData ? "Data" : "Samples"
    return cloud(
      title: label, block: block, colour: "rgb '\(colour)'", names: names, ranges: ranges,
      axes: axes)
  }

  /// Points coloured by chart.
  static func regions(
    _ title: String, points: [Double], chartIndices: [Int], names: [String],
    ranges: [ClosedRange<Double>], axes: [Int]
  ) -> Figure {
    let columns = names.count
    let count = min(points.count / max(columns, 1), chartIndices.count)
    let lines = Thinning.indices(count: count, limit: 2 * pointLimit).map { row in
      axes.map { points[row * columns + $0] } + [Double(Palette.colour(of: chartIndices[row]))]
    }
    return cloud(
      title: title, block: integerColours(lines), colour: "rgb variable", names: names,
      ranges: ranges, axes: axes)
  }

  /// Colours are 24-bit integers, which six digits cannot hold.
  private static func integerColours(_ lines: [[Double]]) -> String {
    var text = "$points << END_OF_DATA\n"
    for line in lines {
      for value in line.dropLast() { text += "\(Float(value)) " }
      text += "\(Int(line[line.count - 1]))\n"
    }
    return text + "END_OF_DATA\n"
  }

  private static func cloud(
    title: String, block: String, colour: String, names: [String],
    ranges: [ClosedRange<Double>], axes: [Int]
  ) -> Figure {
    var script = style + block + "unset key\n"
    for (axis, letter) in zip(axes, ["x", "y", "z"]) {
      script += "set \(letter)range [\(ranges[axis].lowerBound):\(ranges[axis].upperBound)]\n"
      script += "set \(letter)label \(Gnuplot.quoted(names[axis])) textcolor rgb '\(ink)'\n"
      // Half as many tics in space, where the axes are short and their numbers would meet.
      let step = axes.count == 3 ? "\(ticStep(ranges[axis]))" : "autofreq"
      script += "set \(letter)tics \(step) offset 0,0\n"
    }
    let isDefault = colour == "rgb variable"
    if axes.count == 3 {
      script += """
        set border 4095 lc rgb '#cbd2d9' lw 0.7
        set view 62, 32, 1.13, 1.0
        set xyplane at \(ranges[axes[2]].lowerBound)
        set ticslevel 0
        splot $points using 1:2:3\(isDefault ? ":4" : "") with points pt 7 ps 0.22 lc \(colour)

        """
      return Figure(title: title, script: script, width: 560, height: 420)
    }
    if axes.count == 1 {
      script += "set ylabel 'points'\nset yrange [0:*]\n"
      let width = (ranges[axes[0]].upperBound - ranges[axes[0]].lowerBound) / 60
      script += """
        set boxwidth \(width)
        set style fill solid 0.7 noborder
        plot $points using (\(width) * (floor($1 / \(width)) + 0.5)):(1) smooth frequency \
        with boxes lc \(isDefault ? "rgb '\(dataColour)'" : colour)

        """
      return Figure(title: title, script: script)
    }
    // One unit is as long on both axes, unless that would make a thin strip.
    let extents = axes.map { ranges[$0].upperBound - ranges[$0].lowerBound }
    if max(extents[0], extents[1]) < 3 * min(extents[0], extents[1]) {
      script += "set size ratio -1\n"
    }
    script +=
      "plot $points using 1:2\(isDefault ? ":3" : "") with points pt 7 ps 0.22 lc \(colour)\n"
    return Figure(
      title: "\(title): \(names[axes[0]]) and \(names[axes[1]])", script: script, width: 420,
      height: 340)
  }

  /// 1, 2 or 5 times a power of ten: at most five tics on an axis.
  private static func ticStep(_ range: ClosedRange<Double>) -> Double {
    let wanted = max((range.upperBound - range.lowerBound) / 5, .leastNormalMagnitude)
    var power = 1.0
    while power > wanted { power /= 10 }
    while power * 10 <= wanted { power *= 10 }
    return ([1, 2, 5].map { $0 * power }.first { $0 >= wanted }) ?? 10 * power
  }

  // MARK: - Weights

  /// A bar for each chart in the chart's colour, and the weight that all would have if equal.
  static func weights(_ weights: [Double]) -> Figure {
    var block = "$weights << END_OF_DATA\n"
    for (chart, weight) in weights.enumerated() {
      block += "\(chart) \(weight) \(Palette.colour(of: chart))\n"
    }
    block += "END_OF_DATA\n"
    let equal = 1 / Double(max(weights.count, 1))
    let script =
      style + block + """
        unset key
        set grid noxtics
        set boxwidth 0.82
        set style fill solid 0.9 noborder
        set xrange [-0.7:\(Double(weights.count) - 0.3)]
        set yrange [0:*]
        set xtics autofreq
        set xlabel 'chart'
        set ylabel 'weight'
        set arrow from graph 0, first \(equal) to graph 1, first \(equal) nohead dt 2 lc rgb '#7b8794' front
        plot $weights using 1:2:3 with boxes lc rgb variable

        """
    return Figure(title: "Weight of each chart", script: script, width: 1120, height: 300)
  }
}
