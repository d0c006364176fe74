import Foundation

/// A sheet of paper on which things are placed by hand, x to the right and y up, in pixels.
///
/// For pictures whose frame gnuplot does not know: maps and views of space.
struct Canvas {
  /// Where a label's anchor lies.
  enum Anchor: String {
    case left, center, right
  }

  /// A disc.
  struct Mark {
    var x: Double
    var y: Double
    /// Radius in pixels.
    var radius: Double
    /// 0xAARRGGBB, AA being what shines through.
    var colour: Int
  }

  typealias Point = (x: Double, y: Double)

  let width: Int
  let height: Int
  private var settings = ""
  private var blocks = ""
  private var plots: [String] = []

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  /// Open lines; a colour of its own or an ink.
  mutating func addLines(_ paths: [[Point]], _ ink: Ink, width: Double = 1, opacity: Double = 1) {
    let name = "lines\(plots.count)"
    blocks += "$\(name) << END_OF_DATA\n"
    for path in paths where path.count > 1 {
      for point in path { blocks += String(format: "%.2f %.2f\n", point.x, point.y) }
      blocks += "\n"
    }
    blocks += "END_OF_DATA\n"
    plots.append(
      "$\(name) using 1:2 with lines lw \(width) lc rgb \(ink.gnuplot(opacity: opacity))")
  }

  /// The inside of a closed line.
  mutating func addArea(_ border: [Point], _ ink: Ink) {
    let name = "area\(plots.count)"
    blocks += Gnuplot.block(name, border.map { [$0.x, $0.y] })
    plots.append("$\(name) using 1:2 with filledcurves closed fs solid lc rgb \(ink.gnuplot())")
  }

  /// One line of text, in the middle of whose height `point` lies.
  mutating func addLabel(
    _ text: String, at point: Point, _ anchor: Anchor = .center, _ ink: Ink = .number,
    size: Int = 12
  ) {
    settings += String(format: "set label %@ at %.2f,%.2f ", Gnuplot.quoted(text), point.x, point.y)
    settings += "\(anchor) front textcolor rgb \(ink.gnuplot()) font ',\(size)'\n"
  }

  /// Discs, the last on top.
  mutating func addMarks(_ marks: [Mark]) {
    guard !marks.isEmpty else { return }
    // gnuplot's unit of point sizes in SVG, in pixels at the font size of 14.
    let unit = 5.24
    let name = "marks\(plots.count)"
    blocks += "$\(name) << END_OF_DATA\n"
    for mark in marks where mark.x.isFinite && mark.y.isFinite {
      blocks += String(
        format: "%.1f %.1f %.3f %d\n", mark.x, mark.y, mark.radius / unit, mark.colour)
    }
    blocks += "END_OF_DATA\n"
    plots.append("$\(name) using 1:2:3:4 with points pt 7 ps variable lc rgb variable")
  }

  /// A picture made of pixels, in the colours of a density.
  /// - Parameters:
  ///   - values: [rows, columns], two rows at least, the lowest first; NaN is left open.
  ///   - origin: lower left corner.
  ///   - size: width and height on the canvas.
  mutating func addImage(
    _ values: [Double], columns: Int, origin: Point, size: Point, range: ClosedRange<Double>
  ) {
    let rows = values.count / columns
    let step = (x: size.x / Double(columns), y: size.y / Double(rows))
    let name = "image\(plots.count)"
    let lines = (0..<rows).map { row in
      values[row * columns..<(row + 1) * columns].map {
        $0.isNaN ? $0 : min(max($0, range.lowerBound), range.upperBound)
      }
    }
    blocks += Gnuplot.block(name, lines)
    settings += "set cbrange [\(range.lowerBound):\(range.upperBound)]\n"
    plots.append(
      "$\(name) matrix using (\(origin.x + step.x / 2)+$1*\(step.x))"
        + ":(\(origin.y + step.y / 2)+$2*\(step.y)):3 with image")
  }

  /// Commands and data of gnuplot.
  func script() -> String {
    let colours = Palette.density.enumerated()
      .map { "\($0.offset) '\(Ink.hex($0.element))'" }.joined(separator: ", ")
    return """
      set lmargin at screen 0
      set rmargin at screen 1
      set bmargin at screen 0
      set tmargin at screen 1
      unset border
      unset tics
      unset key
      unset colorbox
      set xrange [0:\(width)]
      set yrange [0:\(height)]
      set palette defined (\(colours))
      \(settings)\(blocks)plot \(plots.isEmpty ? "NaN" : plots.joined(separator: ", \\\n"))

      """
  }

  /// The picture.
  func figure(_ title: String, _ description: String, isWide: Bool = false) -> Figure {
    Figure(
      title: title, description: description, script: script(), width: width, height: height,
      isWide: isWide)
  }
}
