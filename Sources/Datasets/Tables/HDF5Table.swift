import Foundation
import HDF5

/// A table of numbers in an HDF5 file, read row by row as asked: the set is never held whole.
///
/// Two layouts:
/// - one data set [rows, D] with a text attribute `columns` such as `x,y,z` (without it the columns are
///   called `column1`, `column2`, …);
/// - a group of data sets [rows] of equal length, one a column, named after it. A text attribute
///   `columns` of the group gives their order; without it they stand in alphabetical order.
///
/// Each rank opens the file for itself and reads only the rows it needs. Row numbers of a shuffled batch
/// are sorted, and rows that lie close together are read as one run, because a run costs little more
/// than a row. Integers are converted. A value that is not finite is an error when it is read.
public final class HDF5Table: RowSource {
  /// A data set of the file and where its columns go.
  private final class Part {
    let dataset: HDF5Dataset
    /// Columns of the data set; 1 for a data set of rank 1.
    let width: Int
    /// (column in the data set, column in the rows of this table).
    let columns: [(source: Int, target: Int)]

    init(_ dataset: consuming HDF5Dataset, columns: [(source: Int, target: Int)]) {
      width = dataset.shape.count == 2 ? dataset.shape[1] : 1
      self.columns = columns
      self.dataset = dataset
    }
  }

  /// Names of the columns read, in the order asked for.
  public let columnNames: [String]
  /// Number of rows.
  public let count: Int

  private let path: String
  private var parts: [Part]
  private let file: HDF5File

  /// Opens a table. Not collective.
  /// - Parameters:
  ///   - path: the file.
  ///   - object: the data set, or the group that holds the columns. The root group stands for its only
  ///     data set where that has two axes.
  ///   - columns: names of the columns wanted, in the order wanted; nil for all.
  /// - Throws: `DataError` for a missing file, column or object and unsuitable shapes.
  public init(path: String, object: String = "/", columns: [String]? = nil) throws {
    guard FileManager.default.fileExists(atPath: path) else {
      throw DataError(
        kind: .missingFile, file: path, expected: "an HDF5 file", got: "no such file",
        hint: "paths are relative to the folder the command runs in")
    }
    let file = try Self.converting(path) { try HDF5File.open(path) }
    let layout = try Self.converting(path) {
      try HDF5TableLayout(of: file, path: path, object: object)
    }
    let places = try CSVHeader(layout.columnNames, line: nil, file: path, allowsNumbers: true)
      .places(of: columns)
    guard layout.count > 0 else {
      throw DataError(
        kind: .emptyTable, file: path, column: object, expected: "at least one row", got: "none")
    }
    self.path = path
    count = layout.count
    columnNames = places.map { layout.columnNames[$0] }
    if let table = layout.table {
      let mapped = places.enumerated().map { (source: $1, target: $0) }
      parts = [
        Part(try Self.converting(path) { try file.openDataset(table) }, columns: mapped)
      ]
    } else {
      parts = try places.enumerated().map { target, place in
        let dataset = try Self.converting(path) { try file.openDataset(layout.columnPaths[place]) }
        return Part(dataset, columns: [(source: 0, target: target)])
      }
    }
    self.file = file
  }

  deinit {
    // The library keeps a file open while one of its data sets is.
    parts = []
  }

  /// Reads rows into [rows.count, D] numbers. Not collective.
  /// - Throws: `DataError` for a value that is not finite or a file that cannot be read.
  public func read(rows: [Int], into destination: UnsafeMutablePointer<Double>) throws {
    let order = rows.indices.sorted { rows[$0] < rows[$1] }
    for part in parts {
      var next = 0
      while next < order.count {
        let run = Self.run(from: next, rows: rows, order: order, width: part.width)
        let first = rows[order[run.lowerBound]]
        let last = rows[order[run.upperBound - 1]]
        precondition(first >= 0 && last < count, "rows \(first)...\(last) are not in 0..<\(count)")
        let values = try Self.converting(path) {
          try part.dataset.read(rows: first..<last + 1, as: Double.self)
        }
        for place in run {
          let row = rows[order[place]]
          for column in part.columns {
            let value = values[(row - first) * part.width + column.source]
            guard value.isFinite else {
              throw DataError(
                kind: .notFinite, file: path, column: columnNames[column.target],
                expected: "finite numbers", got: "\(value) in row \(row)",
                hint: "remove rows with missing values")
            }
            destination[order[place] * columnNames.count + column.target] = value
          }
        }
        next = run.upperBound
      }
    }
  }

  /// The longest run of sorted rows worth one read: gaps below 4 KiB, at most 1 MiB in all.
  private static func run(from start: Int, rows: [Int], order: [Int], width: Int) -> Range<Int> {
    let rowBytes = 8 * width
    var end = start + 1
    while end < order.count,
      (rows[order[end]] - rows[order[end - 1]]) * rowBytes <= 4096 + rowBytes,
      (rows[order[end]] - rows[order[start]]) * rowBytes < 1 << 20
    {
      end += 1
    }
    return start..<end
  }

  /// Runs a call of the library and turns its error into one about the data.
  static func converting<Result: ~Copyable>(
    _ path: String, _ body: () throws -> Result
  ) throws -> Result {
    do {
      return try body()
    } catch let error as HDF5Error {
      throw DataError(
        kind: .unreadable, file: path, expected: "a readable HDF5 table",
        got: ([error.function + " failed on " + error.path] + error.stack).joined(separator: "; "),
        hint: error.hint.isEmpty ? "look at the file with `h5ls -r`" : error.hint)
    }
  }
}
