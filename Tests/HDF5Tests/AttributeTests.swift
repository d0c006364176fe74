import Foundation
import HDF5
import TestSupport
import Testing

/// Attributes that other software wrote.
struct AttributeTests {
  private static let hasPythonHDF5: Bool = {
    do {
      return try python("import h5py, numpy").exitCode == 0
    } catch { return false }
  }()

  private static func python(_ script: String) throws -> MPIRun.Outcome {
    try MPIRun.spawn(
      URL(fileURLWithPath: "/usr/bin/python3"), ["-c", script], timeoutSeconds: 30)
  }

  @Test(
    "Texts of every kind are read, one or several, and nothing else", .enabled(if: hasPythonHDF5))
  func texts() throws {
    try withTemporaryFolder { folder in try check(folder + "/attributes.h5") }
  }

  private func check(_ path: String) throws {
    let outcome = try Self.python(
      """
      import h5py, numpy as np
      a = h5py.File("\(path)", "w").attrs
      a["fixed"] = np.bytes_("x,y")
      a["fixed several"] = np.array([b"x", b"longer", b""])
      a["fixed table"] = np.array([[b"a", b"b"], [b"c", b"d"]])
      a["many"] = np.array([b"column%04d" % i for i in range(5000)])
      a["variable"] = "°C"
      a["variable several"] = ["latitude", "longitude", ""]
      a["none"] = h5py.Empty("S3")
      a["number"] = 3.5
      a["numbers"] = np.arange(4)
      a["latin"] = np.bytes_(b"\\xb0C")
      """)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let file = try HDF5File.open(path)
    #expect(try file.readAttributes("fixed") == ["x,y"])
    #expect(try file.readAttributes("fixed several") == ["x", "longer", ""])
    #expect(try file.readAttributes("fixed table") == ["a", "b", "c", "d"])
    let many = try #require(try file.readAttributes("many"))
    #expect(many.count == 5000 && many.first == "column0000" && many.last == "column4999")
    #expect(try file.readAttributes("variable") == ["°C"])
    #expect(try file.readAttributes("variable several") == ["latitude", "longitude", ""])
    #expect(try file.readAttributes("none") == [])
    #expect(try file.readAttributes("absent") == nil)
    #expect(try file.readAttribute("fixed") == "x,y")
    #expect(try file.readAttribute("variable") == "°C")
    for name in ["number", "numbers", "latin"] {
      #expect(throws: HDF5Error.self) { try file.readAttributes(name) }
    }
    for name in ["fixed several", "variable several", "none"] {
      #expect(throws: HDF5Error.self) { try file.readAttribute(name) }
    }
  }
}
