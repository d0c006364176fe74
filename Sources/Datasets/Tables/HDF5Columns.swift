import Foundation
import HDF5

/// Writes columns of numbers as data sets of rank 1 in the root group.
enum HDF5Columns {
  /// Writes beside the target and renames, so that a half-written file never bears the name.
  /// - Throws: `DataError` of kind `unwritable`.
  static func write(_ values: [Double], columnNames: [String], to path: String) throws {
    for name in columnNames where name.contains("/") || name.isEmpty {
      throw DataError(
        kind: .unwritable, file: path, column: name, expected: "column names without '/'",
        got: "'\(name)'", hint: "write CSV, or rename the column")
    }
    let partial = path + ".partial"
    do {
      try writeFile(values, columnNames: columnNames, to: partial)
      guard rename(partial, path) == 0 else {
        throw HDF5Error(
          function: "rename", path: path, stack: [String(cString: strerror(errno))])
      }
    } catch let error as HDF5Error {
      unlink(partial)
      throw DataError(
        kind: .unwritable, file: path, expected: "a file that can be written",
        got: ([error.function + " failed"] + error.stack).joined(separator: "; "),
        hint: "check that the folder exists, is writable and has space left")
    }
  }

  private static func writeFile(
    _ values: [Double], columnNames: [String], to path: String
  ) throws {
    let file = try HDF5File.create(at: path)
    let width = columnNames.count
    for (column, name) in columnNames.enumerated() {
      let elements = stride(from: column, to: values.count, by: width).map { values[$0] }
      let dataset = try file.createDataset("/" + name, of: .float64, shape: [elements.count])
      try dataset.write(elements)
    }
    let header = columnNames.map(TableWriter.quoted).joined(separator: ",")
    try file.writeAttribute("columns", text: header)
    try file.flush()
    try file.close()
  }
}
