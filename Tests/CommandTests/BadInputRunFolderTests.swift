import Foundation
import TestSupport
import Testing

extension BadInput {
  @Suite("Bad run folders")
  struct RunFolders {
    private let folder: Scratch

    init() throws { folder = try Scratch() }

    private func train(_ run: String, ranks: Int = 1, _ more: String...) throws -> MPIRun.Outcome {
      try portolan(
        ["train", try folder.configuration(), "--output", folder(run)] + more, ranks: ranks)
    }

    @Test("A file in the place of the run folder is refused", arguments: [1, 2])
    func isFile(ranks: Int) throws {
      _ = try folder.file("run", "mine")
      expectRefusal(
        try train("run", ranks: ranks), 74,
        "cannot write to the run folder \(folder("run")): Not a",
        "hint: give an --output folder that you may write to")
      #expect(try folder.bytes("run") == Array("mine".utf8))
    }

    @Test("A folder without permission to write is refused")
    func permission() throws {
      let configuration = try folder.configuration()
      let closed = folder("closed")
      try FileManager.default.createDirectory(
        atPath: closed, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o555])
      // Root may write anywhere, so it becomes nobody.
      let drop =
        geteuid() == 0
        ? ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"] : []
      let outcome = try MPIRun.spawn(
        URL(fileURLWithPath: "/usr/bin/env"),
        drop + [
          try MPIRun.program("portolan").path, "train", configuration, "--output", closed + "/r",
        ],
        timeoutSeconds: 30)
      expectRefusal(
        outcome, 74, "cannot write to the run folder \(closed)/r: Permission denied", "hint: ")
      #expect(try folder.names("closed").isEmpty)
    }

    @Test("A run is not begun over another, nor resumed as another", arguments: [1, 3])
    func existing(ranks: Int) throws {
      try folder.train("run")
      let before = try folder.names("run/checkpoints")
      let metrics = try folder.bytes("run/metrics.csv")
      expectRefusal(
        try train("run", ranks: ranks), 65, "\(folder("run")) already holds a run",
        "hint: add --resume")
      expectRefusal(
        try train(
          "run", ranks: ranks, "--resume", "--set", "seed=7", "--set", "model.flow.couplings=4",
          "--set", "logging.everySteps=3"), 65,
        "\(folder("run")) holds another experiment; these keys differ:\n  seed: 1 there, 7 here\n"
          + "  model.flow.couplings: 2 there, 4 here\nhint: ")
      #expect(try folder.names("run/checkpoints") == before)
      #expect(try folder.bytes("run/metrics.csv") == metrics)
    }

    @Test(
      "Two jobs on one run folder: the second is refused, the first goes on", arguments: [1, 2])
    func twoJobs(ranks: Int) throws {
      let configuration = try folder.configuration()
      var second: Result<MPIRun.Outcome, any Error>?
      let first = try MPIRun.runAlone(
        "portolan", ["train", configuration, "--output", folder("run"), "--steps", "1000000"],
        timeoutSeconds: 30
      ) { process in
        let limit = Date().addingTimeInterval(20)
        while !folder.exists("run/metrics.csv"), Date() < limit { usleep(5000) }
        second = Result {
          try portolan(
            ["train", configuration, "--output", folder("run"), "--resume", "--steps", "1000000"],
            ranks: ranks)
        }
        kill(process, SIGTERM)
      }
      expectRefusal(
        try #require(try second?.get()), 74,
        "two jobs on one run folder: \(folder("run")) is in use by process ", "hint: wait for that")
      #expect(first.exitCode == 75, "\(first.errors)")
      let file = try #require(try folder.names("run/checkpoints").last)
      #expect(try portolan(["verify", folder("run/checkpoints/\(file)")]).exitCode == 0)
    }

    @Test("Commands that need a run refuse a folder without run or checkpoint", arguments: [1, 2])
    func noRun(ranks: Int) throws {
      try folder.train("run")
      let points = try folder.file("points.csv", "x,y,z\n1,2,3\n")
      let commands = [
        ["evaluate", folder("run")], ["report", folder("run")],
        ["sample", folder("run"), "--count", "3", "--output", folder("out.csv")],
        ["log-probability", folder("run"), "--input", points, "--output", folder("out.csv")],
      ]
      for name in try folder.names("run/checkpoints") {
        try FileManager.default.removeItem(atPath: folder("run/checkpoints/\(name)"))
      }
      for command in commands {
        expectRefusal(
          try portolan(command, ranks: ranks), 66, "\(folder("run")) holds no checkpoint", "hint: ")
      }
      try FileManager.default.removeItem(atPath: folder("run/configuration.yaml"))
      for command in commands {
        expectRefusal(
          try portolan(command, ranks: ranks), 66,
          "\(folder("run")) holds no run: it has no configuration.yaml", "hint: give the folder")
      }
      #expect(!folder.exists("out.csv"))
    }

    @Test("Samples of impossible number, seed or format are refused", arguments: [1, 2])
    func sample(ranks: Int) throws {
      func sample(_ count: String, _ output: String, _ more: String...) throws -> MPIRun.Outcome {
        try portolan(
          ["sample", folder("run"), "--count", count, "--output", folder(output)] + more,
          ranks: ranks)
      }
      expectRefusal(try sample("0", "s.csv"), 64, "--count: expected an integer ≥ 1, got 0")
      if ranks > 1 { return }
      expectRefusal(
        try sample("3", "s.csv", "--seed=-4"), 64, "--seed: expected an integer ≥ 0, got -4")
      expectRefusal(
        try sample("3", "s.json"), 64, "s.json: cannot tell the format of this table",
        "hint: let the name end in .csv")
    }
  }
}
