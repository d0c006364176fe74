import Datasets
import Foundation

/// The parts of a table.
struct TableParts {
  let train: any RowSource
  let validation: any RowSource
  let test: any RowSource
  /// Names of latitude and longitude in the file, for geographic data.
  let degreeNames: [String]?

  /// Opens a table and divides it. Not collective.
  ///
  /// - Throws: `DataError`; ``PortolanFailure`` where a grouping leaves a part empty.
  init(_ data: DataConfiguration, seed: UInt64) throws {
    let path = data.path ?? ""
    let table = try Self.open(path, data.columns, object: data.dataset, data)
    degreeNames = (table as? GeographicTable)?.degreeNames
    let fractions = (
      train: 1 - data.validationFraction - data.testFraction, validation: data.validationFraction,
      test: data.testFraction
    )
    guard data.grouping != .rows else {
      let division = RowSplit(
        count: table.count, trainFraction: fractions.train,
        validationFraction: fractions.validation, testFraction: fractions.test, seed: seed)
      train = SplitRows(anyBase: table, division, .train)
      validation = SplitRows(anyBase: table, division, .validation)
      test = SplitRows(anyBase: table, division, .test)
      return
    }
    func split(_ keys: [some Hashable]) -> GroupedSplit {
      GroupedSplit(
        keys: keys, trainFraction: fractions.train, validationFraction: fractions.validation,
        testFraction: fractions.test, seed: seed)
    }
    let division: GroupedSplit
    if data.grouping == .cells, let places = (table as? GeographicTable)?.places {
      let cells = GlobeCells(degrees: data.cellDegrees)
      division = split(places.map(cells.cell(of:)))
    } else if let places = (table as? GeographicTable)?.places {
      division = split(places.map { SIMD2($0.latitude, $0.longitude) })
    } else {
      let values = try table.values(rows: Array(0..<table.count))
      let width = table.columnCount
      division = split((0..<table.count).map { Array(values[$0 * width..<($0 + 1) * width]) })
    }
    for (part, fraction) in [
      (DatasetSplit.train, fractions.train), (.validation, fractions.validation),
      (.test, fractions.test),
    ] where fraction > 0 && division.rows(of: part).isEmpty {
      throw PortolanFailure(
        .badData,
        "\(path): data.grouping \(data.grouping.rawValue) makes \(division.groupCount) "
          + "\(division.groupCount == 1 ? "group" : "groups") of \(table.count) rows, which leaves the \(part.rawValue) part empty",
        hint: data.grouping == .cells
          ? "lower data.cellDegrees, or take data.grouping: places"
          : "give more data, or other fractions")
    }
    train = SelectedRows(AnyRows(table), rows: division.rows(of: .train))
    validation = SelectedRows(AnyRows(table), rows: division.rows(of: .validation))
    test = SelectedRows(AnyRows(table), rows: division.rows(of: .test))
  }

  /// The points of a file under a data configuration: of `columns`, or of all where none are named.
  ///
  /// - Parameter object: the data set or group of an HDF5 file.
  static func open(
    _ path: String, _ columns: [String], object: String? = nil, _ data: DataConfiguration
  ) throws -> any RowSource {
    let wanted =
      !columns.isEmpty ? columns : data.geographic ? GeographicTable.defaultNames : nil
    let table =
      try object.map {
        try TableReader.open(path, columns: wanted, object: $0)
      } ?? TableReader.open(path, columns: wanted)
    guard data.geographic else { return table }
    let lines = (table as? CSVTable)?.lines
    return try GeographicTable(AnyRows(table), file: path) { lines?[$0] }
  }
}

extension DataAssembly {
  /// Other points than the run's own, from a file with the same columns.
  package func openPoints(_ path: String) throws -> any RowSource {
    try TableParts.open(path, degreeNames ?? columnNames, configuration)
  }

  /// The points are of a sphere, given by latitude and longitude.
  package var isGeographic: Bool { degreeNames != nil }

  /// Names of the coordinates that commands write.
  package var outputNames: [String] { degreeNames ?? columnNames }

  /// Coordinates as commands write them, from [rows, D] to [rows, outputNames.count]: for geographic data
  /// the latitude and longitude of each point's direction.
  package func outputCoordinates(_ rows: [Double]) -> [Double] {
    guard isGeographic else { return rows }
    return stride(from: 0, to: rows.count, by: 3).flatMap { start -> [Double] in
      let place = GeographicPoint(
        direction: SIMD3(rows[start], rows[start + 1], rows[start + 2]))
      return [place.latitude, place.longitude]
    }
  }

  /// Coordinates of points as their file has them.
  package func outputCoordinates(of points: any RowSource) throws -> [Double] {
    if let table = points as? GeographicTable {
      return table.places.flatMap { [$0.latitude, $0.longitude] }
    }
    return outputCoordinates(try points.values(rows: Array(0..<points.count)))
  }
}
