/// gnuplot commands that pictures with plain axes share.
enum AxisStyle {
  /// Thin axes on the left and below, a faint grid.
  static let commands = """
    set border 3 lc rgb \(Ink.axis.gnuplot()) lw 1
    set tics nomirror out scale 0.5 textcolor rgb \(Ink.number.gnuplot())
    set grid lc rgb \(Ink.grid.gnuplot()) lw 1 dt 1
    set key textcolor rgb \(Ink.label.gnuplot()) samplen 1.6 spacing 1.2
    set xlabel textcolor rgb \(Ink.label.gnuplot())
    set ylabel textcolor rgb \(Ink.label.gnuplot())
    set format '%g'

    """

  /// Puts the frame at the given distances from the edges of the picture, in pixels.
  static func frame(
    left: Double, right: Double, below: Double, above: Double, width: Int, height: Int
  ) -> String {
    """
    set lmargin at screen \(left / Double(width))
    set rmargin at screen \(1 - right / Double(width))
    set bmargin at screen \(below / Double(height))
    set tmargin at screen \(1 - above / Double(height))

    """
  }
}
