import Datasets

/// Rows of an array, [count, D].
package struct ArrayRows: RowSource, Sendable {
  package let columnNames: [String]
  private let values: [Double]

  /// - Precondition: whole rows.
  package init(_ values: [Double], columnNames: [String]) {
    precondition(values.count % columnNames.count == 0, "\(values.count) numbers are not rows")
    (self.values, self.columnNames) = (values, columnNames)
  }

  package var count: Int { values.count / columnNames.count }

  package func read(rows: [Int], into destination: UnsafeMutablePointer<Double>) {
    let columns = columnNames.count
    for (place, row) in rows.enumerated() {
      for column in 0..<columns {
        destination[place * columns + column] = values[row * columns + column]
      }
    }
  }
}
