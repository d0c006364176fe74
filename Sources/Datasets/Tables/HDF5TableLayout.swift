import HDF5

/// What an HDF5 file holds, seen as one table.
struct HDF5TableLayout {
  /// Names of all columns.
  let columnNames: [String]
  /// Number of rows.
  let count: Int
  /// The data set [rows, D] that holds all columns, or nil for one data set a column.
  let table: String?
  /// The data set of each column, where there is one a column.
  let columnPaths: [String]

  /// - Throws: `DataError`, `HDF5Error`.
  init(of file: borrowing HDF5File, path: String, object: String) throws {
    let all = try file.datasetPaths()
    let absolute = object.hasPrefix("/") ? object : "/" + object
    let isDataset = all.contains(absolute)
    let prefix = absolute.hasSuffix("/") ? absolute : absolute + "/"
    let children = all.filter {
      $0.hasPrefix(prefix) && !$0.dropFirst(prefix.count).contains("/")
    }
    var candidates: [(path: String, shape: [Int])] = []
    for child in isDataset ? [absolute] : children {
      let dataset = try file.openDataset(child)
      // Text beside the columns (units, a description) is no column.
      if dataset.scalarType != nil { candidates.append((child, dataset.shape)) }
    }
    guard let first = candidates.first else {
      throw DataError(
        kind: .unsuitableShape, file: path, column: absolute,
        expected: "a data set of numbers, or a group of them",
        got: all.isEmpty ? "a file without data sets" : "none there",
        hint: all.isEmpty ? nil : "the file holds " + all.prefix(12).joined(separator: ", "))
    }
    if candidates.count == 1 && first.shape.count == 2 {
      table = first.path
      columnPaths = []
      count = first.shape[0]
      let given = try Self.names(try file.readAttribute("columns", of: first.path), path: path)
      columnNames = given ?? (0..<first.shape[1]).map { "column\($0 + 1)" }
      guard columnNames.count == first.shape[1] else {
        throw DataError(
          kind: .unsuitableShape, file: path, column: first.path,
          expected: "\(first.shape[1]) names in the attribute 'columns'",
          got: "\(columnNames.count)")
      }
      return
    }
    for (childPath, shape) in candidates where shape.count != 1 || shape[0] != first.shape[0] {
      throw DataError(
        kind: .unsuitableShape, file: path, column: childPath,
        expected: "one axis, with as many rows as \(first.path)",
        got: "shape \(shape)", hint: "name a data set of two axes, or a group of equal columns")
    }
    table = nil
    count = first.shape[0]
    let group = isDataset || absolute == "/" ? "/" : absolute
    let sorted = candidates.map { String($0.path.split(separator: "/").last ?? "") }
    let attribute = isDataset ? nil : try file.readAttribute("columns", of: group)
    let given = try Self.names(attribute, path: path)
    let names = given ?? sorted
    columnPaths = try names.map { name in
      guard let place = sorted.firstIndex(of: name) else {
        throw DataError(
          kind: .missingColumn, file: path, column: name,
          expected: "a data set of each name in the attribute 'columns'", got: "none")
      }
      return candidates[place].path
    }
    columnNames = names
  }

  /// Names in an attribute, which is one line of comma-separated text.
  private static func names(_ attribute: String?, path: String) throws -> [String]? {
    try attribute.map { try CSVRows(text: $0, file: path + ":columns").header }
  }
}
