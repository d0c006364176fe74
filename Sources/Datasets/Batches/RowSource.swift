/// Rows of numbers by number: a generator, a table in memory, a table in a file.
///
/// Row numbers may come in any order and may repeat (padding repeats a row).
public protocol RowSource {
  /// Number of rows.
  var count: Int { get }

  /// Names of the columns, [D].
  var columnNames: [String] { get }

  /// The number of a row where it comes from, counted from 0: the row of the file for one part of a
  /// file. For messages that people look up.
  func originalRow(_ row: Int) -> Int

  /// Reads rows into [rows.count, D] numbers at `destination`. Not collective.
  /// - Throws: `DataError` where the source cannot be read.
  func read(rows: [Int], into destination: UnsafeMutablePointer<Double>) throws

  /// Reads rows into [rows.count, D] numbers at `destination`. Not collective.
  /// - Throws: `DataError` where the source cannot be read.
  func read(rows: [Int], into destination: UnsafeMutablePointer<Float>) throws
}

extension RowSource {
  /// Number of columns, D.
  public var columnCount: Int { columnNames.count }

  /// Rows of a source that is the origin itself.
  public func originalRow(_ row: Int) -> Int { row }

  /// Reads rows in double precision and rounds them.
  public func read(rows: [Int], into destination: UnsafeMutablePointer<Float>) throws {
    let values = try self.values(rows: rows)
    for (place, value) in values.enumerated() { destination[place] = Float(value) }
  }

  /// Rows as [rows.count, D] numbers, row after row.
  /// - Throws: `DataError` where the source cannot be read.
  public func values(rows: [Int]) throws -> [Double] {
    try [Double](unsafeUninitializedCapacity: rows.count * columnCount) { buffer, initialized in
      if let start = buffer.baseAddress { try read(rows: rows, into: start) }
      initialized = rows.count * columnCount
    }
  }

  /// Reads rows for code that is generic over the scalar.
  /// - Precondition: `Scalar` is `Float` or `Double`.
  /// - Throws: `DataError` where the source cannot be read.
  public func read<Scalar: BinaryFloatingPoint>(
    rows: [Int], as type: Scalar.Type, into destination: UnsafeMutablePointer<Scalar>
  ) throws {
    let raw = UnsafeMutableRawPointer(destination)
    if Scalar.self == Float.self {
      try read(rows: rows, into: raw.assumingMemoryBound(to: Float.self))
    } else if Scalar.self == Double.self {
      try read(rows: rows, into: raw.assumingMemoryBound(to: Double.self))
    } else {
      preconditionFailure("rows can be read as Float or Double, not \(Scalar.self)")
    }
  }
}

/// One part of a generator as rows: `count` points that are made when they are asked for.
public struct GeneratedRows: RowSource, Sendable {
  /// What draws the points.
  public let generator: PointGenerator
  /// The part.
  public let split: DatasetSplit
  /// Number of rows.
  public let count: Int

  /// The first `count` points of a part.
  public init(_ generator: PointGenerator, split: DatasetSplit, count: Int) {
    precondition(count >= 0, "a count must not be negative, got \(count)")
    self.generator = generator
    self.split = split
    self.count = count
  }

  /// Names of the columns, [D].
  public var columnNames: [String] { PointGenerator.columnNames }

  /// Reads rows into [rows.count, D] numbers. Not collective.
  public func read(rows: [Int], into destination: UnsafeMutablePointer<Double>) {
    for row in rows { precondition(row < count, "row \(row) is not in 0..<\(count)") }
    generator.fill(rows, of: split, into: destination)
  }

  /// Reads rows into [rows.count, D] numbers. Not collective.
  public func read(rows: [Int], into destination: UnsafeMutablePointer<Float>) {
    for row in rows { precondition(row < count, "row \(row) is not in 0..<\(count)") }
    generator.fill(rows, of: split, into: destination)
  }
}

/// One part of a table that was divided by seed.
public struct SplitRows<Base: RowSource>: RowSource {
  /// The whole table.
  public let base: Base
  /// The division.
  public let division: RowSplit
  /// The part.
  public let split: DatasetSplit

  /// A part of `base` under `division`.
  public init(_ base: Base, division: RowSplit, split: DatasetSplit) {
    self.base = base
    self.division = division
    self.split = split
  }

  /// Number of rows.
  public var count: Int { division.count(of: split) }
  /// Names of the columns, [D].
  public var columnNames: [String] { base.columnNames }
  /// The row of the whole table.
  public func originalRow(_ row: Int) -> Int {
    base.originalRow(division.row(row, of: split))
  }

  /// Reads rows into [rows.count, D] numbers. Not collective.
  public func read(rows: [Int], into destination: UnsafeMutablePointer<Double>) throws {
    try base.read(rows: rows.map { division.row($0, of: split) }, into: destination)
  }

  /// Reads rows into [rows.count, D] numbers. Not collective.
  public func read(rows: [Int], into destination: UnsafeMutablePointer<Float>) throws {
    try base.read(rows: rows.map { division.row($0, of: split) }, into: destination)
  }
}
