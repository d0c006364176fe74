import Foundation

/// Writes a table of numbers to a file whose extension says how.
public enum TableWriter {
  /// The formats that tables are read from and written to.
  public enum Format: Sendable {
    /// Comma-separated text with a header: `.csv`.
    case csv
    /// One data set of rank 1 for each column: `.h5` or `.hdf5`.
    case hdf5

    /// The format a file name asks for.
    /// - Throws: `DataError` of kind `unknownFormat`.
    public init(path: String) throws {
      switch URL(fileURLWithPath: path).pathExtension.lowercased() {
      case "csv": self = .csv
      case "h5", "hdf5": self = .hdf5
      case let other:
        throw DataError(
          kind: .unknownFormat, file: path, expected: "a name that ends in .csv, .h5 or .hdf5",
          got: other.isEmpty ? "no extension" : "'.\(other)'")
      }
    }
  }

  /// Writes a table whole: the file appears under its name only when it is complete. Not collective:
  /// one rank calls it.
  /// - Parameters:
  ///   - values: [rows, D], row after row.
  ///   - columnNames: [D].
  ///   - path: the file; an older file of that name is replaced.
  /// - Throws: `DataError` where the format is unknown or the file cannot be written.
  public static func write(_ values: [Double], columnNames: [String], to path: String) throws {
    precondition(
      !columnNames.isEmpty && values.count % columnNames.count == 0,
      "\(values.count) numbers are not rows of \(columnNames.count)")
    switch try Format(path: path) {
    case .csv: try writeCSV(values, columnNames: columnNames, to: path)
    case .hdf5: try HDF5Columns.write(values, columnNames: columnNames, to: path)
    }
  }

  /// Numbers are written with the fewest digits that read back as the same number.
  private static func writeCSV(
    _ values: [Double], columnNames: [String], to path: String
  ) throws {
    var text = columnNames.map(quoted).joined(separator: ",") + "\n"
    for (place, value) in values.enumerated() {
      text += value.description
      text += (place + 1) % columnNames.count == 0 ? "\n" : ","
    }
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw DataError(
        kind: .unwritable, file: path, expected: "a file that can be written",
        got: error.localizedDescription,
        hint: "check that the folder exists, is writable and has space left")
    }
  }

  /// A name as a CSV field.
  static func quoted(_ name: String) -> String {
    let isPlain = !name.contains { $0 == "," || $0 == "\"" || $0.isNewline }
    return isPlain ? name : "\"" + name.replacingOccurrences(of: "\"", with: "\"\"") + "\""
  }
}
