import Datasets

/// The rows of one chart with their responsibilities.
package struct ChartRows: RowSource {
  /// The whole training part.
  package let base: any RowSource
  /// Row numbers in it, ascending.
  package let indices: [Int32]
  /// r_nk of each, > 0.
  package let weights: [Float]
  /// Σ r / rows; 0 without rows.
  let meanWeight: Double

  package init(base: any RowSource, indices: [Int32], weights: [Float]) {
    precondition(indices.count == weights.count, "\(indices.count) rows, \(weights.count) weights")
    self.base = base
    self.indices = indices
    self.weights = weights
    meanWeight =
      weights.isEmpty ? 0 : weights.reduce(0.0) { $0 + Double($1) } / Double(weights.count)
  }

  package var count: Int { indices.count }
  package var columnNames: [String] { base.columnNames }
  package func originalRow(_ row: Int) -> Int { base.originalRow(Int(indices[row])) }

  package func read(rows: [Int], into destination: UnsafeMutablePointer<Double>) throws {
    try base.read(rows: rows.map { Int(indices[$0]) }, into: destination)
  }

  package func read(rows: [Int], into destination: UnsafeMutablePointer<Float>) throws {
    try base.read(rows: rows.map { Int(indices[$0]) }, into: destination)
  }
}
