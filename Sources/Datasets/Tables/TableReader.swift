/// Opens a table whose extension says what it is.
public enum TableReader {
  /// A CSV table in memory (`.csv`) or an HDF5 table on disk (`.h5`, `.hdf5`).
  /// - Parameters:
  ///   - path: the file.
  ///   - columns: names of the columns wanted, in the order wanted; nil for all.
  ///   - object: the data set or group of an HDF5 file.
  /// - Throws: `DataError`.
  public static func open(
    _ path: String, columns: [String]? = nil, object: String = "/"
  ) throws -> any RowSource {
    switch try TableWriter.Format(path: path) {
    case .csv: try CSVTable(path: path, columns: columns)
    case .hdf5: try HDF5Table(path: path, object: object, columns: columns)
    }
  }
}
