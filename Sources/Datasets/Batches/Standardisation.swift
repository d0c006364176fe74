#if canImport(Glibc)
  import Glibc
#endif

/// Shift and scale of each column, fitted on training rows: y = (x − mean) / standardDeviation.
///
/// A density over y becomes one over x by log p(x) = log p(y) + `logDensityCorrection`.
public struct Standardisation: Sendable, Equatable, Codable {
  /// Mean of each column, [D].
  public let mean: [Double]
  /// Standard deviation of each column (divisor n), [D]; 1 for a constant column.
  public let standardDeviation: [Double]

  /// Takes known values, as restored from a checkpoint.
  /// - Precondition: equal lengths, deviations positive.
  public init(mean: [Double], standardDeviation: [Double]) {
    precondition(
      mean.count == standardDeviation.count,
      "\(mean.count) means but \(standardDeviation.count) deviations")
    precondition(standardDeviation.allSatisfy { $0 > 0 }, "deviations must be positive")
    self.mean = mean
    self.standardDeviation = standardDeviation
  }

  /// The map that changes nothing.
  public init(identityOf columns: Int) {
    self.init(
      mean: [Double](repeating: 0, count: columns),
      standardDeviation: [Double](repeating: 1, count: columns))
  }

  /// −Σ log standardDeviation, in nats: what to add to the log-density of standardised rows.
  public var logDensityCorrection: Double {
    var sum = 0.0
    for deviation in standardDeviation { sum += log(deviation) }
    return -sum
  }

  /// The same shift with one scale for all columns, the root of their mean variance: a map that keeps
  /// angles, and with them the shape of surfaces.
  public var isotropic: Standardisation {
    let squares = standardDeviation.reduce(0) { $0 + $1 * $1 }
    let deviation = (squares / Double(standardDeviation.count)).squareRoot()
    return Standardisation(
      mean: mean,
      standardDeviation: [Double](repeating: deviation, count: standardDeviation.count))
  }

  /// Standardises rows in place, [rows, D].
  public func apply<Scalar: BinaryFloatingPoint>(
    to rows: UnsafeMutablePointer<Scalar>, rowCount: Int
  ) {
    for row in 0..<rowCount {
      for column in 0..<mean.count {
        let place = row * mean.count + column
        rows[place] = Scalar((Double(rows[place]) - mean[column]) / standardDeviation[column])
      }
    }
  }

  /// Returns standardised rows to the units of the data in place, [rows, D].
  public func invert<Scalar: BinaryFloatingPoint>(
    _ rows: UnsafeMutablePointer<Scalar>, rowCount: Int
  ) {
    for row in 0..<rowCount {
      for column in 0..<mean.count {
        let place = row * mean.count + column
        rows[place] = Scalar(Double(rows[place]) * standardDeviation[column] + mean[column])
      }
    }
  }

  /// Fits mean and deviation of every column in two passes over the rows.
  ///
  /// The rows are cut into S contiguous shards; a caller that owns some of them sums only those, in
  /// double precision, and `total` adds the shards' sums over the job along the canonical tree. The
  /// result has the same bits for any number of ranks. Collective if `total` is.
  /// - Parameters:
  ///   - source: training rows.
  ///   - shards: S.
  ///   - ownedShards: shards that this caller sums.
  ///   - chunkRows: rows in memory at a time.
  ///   - total: from the sums of the owned shards ([owned][D], in order) to the job's sum, [D].
  /// - Throws: what reading or `total` throws; `DataError` of kind `emptyTable` for no rows.
  public static func fit(
    _ source: some RowSource, shards: Int, ownedShards: Range<Int>, chunkRows: Int = 4096,
    total: (inout [[Double]]) throws -> [Double]
  ) throws -> Standardisation {
    let count = source.count
    let columns = source.columnCount
    guard count > 0 else {
      throw DataError(
        kind: .emptyTable, file: "", expected: "at least one training row", got: "none",
        hint: "raise the training fraction or the number of rows")
    }
    func sums(_ term: (Double, Int) -> Double) throws -> [[Double]] {
      try ownedShards.map { shard in
        var sum = [Double](repeating: 0, count: columns)
        let rows = BatchPlan.contiguousRows(ofShard: shard, of: shards, count: count)
        for start in stride(from: rows.lowerBound, to: rows.upperBound, by: chunkRows) {
          let chunk = Array(start..<min(start + chunkRows, rows.upperBound))
          let values = try source.values(rows: chunk)
          for place in values.indices {
            sum[place % columns] += term(values[place], place % columns)
          }
        }
        return sum
      }
    }
    var local = try sums { value, _ in value }
    let mean = try total(&local).map { $0 / Double(count) }
    local = try sums { value, column in
      let deviation = value - mean[column]
      return deviation * deviation
    }
    let deviation = try total(&local).enumerated().map { column, sum in
      let deviation = (sum / Double(count)).squareRoot()
      // A constant column has no scale; rounding of its mean must not make one.
      return deviation > 1e-12 * abs(mean[column]) && deviation > 0 ? deviation : 1
    }
    return Standardisation(mean: mean, standardDeviation: deviation)
  }

  /// The canonical tree over shards held by one caller: for w = 1, 2, 4 … t[s] += t[s + w].
  /// - Precondition: the number of shards is a power of two.
  public static func serialTotal(_ sums: inout [[Double]]) -> [Double] {
    precondition(
      sums.count > 0 && sums.count & (sums.count - 1) == 0, "\(sums.count) is not a power of two")
    var width = 1
    while width < sums.count {
      for shard in stride(from: 0, to: sums.count, by: 2 * width) {
        for column in sums[shard].indices { sums[shard][column] += sums[shard + width][column] }
      }
      width *= 2
    }
    return sums[0]
  }
}
