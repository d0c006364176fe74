import Datasets
import Distributed
import Experiments
import Reports

/// What the report of points on the sphere needs beyond that of others.
enum SphereReport {
  /// Size of a grid cell in degrees.
  private static let stepDegrees = 1.0

  /// Whether the rows of a run are unit vectors of space, so that maps can show them. Not collective;
  /// the same on all ranks.
  /// - Throws: `DataError` where the rows cannot be read.
  static func isSpherical(_ run: TrainedRun) throws -> Bool {
    let rows = run.data.train
    guard rows.columnCount == 3 else { return false }
    let piece = 4096
    for start in stride(from: 0, to: rows.count, by: piece) {
      let values = try rows.values(rows: Array(start..<min(start + piece, rows.count)))
      for place in stride(from: 0, to: values.count, by: 3) {
        let (x, y, z) = (values[place], values[place + 1], values[place + 2])
        // Not a number is no unit vector either.
        guard abs((x * x + y * y + z * z).squareRoot() - 1) <= 1e-6 else { return false }
      }
    }
    return rows.count > 0
  }

  /// The model's density at the cells of a grid, with training points. Collective.
  static func density(
    _ run: TrainedRun, evaluator: PointEvaluator, pointCount: Int, on group: JobGroup
  ) throws -> SphereDensity {
    let grid = SphereGrid(stepDegrees: stepDegrees)
    let logDensities = try evaluator.logProbabilities(of: grid)
    let points = try group.agreed {
      try run.data.train.values(rows: Array(0..<min(pointCount, run.data.train.count)))
    }
    return SphereDensity(
      grid: grid, logDensities: logDensities,
      measure: run.model.densityMeasure == .area ? .area : .volume, points: points)
  }
}
