import Datasets
import Foundation
import Testing

/// The published events, where the public data sets lie beside the repository. PORTOLAN_EARTH_TABLE=1
/// prints and checks the whole table over five seeds, which takes minutes; else one seed of two rows.
@Suite("Controls on the events of the Earth", .enabled(if: CSVTableFixture.sharedData != nil))
struct EarthTableTests {
  struct Row: Sendable, CustomStringConvertible {
    var set: String
    var protocolName: String
    var floorDegrees = 0.01
    /// Negative log-likelihood of the reference, mean and deviation over five seeds.
    var mixture: (mean: Double, deviation: Double)?
    var kernels: (mean: Double, deviation: Double)?
    var description: String { "\(set) \(protocolName)" }
  }

  /// The mixture of the volcanoes under P has no reference: two thirds of its test rows are copies of
  /// training rows, so its value is that of the narrowest component allowed (here about −6.2).
  static let table =
    [
      Row(
        set: "earthquake", protocolName: "rows", mixture: (0.06, 0.05), kernels: (-0.97, 0.08)),
      Row(set: "earthquake", protocolName: "places", mixture: (0.11, 0.06), kernels: (-0.31, 0.07)),
      Row(set: "flood", protocolName: "rows", kernels: (0.37, 0.04)),
      Row(set: "flood", protocolName: "places", kernels: (0.38, 0.07)),
      Row(set: "volcano", protocolName: "rows", kernels: (-8.28, 0.66)),
      Row(set: "volcano", protocolName: "places", mixture: (-0.15, 0.93), kernels: (-0.88, 0.55)),
      Row(
        set: "fire", protocolName: "places", floorDegrees: 0.0005, mixture: (-1.30, 0.03),
        kernels: (-3.66, 0.09)),
    ]
    + ["earthquake", "flood", "volcano", "fire"].map {
      Row(set: $0, protocolName: "cells", floorDegrees: 0.05)
    }

  static func parts(_ row: Row, seed: UInt64) throws -> [[Double]] {
    let folder = try #require(CSVTableFixture.sharedData)
    let file = "\(folder)/earth/\(row.set).csv"
    let events = try GeographicTable(CSVTable(path: file), file: file)
    guard row.protocolName != "rows" else {
      let split = RowSplit(
        count: events.count, trainFraction: 0.8, validationFraction: 0.1, testFraction: 0.1,
        seed: seed)
      return try DatasetSplit.allCases.map { part in
        try events.values(rows: (0..<split.count(of: part)).map { split.row($0, of: part) })
      }
    }
    let cells = GlobeCells(degrees: 2)
    let keys = events.places.map { place -> SIMD2<Double> in
      guard row.protocolName == "cells" else { return SIMD2(place.latitude, place.longitude) }
      let cell = cells.cell(of: place)
      return SIMD2(Double(cell.x), Double(cell.y))
    }
    let split = GroupedSplit(
      keys: keys, trainFraction: 0.8, validationFraction: 0.1, testFraction: 0.1, seed: seed)
    return try DatasetSplit.allCases.map { try events.values(rows: split.rows(of: $0)) }
  }

  static func kernels(_ row: Row, seed: UInt64) throws -> Double {
    let parts = try parts(row, seed: seed)
    let density = SphericalKernelDensity(
      training: parts[0], validation: parts[1], floorDegrees: row.floorDegrees)
    return -SphericalControlTests.mean(density.logProbability(of: parts[2]))
  }

  static func mixture(_ row: Row, seed: UInt64) throws -> Double {
    let parts = try parts(row, seed: seed)
    let mixture = VonMisesFisherMixture.chosen(
      training: parts[0], validation: parts[1], seed: seed,
      smallestWidth: row.floorDegrees * .pi / 180)
    return -SphericalControlTests.mean(mixture.logProbability(of: parts[2]))
  }

  @Test("One seed of the earthquakes lies within three deviations of the reference, P and H")
  func earthquakes() throws {
    for row in Self.table.prefix(2) {
      let kernels = try #require(row.kernels)
      let value = try Self.kernels(row, seed: 1)
      #expect(abs(value - kernels.mean) < 3 * kernels.deviation, "\(row) \(value)")
    }
    let mixture = try #require(Self.table[0].mixture)
    let value = try Self.mixture(Self.table[0], seed: 1)
    #expect(abs(value - mixture.mean) < 3 * mixture.deviation, "\(value)")
  }

  @Test(
    "The whole table over five seeds",
    .enabled(if: ProcessInfo.processInfo.environment["PORTOLAN_EARTH_TABLE"] == "1"),
    arguments: table)
  func wholeTable(row: Row) throws {
    func check(
      _ name: String, _ reference: (mean: Double, deviation: Double)?,
      _ score: (Row, UInt64) throws -> Double
    ) throws {
      let values = try (1...5).map { try score(row, UInt64($0)) }
      let mean = SphericalControlTests.mean(values)
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      print(
        "earth \(row) \(name)",
        String(format: "%.3f ± %.3f", mean, (squares / 4).squareRoot()),
        reference.map { "reference \($0.mean) ± \($0.deviation)" } ?? "")
      // The uniform density has log 4π.
      #expect(mean.isFinite && mean < 2.531)
      guard let reference else { return }
      // Both means have an error of deviation/√5.
      #expect(abs(mean - reference.mean) < 3 * reference.deviation * (2.0 / 5).squareRoot() + 0.05)
    }
    try check("kernels", row.kernels) { try Self.kernels($0, seed: $1) }
    try check("mixture", row.mixture) { try Self.mixture($0, seed: $1) }
  }

  @Test("The published sets have as many rows and places as their description says")
  func counts() throws {
    for (set, rows, places) in [
      ("volcano", 827, 267), ("earthquake", 6_120, 5_447), ("flood", 4_875, 4_861),
      ("fire", 12_809, 12_802),
    ] {
      let file = "\(try #require(CSVTableFixture.sharedData))/earth/\(set).csv"
      let events = try GeographicTable(CSVTable(path: file), file: file)
      #expect(events.count == rows)
      let distinct = Set(events.places.map { SIMD2($0.latitude, $0.longitude) })
      #expect(abs(distinct.count - places) <= 2, "\(set) \(distinct.count)")
    }
  }
}
