import Foundation
import TestSupport
import Testing

extension BadInput {
  @Suite("Bad checkpoints")
  struct Checkpoints {
    private let folder: Scratch

    init() throws {
      folder = try Scratch()
      try folder.train("run")
    }

    private func checkpoint(_ step: Int) -> String { "run/checkpoints/step-0000000\(step).h5" }

    private func resume(_ ranks: Int = 1) throws -> MPIRun.Outcome {
      try portolan(
        ["train", "--output", folder("run"), "--resume"]
          + ["--set", "checkpoints.everySteps=2", "--set", "checkpoints.keepLast=5"], ranks: ranks)
    }

    private func flip(_ step: Int) throws {
      var bytes = try folder.bytes(checkpoint(step))
      bytes[bytes.count / 2] ^= 0x10
      try folder.write(bytes, to: checkpoint(step))
    }

    private func truncate(_ step: Int) throws {
      let bytes = try folder.bytes(checkpoint(step))
      try folder.write(Array(bytes.dropLast(1)), to: checkpoint(step))
    }

    private func replaceHeader(_ step: Int, _ text: String, by other: String) throws {
      var data = try Data(contentsOf: URL(fileURLWithPath: folder(checkpoint(step))))
      let place = try #require(data.range(of: Data(text.utf8)))
      data.replaceSubrange(place, with: Data(other.utf8))
      try folder.write([UInt8](data), to: checkpoint(step))
    }

    @Test(
      "Damaged checkpoints are skipped with a message, and the run ends as it did",
      arguments: [1, 2])
    func skipped(ranks: Int) throws {
      let whole = try folder.bytes(checkpoint(6))
      let digest = try portolan(["verify", folder(checkpoint(6))]).output
      try truncate(6)
      try flip(4)
      let outcome = try resume(ranks)
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      for text in [
        "skipped \(folder(checkpoint(6))): it has \(whole.count - 1) bytes, expected \(whole.count)",
        "skipped \(folder(checkpoint(4))): it is damaged: ",
        "resuming from step 2, \(folder(checkpoint(2)))",
      ] {
        #expect(outcome.errors.components(separatedBy: text).count == 2, "\(outcome.errors)")
      }
      #expect(try portolan(["verify", folder(checkpoint(6))]).output == digest)
    }

    @Test("A run of which no checkpoint is sound is not begun anew", arguments: [1, 3])
    func noneSound(ranks: Int) throws {
      try truncate(6)
      try flip(4)
      try folder.write([], to: checkpoint(2))
      let metrics = try folder.bytes("run/metrics.csv")
      expectRefusal(
        try resume(ranks), 65, "cannot resume \(folder("run")): none of its checkpoints is sound:",
        "\(folder(checkpoint(6))): it has", "\(folder(checkpoint(4))): it is damaged",
        "\(folder(checkpoint(2))): it does not start like a checkpoint", "hint: bring back a copy")
      #expect(try folder.bytes("run/metrics.csv") == metrics)
      #expect(try folder.names("run/checkpoints").count == 3)
      if ranks > 1 { return }
      for command in [["evaluate", folder("run")], ["report", folder("run")]] {
        expectRefusal(try portolan(command), 65, "\(folder("run")) holds no sound checkpoint:")
      }
    }

    @Test("A checkpoint of a newer format is neither skipped nor written over", arguments: [1, 2])
    func newerFormat(ranks: Int) throws {
      try replaceHeader(6, "formatVersion: 1\n", by: "formatVersion: 2\n")
      let bytes = try folder.bytes(checkpoint(6))
      expectRefusal(
        try resume(ranks), 65, "which a newer version of this program wrote:",
        "it has format version 2, this program knows versions up to 1", "hint: use that version")
      #expect(try folder.bytes(checkpoint(6)) == bytes)
      expectRefusal(
        try portolan(["verify", folder(checkpoint(6))]), 65, "has format version 2",
        "hint: use a newer version")
    }

    @Test(
      "A checkpoint of another model is refused with the arrays that differ", arguments: [1, 2])
    func otherModel(ranks: Int) throws {
      try folder.train("other", "--set", "model.flow.hidden=[12]")
      try FileManager.default.removeItem(atPath: folder(checkpoint(6)))
      try folder.copy("other/checkpoints/step-00000006.h5", to: checkpoint(6))
      expectRefusal(
        try resume(ranks), 65, "\(folder(checkpoint(6))) is a checkpoint of another model:",
        "hint: resume with the configuration that the run was started with")
      expectRefusal(
        try portolan(["evaluate", folder("run")], ranks: ranks), 65,
        "is a checkpoint of another model:")
    }

    @Test("verify and inspect say what is wrong with a file", arguments: ["verify", "inspect"])
    func oneFile(command: String) throws {
      func look(_ path: String) throws -> MPIRun.Outcome { try portolan([command, path]) }
      let sound = try look(folder(checkpoint(6)))
      #expect(sound.exitCode == 0 && sound.output.contains("state digest"))
      expectRefusal(try look(folder("none.h5")), 66, "none.h5: there is no such file")
      expectRefusal(try look(folder("run")), 66, "\(folder("run")): expected a file, got a folder")
      var random = MutationGenerator(state: 5)
      try folder.write((0..<9000).map { _ in .random(in: 0...255, using: &random) }, to: "r.h5")
      expectRefusal(try look(folder("r.h5")), 65, "r.h5 does not start like a checkpoint")
      try folder.write([], to: "e.h5")
      expectRefusal(try look(folder("e.h5")), 65, "e.h5 does not start like a checkpoint")
      let sampled = try portolan(
        ["sample", folder("run"), "--count", "5", "--output", folder("s.h5")])
      #expect(sampled.exitCode == 0)
      expectRefusal(try look(folder("s.h5")), 65, "s.h5 does not start like a checkpoint")
      try truncate(4)
      expectRefusal(try look(folder(checkpoint(4))), 65, " bytes, expected ")
      try flip(6)
      expectRefusal(try look(folder(checkpoint(6))), 65, "step-00000006.h5 is damaged: ", "hint: ")
    }
  }
}
