import Datasets
import Foundation
import Testing

extension TableFileTests {
  @Suite("Table writer", .serialized)
  struct TableWriterTests {
    static let values: [Double] = [0.1, -1e-300, 1.0 / 3, 6.02e23, -0.0, 12_345_678.9]

    @Test("what is written as CSV or HDF5 reads back to the last bit", arguments: ["csv", "h5"])
    func roundTrip(format: String) throws {
      try CSVTableFixture.withTemporaryFolder { folder in
        let path = "\(folder)/t.\(format)"
        for _ in 0..<2 {
          try TableWriter.write(Self.values, columnNames: ["a, quoted", "b"], to: path)
        }
        let table = try TableReader.open(path)
        #expect(table.columnNames == ["a, quoted", "b"] && table.count == 3)
        let back = try table.values(rows: [0, 1, 2])
        #expect(back.map(\.bitPattern) == Self.values.map(\.bitPattern))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["t.\(format)"])
      }
    }

    @Test("an unknown extension is refused")
    func unknownFormat() throws {
      let error = try #require(throws: DataError.self) {
        try TableWriter.write([1], columnNames: ["x"], to: "t.parquet")
      }
      #expect(
        error.description
          == "t.parquet: expected a name that ends in .csv, .h5 or .hdf5, got '.parquet'")
    }

    @Test("a folder that does not exist is named", arguments: ["csv", "h5"])
    func unwritable(format: String) throws {
      let error = try #require(throws: DataError.self) {
        try TableWriter.write([1], columnNames: ["x"], to: "/nonexistent/folder/t.\(format)")
      }
      #expect(error.kind == .unwritable)
      #expect(error.description.hasPrefix("/nonexistent/folder/t.\(format): expected a file"))
    }
  }
}
