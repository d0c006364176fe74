import Foundation

/// Errors against a number, a line a model, on logarithmic axes; a model has the same colour in all
/// charts of a report.
enum ErrorFigure {
  static func figure(_ chart: ErrorReport.Chart, of models: [ReportModel]) -> Figure {
    let (width, height) = (440, 350)
    let lines = chart.lines.map { line in
      line.filter { $0.place > 0 && $0.mean > 0 && $0.mean.isFinite && $0.place.isFinite }
    }
    let places = Set(lines.joined().map(\.place)).sorted()
    let axis = ErrorAxis(of: lines.joined().map(\.mean))
    var script =
      AxisStyle.commands
      + AxisStyle.frame(left: 60, right: 16, below: 58, above: 14, width: width, height: height)
    script += """
      unset key
      set logscale xy
      set xlabel \(Gnuplot.quoted(chart.label)) offset 0,0.5
      set ytics (\(axis.tics.map { "'\(Tics.text($0))' \($0)" }.joined(separator: ", ")))
      set yrange [\(axis.range.lowerBound):\(axis.range.upperBound)]

      """
    if let first = places.first, let last = places.last {
      let tics = places.map { "'\(Tics.whole($0))' \($0)" }
      // Room beside the outermost points, also where there is one place alone.
      let margin = last > first ? pow(last / first, 0.05) : 2
      script += "set xtics (\(tics.joined(separator: ", ")))\n"
      script += "set xrange [\(first / margin):\(last * margin)]\n"
    }
    if let mark = chart.mark, places.contains(mark) {
      script += """
        set arrow from \(mark), graph 0 to \(mark), graph 1 nohead dt (4,4) lw 1 \
        lc rgb \(Ink.label.gnuplot())

        """
    }
    var plots: [String] = []
    for (place, line) in lines.enumerated() where !line.isEmpty {
      let ink = "lc rgb '\(Ink.hex(Palette.colour(of: place)))'"
      script += Gnuplot.block("model\(place)", line.map { [$0.place, $0.mean] })
      plots.append(
        "$model\(place) using 1:2 with lines lw 1.8 "
          + (models[place].isControl ? "dt (6,4) " : "") + ink)
      plots.append("$model\(place) using 1:2 with points pt 7 ps 0.5 " + ink)
      let bars = line.compactMap { point in
        point.halfInterval.map { half in
          // On a logarithmic axis a bar that reaches zero ends at the frame.
          let low = max(point.mean - half, axis.range.lowerBound)
          return [point.place, low, 0, min(point.mean + half, axis.range.upperBound) - low]
        }
      }
      guard !bars.isEmpty else { continue }
      script += Gnuplot.block("bars\(place)", bars)
      plots.append(
        "$bars\(place) using 1:2:3:4 with vectors heads size screen 0.008,90 fixed lw 1.2 " + ink)
    }
    script += "plot \(plots.isEmpty ? "[1:2][1:2] 3 notitle" : plots.joined(separator: ", \\\n"))\n"
    return Figure(
      title: "\(chart.title), \(chart.errorLabel)",
      description: "\(chart.title): \(chart.errorLabel) of "
        + zip(models, lines).filter { !$1.isEmpty }.map(\.0.name).joined(separator: ", ")
        + " against \(chart.label), both on logarithmic axes.",
      script: script, width: width, height: height)
  }
}

/// Range and numbers of a logarithmic axis of errors.
struct ErrorAxis {
  let range: ClosedRange<Double>
  let tics: [Double]

  /// From the last of 1, 2, 5 times a power of ten below all values to the first above; tics at powers of
  /// ten alone where there are many.
  init(of values: [Double]) {
    guard let low = values.min(), let high = values.max() else {
      (range, tics) = (0.1...1, [0.1, 1])
      return
    }
    let powers = Int(floor(log10(low))) - 1...Int(ceil(log10(high))) + 1
    let round = powers.flatMap { power in
      [1, 2, 5].map { Double("\($0)e\(power)") ?? .nan }
    }
    let first = round.lastIndex { $0 < low * 0.98 } ?? 0
    let last = round.firstIndex { $0 > high * 1.02 } ?? round.count - 1
    range = round[first]...round[last]
    let within = Array(round[first...last])
    tics = within.count <= 8 ? within : within.filter { abs(log10($0) - log10($0).rounded()) < 0.1 }
  }
}
