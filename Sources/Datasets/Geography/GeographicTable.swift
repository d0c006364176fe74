/// Latitude and longitude of a table as points of the unit sphere, in memory on every rank.
package struct GeographicTable: RowSource, Sendable {
  /// Places in the order of the file.
  package let places: [GeographicPoint]
  /// Names of the two columns of the file: latitude, longitude.
  package let degreeNames: [String]
  private let directions: [SIMD3<Double>]

  /// Columns that are read where none are named.
  package static let defaultNames = ["latitude", "longitude"]

  /// Reads and checks a whole table.
  ///
  /// - Parameters:
  ///   - table: two columns, latitude and longitude in degrees.
  ///   - file: its name, for messages.
  ///   - line: the line of a row in a text file, if it is one.
  /// - Throws: `DataError` of kind `outOfRange` for the first row outside −90…90 or −180…360 degrees,
  ///   `unsuitableShape` for another number of columns.
  package init(
    _ table: some RowSource, file: String, line: (_ row: Int) -> Int? = { _ in nil }
  ) throws {
    guard table.columnCount == 2 else {
      throw DataError(
        kind: .unsuitableShape, file: file, expected: "two columns, latitude and longitude",
        got: "\(table.columnCount)", hint: "name the two in data.columns")
    }
    degreeNames = table.columnNames
    let degrees = try table.values(rows: Array(0..<table.count))
    var places: [GeographicPoint] = []
    places.reserveCapacity(table.count)
    for row in 0..<table.count {
      for (column, range) in [-90.0...90, -180.0...360].enumerated()
      where !range.contains(degrees[2 * row + column]) {
        let place = line(row) == nil ? " in row \(row)" : ""
        throw DataError(
          kind: .outOfRange, file: file, line: line(row), column: table.columnNames[column],
          expected:
            "a \(Self.defaultNames[column]) from \(Int(range.lowerBound)) to "
            + "\(Int(range.upperBound)) degrees",
          got: "\(degrees[2 * row + column])\(place)",
          hint: column == 0
            ? "are the columns in the order latitude, longitude?" : nil)
      }
      places.append(
        GeographicPoint(latitude: degrees[2 * row], longitude: degrees[2 * row + 1]))
    }
    self.places = places
    directions = places.map(\.direction)
  }

  /// Number of rows.
  package var count: Int { places.count }
  /// x, y, z.
  package var columnNames: [String] { PointGenerator.columnNames }

  package func read(rows: [Int], into destination: UnsafeMutablePointer<Double>) {
    for (place, row) in rows.enumerated() {
      for axis in 0..<3 { destination[3 * place + axis] = directions[row][axis] }
    }
  }
  package func read(rows: [Int], into destination: UnsafeMutablePointer<Float>) {
    for (place, row) in rows.enumerated() {
      for axis in 0..<3 { destination[3 * place + axis] = Float(directions[row][axis]) }
    }
  }
}
