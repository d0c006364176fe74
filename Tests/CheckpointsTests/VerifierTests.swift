import Checkpoints
import Foundation
import TestSupport
import Testing

@Suite("Verification", .serialized)
struct VerifierTests {
  /// The bytes of a good checkpoint and a place to put bad ones.
  private func withCheckpoint(_ body: (_ bytes: [UInt8], _ path: String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try body(Probe.placeCheckpoint(in: folder), folder + "/bad.h5")
    }
  }

  private func rejection(_ path: String) -> RejectionReason? {
    do {
      try CheckpointVerifier.verify(path)
      return nil
    } catch { return (error as? CheckpointRejection)?.reason }
  }

  @Test("Random bit flips, truncations and additions are all rejected")
  func flips() throws {
    let count = Int(ProcessInfo.processInfo.environment["PORTOLAN_FLIPS"] ?? "") ?? 2000
    try withCheckpoint { bytes, path in
      try write(bytes, to: path)
      #expect(rejection(path) == nil)
      let descriptor = open(path, O_RDWR)
      defer { close(descriptor) }
      var generator = SystemRandomNumberGenerator()
      var accepted: [String] = []
      for index in 0..<count {
        // A third of the flips in the header, which is a small part of the file.
        let limit = index % 3 == 0 ? 4096 : bytes.count
        let (place, bit) = (
          Int.random(in: 0..<limit, using: &generator), UInt8.random(in: 0..<8, using: &generator)
        )
        var byte = bytes[place] ^ (1 << bit)
        #expect(pwrite(descriptor, &byte, 1, place) == 1)
        if rejection(path) == nil { accepted.append("bit \(bit) of byte \(place)") }
        byte = bytes[place]
        #expect(pwrite(descriptor, &byte, 1, place) == 1)
      }
      for _ in 0..<count / 10 {
        let length = Int.random(in: 0..<bytes.count, using: &generator)
        #expect(ftruncate(descriptor, length) == 0)
        if rejection(path) == nil { accepted.append("\(length) bytes") }
        bytes[length...].withUnsafeBytes {
          #expect(pwrite(descriptor, $0.baseAddress, $0.count, length) == $0.count)
        }
      }
      #expect(rejection(path) == nil)
      try write(bytes + [0], to: path)
      #expect(
        rejection(path) == .wrongSize(expected: bytes.count, got: bytes.count + 1))
      #expect(accepted.isEmpty)
    }
  }

  @Test("Each kind of bad file is rejected for its own reason")
  func reasons() throws {
    try withCheckpoint { bytes, path in
      func reason(_ bytes: [UInt8]) throws -> RejectionReason? {
        try write(bytes, to: path)
        return rejection(path)
      }
      #expect(try reason([]) == .notACheckpoint)
      #expect(try reason(Array("PORTOLAN CHECK".utf8)) == .notACheckpoint)
      #expect(try reason([UInt8](repeating: 0, count: 4096) + bytes[4096...]) == .incomplete)
      #expect(
        try reason(bytes.dropLast(10)) == .wrongSize(expected: bytes.count, got: bytes.count - 10))
      #expect(try reason(Array(bytes.prefix(100))) != nil)
      var newer = bytes
      let version = "PORTOLAN CHECKPOINT\nformatVersion: ".utf8.count
      newer[version] = UInt8(ascii: "7")
      #expect(try reason(newer) == .newerFormat(found: 7, known: 1))
      var padding = bytes
      padding[4095] ^= 1
      guard case .damagedHeader = try reason(padding) else {
        Issue.record("padding: \(String(describing: try reason(padding)))")
        return
      }
      var metadata = bytes
      metadata[4096 + 200] ^= 1
      guard case .damagedBytes = try reason(metadata) else {
        Issue.record("metadata: \(String(describing: try reason(metadata)))")
        return
      }
      guard case .unreadable = rejection(path + ".absent") else {
        Issue.record("absent")
        return
      }
    }
  }

  @Test("Random text after the first line never crashes the parser")
  func garbage() throws {
    try withCheckpoint { bytes, path in
      let header = String(decoding: bytes.prefix(4096), as: UTF8.self)
      var lines = header.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      let bad = ["", "-1", "99999999999999999999", "9223372036854775807", "[", "[1,,2]", "state"]
      for index in 1..<min(lines.count, 40) {
        let line = lines[index]
        for value in bad {
          lines[index] = line.split(separator: " ").dropLast().joined(separator: " ") + " " + value
          let text = Array(lines.joined(separator: "\n").utf8)
          try write(Array(text.prefix(4096)) + bytes.dropFirst(4096), to: path)
          #expect(rejection(path) != nil, "line \(index): \(lines[index])")
        }
        lines[index] = line
      }
    }
  }

  @Test("The newest file that verifies is taken, newer ones are named with the reason")
  func latest() throws {
    try withTemporaryFolder { folder in
      #expect(try Probe.write(folder, step: 1).exitCode == 0)
      #expect(try Probe.write(folder, step: 2).exitCode == 0)
      let path = folder + "/step-00000002.h5"
      var bytes = try contents(path)
      bytes[bytes.count - 5000] ^= 4
      try write(bytes, to: path)
      try write([1], to: folder + "/step-00000003.h5")
      try write([1], to: folder + "/step-4.h5")
      for ranks in [1, 3] {
        let read = try Probe.read(folder, ranks: ranks)
        #expect(read.lines.count == 3, "\(read.output)\(read.errors)")
        #expect(read.lines.first == "skipped does not start like a checkpoint")
        #expect(read.lines.dropFirst().first?.hasPrefix("skipped is damaged") == true)
        #expect(read.lines.last?.hasPrefix("step 1 wrong 0") == true)
      }
      let latest = try CheckpointFolder(path: folder).latestVerified()
      #expect(latest.checkpoint?.header.step == 1 && latest.skipped.count == 2)
    }
  }

  @Test("A checkpoint of another model is refused, the difference named, on all ranks")
  func otherModel() throws {
    try withTemporaryFolder { folder in
      #expect(try Probe.write(folder, step: 1).exitCode == 0)
      let read = try Probe.read(folder, ranks: 2, ["900", "34"])
      #expect(read.exitCode == 65)
      #expect(
        read.text.contains(
          "/parameters/block.1.weight: expected float32 [3, 7, 34], got float32 [3, 7, 33]"))
      #expect(read.text.contains("/parameters/large: expected float32 [900]"))
    }
  }
}
