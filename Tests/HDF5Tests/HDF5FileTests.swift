import Foundation
import HDF5
import Testing

// The library is not thread-safe, so the tests that call it run one after the other.
@Suite("HDF5 files", .serialized)
struct HDF5FileTests {
  private func roundTrip<Scalar: HDF5Scalar & Equatable>(_ values: [Scalar]) throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.h5"
      let file = try HDF5File.create(at: path)
      do {
        try file.createDataset("/group/inner/values", of: Scalar.hdf5Type, shape: [values.count])
          .write(values)
      }
      try file.close()
      let again = try HDF5File.open(path)
      do {
        let dataset = try again.openDataset("/group/inner/values")
        #expect(dataset.scalarType == Scalar.hdf5Type)
        #expect(try dataset.read(as: Scalar.self) == values)
      }
      try again.close()
    }
  }

  @Test("Each element type comes back as it was written")
  func types() throws {
    try roundTrip([1.5, -Float.greatestFiniteMagnitude, .leastNonzeroMagnitude])
    try roundTrip([1.5, -Double.greatestFiniteMagnitude, .pi])
    try roundTrip([Int32.min, 0, .max])
    try roundTrip([Int64.min, 0, .max])
    try roundTrip([UInt64.max, 0, 7])
    try roundTrip([UInt8.max, 0, 7])
  }

  @Test("Slices written as boxes fill an array of three axes, and its bytes lie at its offset")
  func slices() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.h5"
      let shape = [3, 4, 5]
      let values = (0..<60).map { Float($0) }
      let options = HDF5FileOptions(
        userBlockBytes: 4096, alignmentBytes: 4096, alignmentThresholdBytes: 1)
      let file = try HDF5File.create(at: path, options: options)
      var offset: Int?
      do {
        let dataset = try file.createDataset("/cube", of: .float32, shape: shape)
        for range in [0..<7, 7..<7, 7..<38, 38..<60] {
          try values[range].withUnsafeBufferPointer {
            try dataset.write($0, to: Box.covering(range, of: shape))
          }
        }
        #expect(try dataset.read(as: Float.self) == values)
        #expect(try dataset.read(as: Double.self) == values.map { Double($0) })
        offset = dataset.offsetInFile
      }
      try file.close()
      let start = try #require(offset)
      #expect(start % 4096 == 0 && start > 4096)
      let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      #expect(bytes.prefix(4096).allSatisfy { $0 == 0 })
      #expect(bytes[start..<start + 240] == values.withUnsafeBytes { Data($0) })
    }
  }

  @Test("Rows of a table and of a column are read alone")
  func rows() throws {
    try withTemporaryFolder { folder in
      let file = try HDF5File.create(
        at: folder + "/a.h5", options: HDF5FileOptions(userBlockBytes: 512))
      do {
        let table = try file.createDataset("/table", of: .float64, shape: [4, 3])
        try table.write((0..<12).map { Double($0) })
        #expect(try table.read(rows: 1..<3, as: Double.self) == [3, 4, 5, 6, 7, 8])
        #expect(try table.read(rows: 4..<4, as: Double.self).isEmpty)
        let column = try file.createDataset("/column", of: .int32, shape: [5])
        try column.write([Int32](5..<10))
        #expect(try column.read(rows: 2..<4, as: Int32.self) == [7, 8])
        let empty = try file.createDataset("/empty", of: .int32, shape: [0, 2])
        #expect(try empty.read(as: Int32.self).isEmpty)
        #expect(empty.offsetInFile == nil)
        let scalar = try file.createDataset("/scalar", of: .int64, shape: [])
        try scalar.write([Int64(42)])
        #expect(try scalar.read(as: Int64.self) == [42])
      }
      try file.close()
    }
  }

  @Test("Text, attributes and names come back, empty and non-Latin ones too")
  func text() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.h5"
      let file = try HDF5File.create(at: path)
      let offset = try file.writeText("größe: 3\n", to: "/configuration")
      try file.writeText("", to: "/provenance/empty")
      try file.writeAttribute("units", of: "/configuration", text: "°C")
      try file.createGroup("/z/y")
      #expect(try file.readText("/configuration") == "größe: 3\n")
      #expect(try file.readText("/provenance/empty") == "")
      #expect(try file.readAttribute("units", of: "/configuration") == "°C")
      #expect(try file.readAttribute("absent") == nil)
      #expect(try file.childNames() == ["configuration", "provenance", "z"])
      #expect(try file.datasetPaths() == ["/configuration", "/provenance/empty"])
      #expect(try file.contains("/z/y") && !file.contains("/nowhere/y"))
      try file.close()
      let start = try #require(offset)
      let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      #expect(bytes[start..<start + 11] == Data("größe: 3\n".utf8))
    }
  }

  @Test("Errors carry the function, the path and the library's own stack")
  func errors() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.h5"
      let missing = #expect(throws: HDF5Error.self) { _ = try HDF5File.open(path) }
      #expect(missing?.description.contains("No such file") == true)
      try Data("not HDF5 at all".utf8).write(to: URL(fileURLWithPath: path))
      let foreign = #expect(throws: HDF5Error.self) { _ = try HDF5File.open(path) }
      #expect(foreign?.function == "H5Fopen" && foreign?.path == path)
      #expect(foreign?.stack.contains { $0.contains("signature not found") } == true)
      let file = try HDF5File.create(at: folder + "/b.h5")
      do { _ = try file.createDataset("/there", of: .float32, shape: [1]) }
      let absent = #expect(throws: HDF5Error.self) { _ = try file.openDataset("/absent") }
      #expect(absent?.hint.contains("/there") == true)
      try file.close()
      #expect(throws: HDF5Error.self) { _ = try HDF5File.create(at: folder + "/no/such/a.h5") }
    }
  }

  @Test("Equal content gives equal bytes")
  func reproducible() throws {
    try withTemporaryFolder { folder in
      for name in ["a", "b"] {
        let file = try HDF5File.create(at: "\(folder)/\(name).h5")
        do { try file.createDataset("/x", of: .float32, shape: [3]).write([1, 2, 3] as [Float]) }
        try file.writeText("t", to: "/t")
        try file.close()
        if name == "a" { Thread.sleep(forTimeInterval: 1.1) }
      }
      let (a, b) = (
        FileManager.default.contents(atPath: folder + "/a.h5"),
        FileManager.default.contents(atPath: folder + "/b.h5")
      )
      #expect(a != nil && a == b)
    }
  }
}
