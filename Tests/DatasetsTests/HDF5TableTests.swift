import Datasets
import Foundation
import HDF5
import Testing

/// One suite, one test at a time: the HDF5 library is not safe for threads.
@Suite("Tables in files", .serialized)
struct TableFileTests {}

extension TableFileTests {
  @Suite("HDF5 tables", .serialized)
  struct HDF5TableTests {
    /// A data set [rows, 3] `points`, with value 10·row + column.
    static func writePoints(rows: Int, to path: String, columns: String? = "x,y,z") throws {
      let file = try HDF5File.create(at: path)
      let dataset = try file.createDataset("/points", of: .float32, shape: [rows, 3])
      try dataset.write((0..<rows * 3).map { Float(10 * ($0 / 3) + $0 % 3) })
      if let columns { try file.writeAttribute("columns", of: "/points", text: columns) }
      try file.writeText("not a column", to: "/description")
    }

    @Test("rows in any order, near and far apart and repeated, are the rows asked for")
    func rowsInAnyOrder() throws {
      try CSVTableFixture.withTemporaryFolder { folder in
        let path = folder + "/points.h5"
        try Self.writePoints(rows: 100_000, to: path)
        let table = try HDF5Table(path: path, columns: ["z", "x"])
        #expect(table.count == 100_000 && table.columnNames == ["z", "x"])
        let rows = [99_999, 0, 5, 5, 4, 70_000, 3, 99_998, 200, 400]
        #expect(
          try table.values(rows: rows) == rows.flatMap { [Double(10 * $0 + 2), Double(10 * $0)] })
        #expect(try table.values(rows: []) == [])
        var single = [Float](repeating: 0, count: 2)
        try single.withUnsafeMutableBufferPointer {
          try table.read(rows: [7], into: $0.baseAddress!)
        }
        #expect(single == [72, 70])
      }
    }

    @Test("a group of equal columns is a table, in alphabetical order or as its attribute says")
    func groupOfColumns() throws {
      try CSVTableFixture.withTemporaryFolder { folder in
        let path = folder + "/columns.h5"
        do {
          let file = try HDF5File.create(at: path)
          for (name, sign) in [("/run/b", 1.0), ("/run/a", -1.0)] {
            let dataset = try file.createDataset(name, of: .float64, shape: [4])
            try dataset.write((0..<4).map { sign * Double($0) })
          }
          let other = try file.createDataset("/other/n", of: .int32, shape: [2])
          try other.write([Int32(8), 9])
          try file.writeAttribute("columns", of: "/other", text: "n")
        }
        let table = try HDF5Table(path: path, object: "/run")
        #expect(table.columnNames == ["a", "b"])
        #expect(try table.values(rows: [3, 1]) == [-3, 3, -1, 1])
        #expect(try HDF5Table(path: path, object: "other").values(rows: [1]) == [9])
        #expect(try HDF5Table(path: path, object: "/run/b").values(rows: [2]) == [2])
      }
    }

    @Test("a data set without names gets numbered columns")
    func unnamedColumns() throws {
      try CSVTableFixture.withTemporaryFolder { folder in
        try Self.writePoints(rows: 2, to: folder + "/p.h5", columns: nil)
        let table = try HDF5Table(path: folder + "/p.h5")
        #expect(table.columnNames == ["column1", "column2", "column3"])
      }
    }

    @Test("faults name the file, the object and what is there")
    func faults() throws {
      try CSVTableFixture.withTemporaryFolder { folder in
        let path = folder + "/p.h5"
        try Self.writePoints(rows: 5, to: path)
        func failure(_ body: () throws -> Void) throws -> DataError {
          try #require(throws: DataError.self, performing: body)
        }
        let column = try failure { _ = try HDF5Table(path: path, columns: ["Y1"]) }
        #expect(column.kind == .missingColumn)
        #expect(
          column.description.hasSuffix("got the columns 'x', 'y', 'z'\nhint: did you mean 'y'?"))
        let object = try failure { _ = try HDF5Table(path: path, object: "/nothing") }
        #expect(object.kind == .unsuitableShape)
        #expect(object.description.contains("hint: the file holds /description, /points"))
        let text = try failure { _ = try HDF5Table(path: path, object: "/description") }
        #expect(text.kind == .unsuitableShape)
        #expect(text.description.contains("expected a data set of numbers (little-endian float32"))
        let missing = try failure { _ = try HDF5Table(path: folder + "/none.h5") }
        #expect(missing.kind == .missingFile)

        try Self.writePoints(rows: 5, to: path, columns: "x,y")
        let names = try failure { _ = try HDF5Table(path: path) }
        #expect(
          names.description
            == "\(path): column '/points': expected 3 names in the attribute 'columns', got 2")
        try Self.writePoints(rows: 5, to: path, columns: "x,y,x")
        #expect(try failure { _ = try HDF5Table(path: path) }.kind == .duplicateColumn)
        try Self.writePoints(rows: 0, to: path)
        #expect(try failure { _ = try HDF5Table(path: path) }.kind == .emptyTable)

        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        try bytes.prefix(200).write(to: URL(fileURLWithPath: path))
        let truncated = try failure { _ = try HDF5Table(path: path) }
        #expect(truncated.kind == .unreadable)
        #expect(truncated.description.contains("H5Fopen"))
      }
    }

    @Test("a value that is not finite is named by row and column when it is read")
    func notFinite() throws {
      try CSVTableFixture.withTemporaryFolder { folder in
        let path = folder + "/t.h5"
        try TableWriter.write([1, 2, 3, .nan], columnNames: ["a", "b"], to: path)
        let table = try HDF5Table(path: path)
        #expect(try table.values(rows: [0]) == [1, 2])
        let error = try #require(throws: DataError.self) { try table.values(rows: [0, 1]) }
        #expect(
          error.description == "\(path): column 'b': expected finite numbers, got nan in row 1\n"
            + "hint: remove rows with missing values")
      }
    }

    @Test("columns of different lengths are refused")
    func raggedColumns() throws {
      try CSVTableFixture.withTemporaryFolder { folder in
        let path = folder + "/t.h5"
        do {
          let file = try HDF5File.create(at: path)
          let a = try file.createDataset("/a", of: .float64, shape: [3])
          try a.write([1.0, 2, 3])
          let b = try file.createDataset("/b", of: .float64, shape: [2])
          try b.write([1.0, 2])
        }
        let error = try #require(throws: DataError.self) { try HDF5Table(path: path) }
        #expect(error.kind == .unsuitableShape && error.column == "/b")
      }
    }
  }
}
