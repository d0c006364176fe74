import Datasets
import Foundation
import Testing

@Suite("Standardisation")
struct StandardisationTests {
  static let table = CSVTableFixture.numbers(rows: 1003)

  @Test("mean and deviation are those of the rows, far from the origin too")
  func fitsMoments() throws {
    let fitted = try Standardisation.fit(
      Self.table, shards: 8, ownedShards: 0..<8, chunkRows: 100, total: Standardisation.serialTotal)
    let count = Double(Self.table.count)
    for column in 0..<3 {
      let values = stride(from: column, to: Self.table.values.count, by: 3).map {
        Self.table.values[$0]
      }
      let mean = values.reduce(0, +) / count
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
      #expect(abs(fitted.mean[column] - mean) < 1e-12 * abs(mean) + 1e-12)
      let expected = column == 2 ? 1 : variance.squareRoot()
      #expect(abs(fitted.standardDeviation[column] - expected) < 1e-9 * expected)
    }
    let correction = -log(fitted.standardDeviation[0]) - log(fitted.standardDeviation[1])
    #expect(abs(fitted.logDensityCorrection - correction) < 1e-12)
  }

  @Test("the bits are the same for any number of ranks", arguments: [2, 3, 4, 8])
  func bitsDoNotDependOnRanks(ranks: Int) throws {
    let alone = try Standardisation.fit(
      Self.table, shards: 8, ownedShards: 0..<8, total: Standardisation.serialTotal)
    // Ranks take turns: each records its shard sums, the last caller sees all of them.
    func pass(mean: [Double]?) throws -> [[Double]] {
      var gathered: [[Double]] = []
      for rank in 0..<ranks {
        var call = 0
        _ = try Standardisation.fit(
          Self.table, shards: 8, ownedShards: rank * 8 / ranks..<(rank + 1) * 8 / ranks,
          chunkRows: 64
        ) { sums in
          call += 1
          if (call == 1) == (mean == nil) { gathered += sums }
          return call == 1 ? (mean ?? [0, 0, 0]) : [1, 1, 1]
        }
      }
      return gathered
    }
    var first = try pass(mean: nil)
    let total = Standardisation.serialTotal(&first)
    var second = try pass(mean: total)
    let squares = Standardisation.serialTotal(&second)
    let count = Double(Self.table.count)
    #expect(total.map { $0 / count } == alone.mean)
    #expect((squares[0] / count).squareRoot() == alone.standardDeviation[0])
    #expect((squares[1] / count).squareRoot() == alone.standardDeviation[1])
  }

  @Test("standardised rows have mean 0 and deviation 1, and come back")
  func roundTrip() throws {
    let fitted = try Standardisation.fit(
      Self.table, shards: 4, ownedShards: 0..<4, total: Standardisation.serialTotal)
    let rows = StandardisedRows(Self.table, by: fitted)
    let again = try Standardisation.fit(
      rows, shards: 4, ownedShards: 0..<4, total: Standardisation.serialTotal)
    for column in 0..<2 {
      #expect(abs(again.mean[column]) < 1e-9)
      #expect(abs(again.standardDeviation[column] - 1) < 1e-9)
    }
    var values = try rows.values(rows: Array(0..<rows.count))
    values.withUnsafeMutableBufferPointer {
      fitted.invert($0.baseAddress!, rowCount: rows.count)
    }
    for (back, original) in zip(values, Self.table.values) {
      #expect(abs(back - original) <= 1e-9 * max(1, abs(original)))
    }
  }

  @Test("single precision keeps the digits of a column with a large offset")
  func floatKeepsDigits() throws {
    let table = try CSVTable(text: "t\n100000000\n100000001\n100000002\n", file: "t.csv")
    let fitted = try Standardisation.fit(
      table, shards: 1, ownedShards: 0..<1, total: Standardisation.serialTotal)
    var values = [Float](repeating: 0, count: 3)
    try values.withUnsafeMutableBufferPointer {
      try StandardisedRows(table, by: fitted).read(
        rows: [0, 1, 2], as: Float.self, into: $0.baseAddress!)
    }
    #expect(abs(values[0] + Float(1.5).squareRoot()) < 1e-6 && values[1] == 0)
  }

  @Test("no rows are refused")
  func noRows() {
    let none = GeneratedRows(PointGenerator(curve: .helix, seed: 0), split: .train, count: 0)
    #expect(throws: DataError.self) {
      try Standardisation.fit(
        none, shards: 1, ownedShards: 0..<1, total: Standardisation.serialTotal)
    }
  }

  @Test("the canonical tree adds as written down")
  func treeOrder() {
    var sums = [[1e16], [1.0], [-1e16], [1.0]]
    // (1e16 + 1) + (−1e16 + 1) = 1e16 + (−1e16 + 1): each half rounds to even.
    #expect(Standardisation.serialTotal(&sums) == [(1e16 + 1.0) + (-1e16 + 1.0)])
  }

  @Test("The isotropic map has one scale, the root of the mean variance, and the same shift")
  func isotropic() {
    let map = Standardisation(mean: [1, -2], standardDeviation: [3, 4]).isotropic
    #expect(map.mean == [1, -2])
    #expect(map.standardDeviation == [(12.5).squareRoot(), (12.5).squareRoot()])
  }
}
