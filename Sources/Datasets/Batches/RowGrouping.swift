/// Which rows of a table stay together when it is divided.
public enum RowGrouping: String, Sendable, CaseIterable, Codable {
  /// Each row for itself (protocol P).
  case rows
  /// All rows with the same numbers (protocol H): no test point has a copy among the training points.
  case places
  /// All rows of one cell of the globe (protocol B): no test point has a near neighbour there either.
  case cells
}

/// Cells of the globe of about equal area: bands of latitude, each cut along its parallels.
package struct GlobeCells: Sendable {
  /// Height of a band, degrees.
  private let degrees: Double
  private let bands: Int

  /// - Precondition: `degrees` is positive.
  package init(degrees: Double) {
    precondition(degrees > 0, "a cell needs a size, got \(degrees)")
    self.degrees = degrees
    bands = max(1, Int((180 / degrees).rounded(.up)))
  }

  /// Band and place in it. A band of middle latitude φ has 360 cos φ / degrees cells, rounded.
  package func cell(of place: GeographicPoint) -> SIMD2<Int> {
    let band = min(bands - 1, Int((place.latitude + 90) / degrees))
    let middle = min(90, -90 + (Double(band) + 0.5) * degrees)
    let width = GeographicPoint(latitude: middle, longitude: 0).direction.x
    let cells = max(1, Int((360 * width / degrees).rounded()))
    let east = Int((place.longitude + 180) / 360 * Double(cells))
    return SIMD2(band, min(cells - 1, east))
  }
}
