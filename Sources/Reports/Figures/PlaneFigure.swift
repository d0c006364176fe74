/// Points as seen along an axis: two of the columns.
enum PlaneFigure {
  /// - Parameters:
  ///   - pair: the columns to the right and up.
  ///   - isAlone: whether it is the only view of the points, and so may be larger.
  static func figure(_ set: PointSet, axes: Axes, pair: (Int, Int), isAlone: Bool) -> Figure {
    let room = (left: 62.0, right: 16.0, below: 58.0, above: 12.0)
    let width = isAlone ? 560 : 420
    let wide = Double(width) - room.left - room.right
    // One scale and one height for all pairs of the columns.
    let lengths = axes.lengths
    let tallest = lengths.dropFirst().max() ?? 1
    let scale = min(wide, (isAlone ? 440 : 340) / tallest)
    let frame = (width: scale * lengths[pair.0], height: scale * lengths[pair.1])
    let height = Int(scale * tallest + room.below + room.above)
    let left = room.left + (wide - frame.width) / 2

    var script = AxisStyle.commands + "unset key\n"
    script += AxisStyle.frame(
      left: left, right: Double(width) - left - frame.width, below: room.below,
      above: Double(height) - room.below - frame.height, width: width, height: height)
    for (axis, letter) in [(pair.0, "x"), (pair.1, "y")] {
      script +=
        "set \(letter)range [\(axes.ranges[axis].lowerBound):\(axes.ranges[axis].upperBound)]\n"
      script += "set \(letter)label \(Gnuplot.quoted(axes.names[axis]))\n"
      script += "set \(letter)tics \(axes.ticStep(axis, count: 6))\n"
    }
    // At two thirds of the usual distance, which is made for numbers of any length.
    script += "set xlabel offset 0,0.5\n"
    script += "$points << END_OF_DATA\n"
    for (row, colour) in zip(set.rows, set.colours) {
      script += "\(Float(row[pair.0])) \(Float(row[pair.1])) \(Ink.argb(colour, opacity: 0.75))\n"
    }
    script += """
      END_OF_DATA
      plot $points using 1:2:3 with points pt 7 ps \(isAlone ? 0.32 : 0.28) lc rgb variable

      """
    let names = "\(axes.names[pair.0]) and \(axes.names[pair.1])"
    return Figure(
      title: "\(set.title): \(names)",
      description: "\(set.title): \(set.legend), \(axes.names[pair.0]) to the right, "
        + "\(axes.names[pair.1]) up.",
      script: script, width: width, height: height)
  }
}
