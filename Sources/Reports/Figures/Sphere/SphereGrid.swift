import Datasets
import Foundation

/// Cells of equal steps in latitude and longitude; the points are their centres, row after row from
/// south to north, each row from west to east.
package struct SphereGrid: RowSource, Sendable, Equatable {
  /// Cells from pole to pole; there are twice as many around.
  package let latitudes: Int

  /// - Parameter stepDegrees: size of a cell.
  /// - Precondition: an even number of steps makes 180°.
  package init(stepDegrees: Double) {
    latitudes = Int((180 / stepDegrees).rounded())
    precondition(
      latitudes > 1 && abs(Double(latitudes) * stepDegrees - 180) < 1e-9,
      "expected a step that divides 180°, got \(stepDegrees)")
  }

  /// Cells around each parallel.
  package var longitudes: Int { 2 * latitudes }
  /// Size of a cell in degrees.
  package var step: Double { 180 / Double(latitudes) }
  /// Number of cells.
  package var count: Int { latitudes * longitudes }
  /// Coordinates of space, [3].
  package var columnNames: [String] { ["x", "y", "z"] }

  /// Centre of a cell.
  package func centre(_ cell: Int) -> GeographicPoint {
    GeographicPoint(
      latitude: -90 + (Double(cell / longitudes) + 0.5) * step,
      longitude: -180 + (Double(cell % longitudes) + 0.5) * step)
  }

  /// Area of a cell, (sin φ₂ − sin φ₁) Δλ; they sum to 4π.
  package func area(_ cell: Int) -> Double {
    let south = (-90 + Double(cell / longitudes) * step) * .pi / 180
    let north = south + step * .pi / 180
    return (sin(north) - sin(south)) * step * .pi / 180
  }

  /// Reads centres as unit vectors, [rows.count, 3]. Not collective.
  package func read(rows: [Int], into destination: UnsafeMutablePointer<Double>) {
    for (place, row) in rows.enumerated() {
      for (axis, value) in centre(row).direction.enumerated() {
        destination[3 * place + axis] = value
      }
    }
  }

  /// Value between the centres of cells, bilinear in latitude and longitude, around the date line too;
  /// constant between the last centres and a pole.
  /// - Parameter values: one a cell, all finite.
  package func interpolated(_ values: [Double], at point: GeographicPoint) -> Double {
    let row = min(max((point.latitude + 90) / step - 0.5, 0), Double(latitudes - 1))
    let column = (point.longitude + 180) / step - 0.5
    let (south, west) = (Int(row), Int(column.rounded(.down)))
    let (u, v) = (column - Double(west), row - Double(south))
    func value(_ row: Int, _ column: Int) -> Double {
      values[min(row, latitudes - 1) * longitudes + (column + longitudes) % longitudes]
    }
    let below = value(south, west) * (1 - u) + value(south, west + 1) * u
    let above = value(south + 1, west) * (1 - u) + value(south + 1, west + 1) * u
    return below * (1 - v) + above * v
  }
}
