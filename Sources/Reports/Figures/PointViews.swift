/// The pictures that show points of some number of columns, all in one frame.
struct PointViews {
  private let axes: Axes
  private let isOnSphere: Bool
  private let columns: Int

  /// The frame holds the data, or what there is in their place.
  init(_ input: ReportInput) {
    let points =
      [input.data, input.charts?.points ?? [], input.samples].first { !$0.isEmpty } ?? []
    axes = Axes(of: points, names: input.columnNames)
    isOnSphere = input.sphere != nil
    columns = input.columnNames.count
  }

  /// A sentence on what is left out or out of scale; empty where nothing is.
  var remark: String {
    if isOnSphere { return "" }
    return
      (columns > axes.names.count
      ? " The first three of \(columns) columns are shown." : "")
      + (axes.isTrueToScale || columns < 2 ? "" : " The axes have different scales.")
  }

  /// Maps on the sphere; a histogram, a plane, or space with its three coordinate planes elsewhere.
  func figures(_ sets: [PointSet]) -> [(figures: [Figure], arrangement: ReportPage.Arrangement)] {
    if isOnSphere { return [(sets.map(WorldMap.figure), .rows)] }
    switch axes.names.count {
    case 1: return [(sets.map { HistogramFigure.figure($0, axes: axes) }, .rows)]
    case 2:
      return [
        (
          sets.map { PlaneFigure.figure($0, axes: axes, pair: (0, 1), isAlone: true) }, .rows
        )
      ]
    default:
      let planes = axes.pairs.flatMap { pair in
        sets.map { PlaneFigure.figure($0, axes: axes, pair: pair, isAlone: false) }
      }
      return [
        (sets.map { SpaceFigure(axes).figure($0) }, .rows),
        (planes, sets.count == 2 ? .pairs : .rows),
      ]
    }
  }
}
