/// Points to be drawn: thinned, with a colour each.
struct PointSet {
  /// Points drawn of a set; more make the page heavy and the picture black.
  static let limit = 1500

  /// What the points are, such as `Data`.
  let title: String
  /// Rows of [columns].
  let rows: [[Double]]
  /// Colour of each row, 0xRRGGBB.
  let colours: [Int]

  /// A set in one colour.
  /// - Parameter points: [rows, columns].
  init(_ title: String, points: [Double], columns: Int, ink: Ink) {
    self.title = title
    rows = Thinning.rows(points, columns: columns, limit: Self.limit)
    colours = rows.map { _ in ink.light }
  }

  /// A set in the colours of its charts.
  /// - Parameter points: [rows, columns].
  init(_ title: String, points: [Double], columns: Int, charts: [Int]) {
    self.title = title
    let count = min(points.count / max(columns, 1), charts.count)
    let chosen = Thinning.indices(count: count, limit: 2 * Self.limit)
    rows = chosen.map { Array(points[$0 * columns..<($0 + 1) * columns]) }
    colours = chosen.map { Palette.colour(of: charts[$0]) }
  }

  /// How the points are told apart, for descriptions.
  var legend: String {
    Set(colours).count > 1
      ? "\(rows.count) points in the colours of their charts" : "\(rows.count) points"
  }
}
