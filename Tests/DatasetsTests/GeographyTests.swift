import Datasets
import Foundation
import Testing

@Suite("Places on the globe")
struct GeographyTests {
  func table(_ text: String) throws -> GeographicTable {
    let csv = try CSVTable(text: text, file: "events.csv")
    return try GeographicTable(csv, file: "events.csv") { csv.lines[$0] }
  }

  @Test("latitude and longitude become unit vectors, and come back")
  func roundTrip() throws {
    let events = try table(
      "latitude,longitude\n0,0\n0,90\n90,17\n-90,0\n35.5,-120.25\n10,180\n10,-180\n-33,359.5\n")
    #expect(events.columnNames == ["x", "y", "z"] && events.count == 8)
    let rows = try events.values(rows: Array(0..<8))
    for row in 0..<8 {
      let point = SIMD3(rows[3 * row], rows[3 * row + 1], rows[3 * row + 2])
      #expect(abs((point * point).sum() - 1) < 1e-15)
      let place = GeographicPoint(direction: 2.5 * point)
      #expect(abs(place.latitude - events.places[row].latitude) < 1e-12)
      if abs(place.latitude) < 89 {
        #expect(abs(place.longitude - events.places[row].longitude) < 1e-12)
      }
    }
    #expect(Array(rows[0..<3]) == [1, 0, 0])
    #expect(events.places[5] == events.places[6], "the date line has two names")
    #expect(events.places[7].longitude == -0.5)
    var single = [Float](repeating: 0, count: 3)
    single.withUnsafeMutableBufferPointer { events.read(rows: [4], into: $0.baseAddress!) }
    #expect(single == rows[12..<15].map { Float($0) })
  }

  @Test(
    "a number out of range is told with its line",
    arguments: [
      ("95,10", 3, "latitude", "a latitude from -90 to 90 degrees", "95.0"),
      ("-90.01,10", 3, "latitude", "a latitude from -90 to 90 degrees", "-90.01"),
      ("10,-181", 3, "longitude", "a longitude from -180 to 360 degrees", "-181.0"),
      ("10,361", 3, "longitude", "a longitude from -180 to 360 degrees", "361.0"),
    ])
  func outOfRange(row: String, line: Int, column: String, expected: String, got: String) {
    let error = #expect(throws: DataError.self) { try table("latitude,longitude\n1,2\n\(row)\n") }
    #expect(error?.kind == .outOfRange && error?.line == line && error?.column == column)
    #expect(error?.expected == expected && error?.got == got)
  }

  @Test("three columns are not a place")
  func wrongColumns() {
    let error = #expect(throws: DataError.self) { try table("latitude,longitude,depth\n1,2,3\n") }
    #expect(error?.kind == .unsuitableShape)
  }

  @Test("cells have about equal area, hold both names of the date line, and cover the poles")
  func cells() {
    let cells = GlobeCells(degrees: 2)
    func cell(_ latitude: Double, _ longitude: Double) -> SIMD2<Int> {
      cells.cell(of: GeographicPoint(latitude: latitude, longitude: longitude))
    }
    #expect(cell(10, 180) == cell(10, -180))
    #expect(cell(0.1, 0.1) == cell(1.9, 1.9))
    #expect(cell(0.1, 0.1) != cell(2.1, 0.1) && cell(0.1, 0.1) != cell(0.1, 2.1))
    // At 61° north a degree of longitude is half as long: 87 cells of 4.138 degrees.
    #expect(cell(60.5, 2.1) == cell(60.5, 6.2) && cell(60.5, 2.1) != cell(60.5, 6.3))
    #expect(cell(90, 0) == cell(89.9, 3))
    #expect(cell(-90, 0) == cell(-89.9, 3))
    // 4π steradians in cells of 2° × 2° at the equator.
    var seen: Set<SIMD2<Int>> = []
    for i in 0..<400 {
      let latitude = asin(-1 + 2 * (Double(i) + 0.5) / 400) * 180 / .pi
      for j in 0..<800 { seen.insert(cell(latitude, -180 + 360 * (Double(j) + 0.5) / 800)) }
    }
    #expect(abs(Double(seen.count) / (4 * .pi / pow(2 * Double.pi / 180, 2)) - 1) < 0.02)
  }
}

@Suite("Division by groups")
struct GroupedSplitTests {
  func split(_ keys: [Int], seed: UInt64 = 3, _ fractions: [Double] = [0.8, 0.1, 0.1])
    -> GroupedSplit
  {
    GroupedSplit(
      keys: keys, trainFraction: fractions[0], validationFraction: fractions[1],
      testFraction: fractions[2], seed: seed)
  }

  @Test("every row is in one part, groups do not straddle, and parts have their fractions")
  func parts() {
    // 300 groups of one to seven rows, scattered.
    let keys = (0..<1200).map { ($0 * 7919) % 1009 % 300 }
    for seed: UInt64 in 0..<5 {
      let division = split(keys, seed: seed)
      let rows = DatasetSplit.allCases.map { division.rows(of: $0) }
      #expect(rows.flatMap { $0 }.sorted() == Array(0..<1200))
      #expect(rows.allSatisfy { $0 == $0.sorted() })
      let groups = rows.map { Set($0.map { keys[$0] }) }
      #expect(groups[0].isDisjoint(with: groups[1]) && groups[0].isDisjoint(with: groups[2]))
      #expect(groups[1].isDisjoint(with: groups[2]))
      #expect(division.groupCount == Set(keys).count)
      for (part, fraction) in zip(rows, [0.8, 0.1, 0.1]) {
        #expect(abs(Double(part.count) - 1200 * fraction) <= 8)
      }
    }
    #expect(split(keys, seed: 1).rows(of: .test) == split(keys, seed: 1).rows(of: .test))
    #expect(split(keys, seed: 1).rows(of: .test) != split(keys, seed: 2).rows(of: .test))
  }

  @Test("a part of fraction 0 gets nothing, and few groups leave parts empty")
  func emptyParts() {
    let keys = Array(0..<50)
    #expect(split(keys, [0.9, 0.1, 0]).rows(of: .test).isEmpty)
    #expect(split(keys, [1, 0, 0]).rows(of: .train).count == 50)
    #expect(split([4, 4, 4, 4]).rows(of: .train).count == 4)
    #expect(split([4, 4, 4, 4]).rows(of: .test).isEmpty)
  }
}
