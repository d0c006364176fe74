/// Rows seen through a standardisation.
public struct StandardisedRows<Base: RowSource>: RowSource {
  /// Rows in the units of the data.
  public let base: Base
  /// The map.
  public let standardisation: Standardisation

  /// - Precondition: as many columns in the map as in the rows.
  public init(_ base: Base, by standardisation: Standardisation) {
    precondition(
      base.columnCount == standardisation.mean.count,
      "\(standardisation.mean.count) columns standardised, \(base.columnCount) read")
    self.base = base
    self.standardisation = standardisation
  }

  /// Number of rows.
  public var count: Int { base.count }
  /// Names of the columns, [D].
  public var columnNames: [String] { base.columnNames }
  /// The row of the data before standardisation.
  public func originalRow(_ row: Int) -> Int { base.originalRow(row) }

  /// Reads rows into [rows.count, D] numbers. Not collective.
  public func read(rows: [Int], into destination: UnsafeMutablePointer<Double>) throws {
    try base.read(rows: rows, into: destination)
    standardisation.apply(to: destination, rowCount: rows.count)
  }

  /// Standardises in double precision before rounding: an offset far larger than the spread (years,
  /// coordinates of a survey) would otherwise cost the digits that matter.
  public func read(rows: [Int], into destination: UnsafeMutablePointer<Float>) throws {
    let values = try self.values(rows: rows)
    for (place, value) in values.enumerated() { destination[place] = Float(value) }
  }
}
