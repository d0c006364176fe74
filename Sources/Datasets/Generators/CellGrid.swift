/// A box of equal cubic cells around a set of points, at most 64 along a side.
struct CellGrid: Sendable {
  private let origin: SIMD3<Double>
  private let inverseSize: Double
  private let sides: SIMD3<Int>

  /// Number of cells.
  var count: Int { sides.x * sides.y * sides.z }

  /// - Parameter cellSize: smallest allowed side; larger where 64 cells would not cover the points.
  init(covering points: [SIMD3<Double>], cellSize: Double) {
    var low = points[0]
    var high = points[0]
    for point in points {
      low = pointwiseMin(low, point)
      high = pointwiseMax(high, point)
    }
    let extent = high - low
    let size = max(cellSize, extent.max() / 63)
    origin = low
    inverseSize = 1 / size
    sides = SIMD3(
      Int(extent.x / size) + 1, Int(extent.y / size) + 1, Int(extent.z / size) + 1)
  }

  /// Cell coordinates of a point inside the box, clamped against rounding at the far face.
  func coordinates(of point: SIMD3<Double>) -> SIMD3<Int> {
    let scaled = (point - origin) * inverseSize
    return SIMD3(
      min(max(Int(scaled.x), 0), sides.x - 1), min(max(Int(scaled.y), 0), sides.y - 1),
      min(max(Int(scaled.z), 0), sides.z - 1))
  }

  /// Number of the cell at coordinates; z runs fastest.
  func cell(at coordinates: SIMD3<Int>) -> Int {
    (coordinates.x * sides.y + coordinates.y) * sides.z + coordinates.z
  }

  /// Runs of cells within one cell of the point's own, or nil for a point more than a cell outside.
  func neighbourhood(of point: SIMD3<Double>) -> [Range<Int>]? {
    let scaled = (point - origin) * inverseSize
    for axis in 0..<3 where !(scaled[axis] > -1 && scaled[axis] < Double(sides[axis] + 1)) {
      return nil
    }
    let (x, y, z) = (
      Int(scaled.x.rounded(.down)), Int(scaled.y.rounded(.down)), Int(scaled.z.rounded(.down))
    )
    // Each of x, y, z lies in −1…side, so no range below is empty.
    let (zLow, zHigh) = (max(z - 1, 0), min(z + 1, sides.z - 1))
    var runs: [Range<Int>] = []
    for i in max(x - 1, 0)...min(x + 1, sides.x - 1) {
      for j in max(y - 1, 0)...min(y + 1, sides.y - 1) {
        let row = (i * sides.y + j) * sides.z
        runs.append(row + zLow..<row + zHigh + 1)
      }
    }
    return runs
  }
}
