/// How many points of a single column lie where.
enum HistogramFigure {
  static func figure(_ set: PointSet, axes: Axes) -> Figure {
    let width = axes.extents[0] / 60
    let colour = set.colours.first ?? Ink.data.light
    let script =
      AxisStyle.commands + Gnuplot.block("points", set.rows.map { [$0[0]] }) + """
        unset key
        set xrange [\(axes.ranges[0].lowerBound):\(axes.ranges[0].upperBound)]
        set xlabel \(Gnuplot.quoted(axes.names[0]))
        set ylabel 'points'
        set yrange [0:*]
        set boxwidth \(width)
        set style fill solid 0.7 noborder
        plot $points using (\(width) * (floor($1 / \(width)) + 0.5)):(1) smooth frequency \
        with boxes lc rgb '\(Ink.hex(colour))'

        """
    return Figure(
      title: set.title,
      description: "\(set.title): how many of \(set.rows.count) points lie where along "
        + "\(axes.names[0]).", script: script)
  }
}
