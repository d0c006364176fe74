import Datasets
import Distributed
import Foundation

/// The three parts of the data in the units of the model, and what leads back.
package struct DataAssembly {
  package let columnNames: [String]
  /// In the units of the data.
  package let train: any RowSource
  package let validation: any RowSource
  package let test: any RowSource
  /// No rank holds the whole of an HDF5 table.
  private let isReadInPieces: Bool
  /// The known density, for generated data.
  package let generator: PointGenerator?

  /// Opens or makes the data. Not collective.
  ///
  /// - Throws: `DataError`; ``PortolanFailure`` for too few rows or columns.
  package init(_ configuration: Configuration) throws {
    let data = configuration.data
    let seed = UInt64(configuration.seed)
    isReadInPieces = data.source == .hdf5
    switch data.source {
    case .generator:
      let settings = data.generator
      guard let curve = Curve(rawValue: settings.name.rawValue) else {
        preconditionFailure("no curve of the name \(settings.name.rawValue)")
      }
      let generator = PointGenerator(
        curve: curve, scale: settings.scale, noise: settings.noise, seed: seed)
      train = GeneratedRows(generator, split: .train, count: settings.train)
      validation = GeneratedRows(generator, split: .validation, count: settings.validation)
      test = GeneratedRows(generator, split: .test, count: settings.test)
      self.generator = generator
    case .csv, .hdf5:
      let columns = data.columns.isEmpty ? nil : data.columns
      let table =
        try data.dataset.map {
          try TableReader.open(data.path ?? "", columns: columns, object: $0)
        } ?? TableReader.open(data.path ?? "", columns: columns)
      let division = RowSplit(
        count: table.count,
        trainFraction: 1 - data.validationFraction - data.testFraction,
        validationFraction: data.validationFraction, testFraction: data.testFraction, seed: seed)
      train = SplitRows(anyBase: table, division, .train)
      validation = SplitRows(anyBase: table, division, .validation)
      test = SplitRows(anyBase: table, division, .test)
      generator = nil
    }
    columnNames = train.columnNames
    guard columnNames.count >= 2 else {
      throw PortolanFailure(
        .badData,
        "the data has the column \(columnNames.joined()) alone: a flow by couplings "
          + "needs at least two", hint: "name two or more columns in data.columns")
    }
    guard train.count >= configuration.shards else {
      throw PortolanFailure(
        .badData,
        "\(train.count) training rows for \(configuration.shards) shards: expected one a shard "
          + "at least", hint: "give more data, or lower shards")
    }
    try checkEmbedding(configuration.model.embedding)
  }

  /// Columns and rows, a line each: other data give another split.
  var fingerprint: String {
    """
    columns: \(columnNames.joined(separator: ", "))
    rows: \(train.count) train, \(validation.count) validation, \(test.count) test

    """
  }

  /// The map to the model's units, fitted on the training rows job-wide. Collective.
  package func fitStandardisation(_ configuration: Configuration, on group: JobGroup) throws
    -> Standardisation
  {
    guard configuration.data.standardise else {
      return Standardisation(identityOf: columnNames.count)
    }
    let map = try Standardisation.fit(
      AnyRows(train), shards: group.tree.shards, ownedShards: group.ownShards.indices
    ) { sums in try group.treeSum(shardValues: sums) }
    return configuration.model.embedding.kind == .none ? map : map.isotropic
  }

  /// A part in the model's units; small ones are held in memory, files are read as needed.
  package func standardised(_ part: any RowSource, by map: Standardisation) throws
    -> any RowSource
  {
    let rows = StandardisedRows(AnyRows(part), by: map)
    let bytes = part.count * part.columnCount * MemoryLayout<Float>.stride
    guard !isReadInPieces, bytes <= 64 << 20 else { return rows }
    return try RowsInMemory(rows)
  }
}

/// A row source of any type, where a concrete one is asked for.
package struct AnyRows: RowSource {
  private let base: any RowSource

  package init(_ base: any RowSource) { self.base = base }

  package var count: Int { base.count }
  package var columnNames: [String] { base.columnNames }
  package func originalRow(_ row: Int) -> Int { base.originalRow(row) }

  package func read(rows: [Int], into destination: UnsafeMutablePointer<Double>) throws {
    try base.read(rows: rows, into: destination)
  }
  package func read(rows: [Int], into destination: UnsafeMutablePointer<Float>) throws {
    try base.read(rows: rows, into: destination)
  }
}

/// Rows copied once, [count, D] in single precision: for sources that cost more than a copy.
package struct RowsInMemory: RowSource {
  package let count: Int
  package let columnNames: [String]
  private let values: [Float]
  /// Knows where the rows come from.
  private let origin: any RowSource

  package init(_ source: some RowSource) throws {
    origin = source
    count = source.count
    columnNames = source.columnNames
    let (rows, columns) = (source.count, source.columnCount)
    values = try [Float](unsafeUninitializedCapacity: rows * columns) { buffer, initialized in
      if let start = buffer.baseAddress, rows > 0 {
        try source.read(rows: Array(0..<rows), into: start)
      }
      initialized = rows * columns
    }
  }

  package func originalRow(_ row: Int) -> Int { origin.originalRow(row) }

  package func read(rows: [Int], into destination: UnsafeMutablePointer<Float>) {
    let columns = columnNames.count
    values.withUnsafeBufferPointer { values in
      for (place, row) in rows.enumerated() {
        precondition(row >= 0 && row < count, "row \(row) is not in 0..<\(count)")
        for column in 0..<columns {
          destination[place * columns + column] = values[row * columns + column]
        }
      }
    }
  }

  package func read(rows: [Int], into destination: UnsafeMutablePointer<Double>) {
    let columns = columnNames.count
    for (place, row) in rows.enumerated() {
      for column in 0..<columns {
        destination[place * columns + column] = Double(values[row * columns + column])
      }
    }
  }
}

extension SplitRows where Base == AnyRows {
  init(anyBase base: any RowSource, _ division: RowSplit, _ split: DatasetSplit) {
    self.init(AnyRows(base), division: division, split: split)
  }
}
