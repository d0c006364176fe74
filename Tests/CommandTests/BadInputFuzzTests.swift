import Foundation
import TestSupport
import Testing

extension BadInput {
  @Suite("Mutated inputs")
  struct Mutations {
    private let folder: Scratch

    init() throws { folder = try Scratch() }

    /// One to three changes: bits, bytes, pieces and lines that are lost, doubled or moved.
    private func mutated(_ original: [UInt8], _ random: inout MutationGenerator) -> [UInt8] {
      var bytes = original
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        guard !bytes.isEmpty else { break }
        let a = Int.random(in: 0..<bytes.count, using: &random)
        let b = min(bytes.count, a + Int.random(in: 1...12, using: &random))
        switch Int.random(in: 0..<7, using: &random) {
        case 0: bytes[a] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes.removeSubrange(a..<b)
        case 2: bytes.insert(contentsOf: Array(bytes[a..<b]), at: a)
        case 3: bytes.insert(.random(in: 0...255, using: &random), at: a)
        case 4: bytes.removeSubrange(a...)
        case 5:
          let special = Array(":{}[]\"'#&*!|>%@`,\n\r\t-~e9.\\".utf8)
          bytes[a] = special.randomElement(using: &random) ?? 0
        default:
          var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
          lines.shuffle(using: &random)
          bytes = Array(lines.joined(separator: [0x0A]))
        }
      }
      return bytes
    }

    private func expectOrder(_ outcome: MPIRun.Outcome, _ bytes: [UInt8]) {
      let text = String(decoding: bytes, as: UTF8.self)
      #expect(
        [0, 64, 65, 66].contains(outcome.exitCode), "\(outcome.errors) for:\n\(text)")
      if outcome.exitCode != 0 {
        #expect(outcome.errors.hasPrefix("portolan: error: "), "\(outcome.errors) for:\n\(text)")
      }
    }

    @Test("200 mutations of a configuration are read or refused")
    func configuration() throws {
      let original = Array(try portolan(["configuration", "--brief"]).output.utf8)
      #expect(original.count > 500)
      var random = MutationGenerator(state: 11)
      for _ in 0..<200 {
        let bytes = mutated(original, &random)
        try folder.write(bytes, to: "c.yaml")
        expectOrder(try portolan(["configuration", folder("c.yaml")]), bytes)
      }
    }

    @Test("200 mutations of a CSV table are read or refused")
    func csv() throws {
      try folder.train("run")
      let original = Array(
        "x,y,z,\"a \"\"label\"\"\"\n1.5,-2,3e-1,one\n0.25,4,5,\"two, three\"\n-1,0,2,\n".utf8)
      try folder.write(original, to: "t.csv")
      let sound = try portolan(["evaluate", folder("run"), "--data", folder("t.csv")])
      #expect(sound.exitCode == 0, "\(sound.errors)")
      var random = MutationGenerator(state: 23)
      for _ in 0..<200 {
        let bytes = mutated(original, &random)
        try folder.write(bytes, to: "t.csv")
        expectOrder(
          try portolan(["evaluate", folder("run"), "--data", folder("t.csv"), "--json"]), bytes)
      }
    }
  }
}
