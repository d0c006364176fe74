import Foundation

/// A density at the cells of a grid on the sphere.
package struct SphereDensity: Sendable {
  /// What a density is per unit of.
  package enum Measure: Sendable {
    /// Area of the sphere of radius 1: the uniform density is 1 / 4π.
    case area
    /// Volume of the space around the sphere.
    case volume
  }

  /// Where it is known.
  package let grid: SphereGrid
  /// In nats, one a cell.
  package let logDensities: [Double]
  package let measure: Measure
  /// Points to lay over it, [rows, 3].
  package let points: [Double]

  /// - Precondition: a value for each cell.
  package init(
    grid: SphereGrid, logDensities: [Double], measure: Measure, points: [Double] = []
  ) {
    precondition(
      logDensities.count == grid.count,
      "expected \(grid.count) values, got \(logDensities.count)")
    self.grid = grid
    self.logDensities = logDensities
    self.measure = measure
    self.points = points
  }

  /// Integral over the sphere by the midpoint rule: 1 where the density is one per unit area.
  package var integral: Double {
    logDensities.indices.reduce(0) { sum, cell in
      sum + (logDensities[cell].isFinite ? exp(logDensities[cell]) * grid.area(cell) : 0)
    }
  }

  /// The log-densities that colours tell apart: from the level below which one part in 200 of the
  /// mass lies to the highest, at least three nats.
  package var shownRange: ClosedRange<Double> {
    let cells = logDensities.indices.filter { logDensities[$0].isFinite }
      .sorted { logDensities[$0] < logDensities[$1] }
    guard let highest = cells.last else { return -1...1 }
    let top = logDensities[highest]
    // Relative to the highest, so that no power overflows.
    let masses = cells.map { exp(logDensities[$0] - top) * grid.area($0) }
    let tail = masses.reduce(0, +) / 200
    var below = 0.0
    var floor = top
    for (cell, mass) in zip(cells, masses) {
      below += mass
      if below > tail {
        floor = logDensities[cell]
        break
      }
    }
    return min(floor, top - 3)...top
  }
}
