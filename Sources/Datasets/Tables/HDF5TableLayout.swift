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
        expected: "a data set of numbers (little-endian float32, float64, int32, int64, uint64 or "
          + "uint8), or a group of them",
        got: all.isEmpty ? "a file without data sets" : "none there",
        hint: all.isEmpty ? nil : "the file holds " + all.prefix(12).joined(separator: ", "))
    }
    if candidates.count == 1 && first.shape.count == 2 {
      table = first.path
      columnPaths = []
      count = first.shape[0]
      let given = try Self.names(of: first.path, in: file, path: path)
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
    let given = isDataset ? nil : try Self.names(of: group, in: file, path: path)
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

  /// Names in the attribute `columns`: several texts, or one line of comma-separated text.
  private static func names(
    of object: String, in file: borrowing HDF5File, path: String
  ) throws -> [String]? {
    let attribute: [String]?
    do {
      attribute = try file.readAttributes("columns", of: object)
    } catch let error as HDF5Error {
      throw DataError(
        kind: .unsuitableShape, file: path, column: object,
        expected: "names in the attribute 'columns', as text in UTF-8",
        got: error.stack.last ?? "another kind of attribute",
        hint: "with h5py: attrs['columns'] = ['x', 'y', 'z']")
    }
    guard let attribute, !attribute.isEmpty else { return nil }
    guard attribute.count == 1 else { return attribute }
    return try CSVRows(text: attribute[0], file: path + ":columns").header
  }
}
