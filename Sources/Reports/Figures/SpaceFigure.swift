/// Points in space within a box, seen from an oblique direction; far points are smaller and paler,
/// and near ones lie on top.
struct SpaceFigure {
  private let axes: Axes
  private let view = ObliqueView()
  /// Pixels to the length 1.
  private let scale: Double
  /// Where the centre of the box lies.
  private let centre: Canvas.Point
  private let size: (width: Int, height: Int)

  /// - Precondition: three axes.
  init(_ axes: Axes) {
    self.axes = axes
    precondition(axes.names.count == 3, "space has three axes, got \(axes.names.count)")
    let (view, lengths) = (view, axes.lengths)
    let corners = (0..<8).map { corner in
      view.project((0..<3).map { (corner >> $0 & 1 == 0 ? -0.5 : 0.5) * lengths[$0] })
    }
    let (x, y) = (corners.map(\.x), corners.map(\.y))
    let wide = (x.max() ?? 1) - (x.min() ?? 0)
    let high = (y.max() ?? 1) - (y.min() ?? 0)
    // Room for numbers on the left and right, numbers and names below.
    let room = (left: 46.0, right: 46.0, below: 46.0, above: 10.0)
    scale = min((560 - room.left - room.right) / wide, 400 / high)
    size = (560, Int(high * scale + room.below + room.above))
    centre = (
      room.left + (560 - room.left - room.right) / 2 - scale * ((x.max() ?? 0) + (x.min() ?? 0))
        / 2,
      room.below - scale * (y.min() ?? 0)
    )
  }

  /// Place of a point given in the units of the data.
  private func place(_ point: [Double]) -> (x: Double, y: Double, nearness: Double) {
    let p = (0..<3).map { axis in
      let range = axes.ranges[axis]
      let share = (point[axis] - range.lowerBound) / axes.extents[axis]
      return (share - 0.5) * axes.lengths[axis]
    }
    let projected = view.project(p)
    return (
      centre.x + scale * projected.x, centre.y + scale * projected.y, projected.nearness
    )
  }

  func figure(_ set: PointSet) -> Figure {
    var canvas = Canvas(width: size.width, height: size.height)
    addBox(to: &canvas)
    canvas.addMarks(marks(set))
    let names = axes.names.joined(separator: ", ")
    return canvas.figure(
      set.title, "\(set.title): \(set.legend) in space, axes \(names), seen from above at an angle."
    )
  }

  /// Discs from the farthest to the nearest. Those outside of the box are left out.
  private func marks(_ set: PointSet) -> [Canvas.Mark] {
    let placed = zip(set.rows, set.colours).filter { row, _ in
      (0..<3).allSatisfy { axes.ranges[$0].contains(row[$0]) }
    }.map { (place: place($0), colour: $1) }
      .sorted { $0.place.nearness < $1.place.nearness }
    guard let far = placed.first?.place.nearness, let near = placed.last?.place.nearness else {
      return []
    }
    return placed.map { point in
      let share = near > far ? (point.place.nearness - far) / (near - far) : 1
      // A few steps, so that neighbours share what is written of them.
      let t = (share * 8).rounded() / 8
      return Canvas.Mark(
        x: point.place.x, y: point.place.y, radius: 1.25 + 0.65 * t,
        colour: Ink.argb(point.colour, opacity: 0.35 + 0.55 * t))
    }
  }

  // MARK: - Frame

  /// The three sides behind the points, with a grid, and numbers on three edges.
  private func addBox(to canvas: inout Canvas) {
    let low = axes.ranges.map(\.lowerBound)
    let high = axes.ranges.map(\.upperBound)
    // The eye is at high first, low second and high third coordinates.
    let back = [low[0], high[1], low[2]]
    func flat(_ p: [Double]) -> Canvas.Point {
      let q = place(p)
      return (q.x, q.y)
    }
    func replaced(_ p: [Double], _ axis: Int, _ value: Double) -> [Double] {
      var q = p
      q[axis] = value
      return q
    }
    var grid: [[Canvas.Point]] = []
    var edges: [[Canvas.Point]] = []
    for axis in 0..<3 {
      for other in 0..<3 where other != axis {
        for tic in axes.tics(axis, count: 6) {
          let start = replaced(back, axis, tic)
          grid.append([
            flat(replaced(start, other, low[other])), flat(replaced(start, other, high[other])),
          ])
        }
        let third = 3 - axis - other
        for end in [low[other], high[other]] {
          let start = replaced(replaced(back, other, end), third, back[third])
          edges.append([
            flat(replaced(start, axis, low[axis])), flat(replaced(start, axis, high[axis])),
          ])
        }
      }
    }
    canvas.addLines(grid, .grid, width: 0.8)
    canvas.addLines(edges, .axis, width: 0.8)

    // Edge of the numbers of each axis, and the way outwards from it.
    let numbered = [
      (edge: [low[0], low[1], low[2]], out: (x: -0.35, y: -1.0), anchor: Canvas.Anchor.center),
      (edge: [high[0], low[1], low[2]], out: (x: 0.8, y: -0.75), anchor: .center),
      (edge: [low[0], low[1], low[2]], out: (x: -1.0, y: 0.0), anchor: .right),
    ]
    for axis in 0..<3 {
      let (edge, out, anchor) = numbered[axis]
      let away = anchor == .right ? 6.0 : 13.0
      for tic in axes.tics(axis, count: 6) {
        let p = flat(replaced(edge, axis, tic))
        canvas.addLabel(
          Tics.text(tic), at: (p.x + away * out.x, p.y + away * out.y), anchor, .number, size: 12)
      }
      let middle = flat(replaced(edge, axis, (low[axis] + high[axis]) / 2))
      let far = anchor == .right ? 34.0 : 32.0
      canvas.addLabel(
        axes.names[axis], at: (middle.x + far * out.x, middle.y + far * out.y), .center, .label,
        size: 13)
    }
  }
}
