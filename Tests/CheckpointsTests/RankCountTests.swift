import Checkpoints
import Foundation
import TestSupport
import Testing

@Suite("Checkpoints on any number of ranks", .serialized)
struct RankCountTests {
  @Test("Every number of ranks writes the same state digest, and every other number reads it back")
  func ranks() throws {
    var digests: [String] = []
    for (writers, readers) in [(1, 3), (2, 1), (3, 2), (4, 5), (5, 8), (8, 4)] {
      try withTemporaryFolder { folder in
        let written = try Probe.write(folder, step: 7, ranks: writers)
        #expect(written.exitCode == 0, "\(written.output)\(written.errors)")
        let digest = try #require(written.lines.first).dropFirst(7)
        digests.append(String(digest))
        let read = try Probe.read(folder, ranks: readers)
        #expect(read.lines == ["step 7 wrong 0 digest \(digest)"], "\(read.output)\(read.errors)")
        let header = try CheckpointVerifier.verify(folder + "/step-00000007.h5")
        #expect(header.stateDigest == digest && header.ranks == writers)
        #expect(try names(in: folder) == ["step-00000007.h5"])
      }
    }
    #expect(Set(digests).count == 1)
  }

  @Test("The digest is another one for other numbers")
  func sensitive() throws {
    try withTemporaryFolder { folder in
      let (a, b) = (try Probe.write(folder, step: 1), try Probe.write(folder, step: 2))
      #expect(a.exitCode == 0 && b.exitCode == 0 && a.lines.first != b.lines.first)
    }
  }

  @Test("The head of the file is readable text, inspect tells what is inside")
  func inspect() throws {
    try withTemporaryFolder { folder in
      #expect(try Probe.write(folder, step: 1200, ranks: 2).exitCode == 0)
      let path = folder + "/step-00001200.h5"
      let head = String(decoding: try contents(path).prefix(4096), as: UTF8.self)
      #expect(head.hasPrefix("PORTOLAN CHECKPOINT\nformatVersion: 1\n"))
      #expect(head.contains("\nstate float32 [64,3] "))
      let summary = try CheckpointSummary(inspecting: path)
      #expect(summary.step == 1200 && summary.ranks == 2 && summary.shards == 8)
      #expect(summary.complete && summary.formatVersion == 1 && summary.blasCore == "Haswell")
      #expect(summary.stateDigest.count == 64)
      #expect(
        summary.arrays.contains {
          $0.path == "/parameters/encoder.0.weight" && $0.shape == [64, 3] && $0.type == .float32
        })
      #expect(summary.texts.map(\.path) == ["/configuration", "/provenance/ranks"])
      #expect(summary.texts.map(\.text) == ["model: größe\n", "2"])
    }
  }

  @Test("h5py reads parameters with their true shapes", .enabled(if: Self.hasPythonHDF5))
  func python() throws {
    try withTemporaryFolder { folder in
      #expect(try Probe.write(folder, step: 3, ranks: 3).exitCode == 0)
      let script = """
        import h5py, numpy
        f = h5py.File("\(folder)/step-00000003.h5", "r")
        w = f["/parameters/block.1.weight"]
        print(w.shape, w.dtype)
        expected = (((272 + numpy.arange(w.size)) * 31 + 3) % 10007 / 8).reshape(w.shape)
        print(bool((w[...] == expected).all()))
        print(f["/configuration"][()].decode().strip(), f["/training/step"][()])
        """
      let outcome = try MPIRun.spawn(
        URL(fileURLWithPath: "/usr/bin/python3"), ["-c", script], timeoutSeconds: 30)
      #expect(
        outcome.lines == ["(3, 7, 33) float32", "True", "model: größe 3"],
        "\(outcome.output)\(outcome.errors)")
    }
  }

  static let hasPythonHDF5: Bool = {
    do {
      let outcome = try MPIRun.spawn(
        URL(fileURLWithPath: "/usr/bin/python3"), ["-c", "import h5py"], timeoutSeconds: 30)
      if outcome.exitCode != 0 { print("skipped: /usr/bin/python3 has no h5py (python3-h5py)") }
      return outcome.exitCode == 0
    } catch {
      print("skipped: no /usr/bin/python3")
      return false
    }
  }()
}
