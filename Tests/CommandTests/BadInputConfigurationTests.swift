import Foundation
import TestSupport
import Testing

extension BadInput {
  @Suite("Bad configurations")
  struct Configurations {
    private let folder: Scratch

    init() throws { folder = try Scratch() }

    @Test(
      "All problems of a configuration come at once, with line and suggestion", arguments: [1, 2])
    func everything(ranks: Int) throws {
      let file = try folder.file(
        "bad.yaml",
        """
        seed: many
        shards: 6
        modle: {charts: 4}
        training:
          globalBatchSize: 128
          flow:
            learningRte: 0.1
            optimizer: adm
            weightDecay: 0.01
        data: {generator: {noise: -1}}
        """)
      let outcome = try portolan(
        ["train", file, "--output", folder("run"), "--set", "training.flow.beta1=2"], ranks: ranks)
      expectRefusal(
        outcome, 65, "the configuration has 8 problems:",
        "\(file):1:7: seed: expected an integer ≥ 0, got many",
        "\(file):2:9: shards: expected an integer that is a power of two from 1 to 1024, got 6",
        "\(file):3:1: modle: unknown key; did you mean model?",
        "\(file):7:5: training.flow.learningRte: unknown key; did you mean learningRate?",
        "\(file):8:16: training.flow.optimizer: expected one of adam, adamw, got adm; did you mean",
        "\(file):9:18: training.flow.weightDecay: expected 0, because weightDecay needs optimizer",
        "\(file):10:27: data.generator.noise: expected a number > 0, got -1",
        "--set training.flow.beta1=2: training.flow.beta1: expected a number ≥ 0 and < 1, got 2",
        "hint: `portolan configuration` prints every key")
      #expect(!folder.exists("run"))
    }

    @Test("weightDecay is taken with adamw")
    func weightDecay() throws {
      let settings = ["training.flow.weightDecay=0.01", "training.flow.optimizer=adamw"]
      let outcome = try portolan(["configuration"] + settings.flatMap { ["--set", $0] })
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
    }

    @Test(
      "A configuration that is not there, is a folder or no text is refused", arguments: [1, 3])
    func missing(ranks: Int) throws {
      func train(_ file: String) throws -> MPIRun.Outcome {
        try portolan(["train", file, "--output", folder("run")], ranks: ranks)
      }
      expectRefusal(
        try train(folder("none.yaml")), 66,
        "cannot open the configuration \(folder("none.yaml")): there is no such file", "hint: ")
      if ranks > 1 { return }
      expectRefusal(try train(folder.path), 66, "it is a folder")
      try folder.write([0xFF, 0xFE, 0x00, 0x80], to: "binary.yaml")
      expectRefusal(try train(folder("binary.yaml")), 65, "expected a text file in UTF-8")
      expectRefusal(try train(try folder.file("b.yaml", "a: [1\nb: }")), 65, "b.yaml:2:")
      #expect(!folder.exists("run"))
    }

    @Test("Options that make no sense are refused", arguments: [1, 2])
    func usage(ranks: Int) throws {
      let steps = try portolan(["train", "--steps", "0"], ranks: ranks)
      expectRefusal(steps, 64, "--steps: expected an integer ≥ 1, got 0")
      let unknown = try portolan(["train", "--stpes", "3"], ranks: ranks)
      #expect(unknown.exitCode == 64)
      #expect(unknown.errors.components(separatedBy: "Unknown option '--stpes'").count == 2)
    }

    @Test("More ranks than shards are refused before anything is written")
    func shards() throws {
      let outcome = try portolan(
        ["train", try folder.configuration(), "--output", folder("run")], ranks: 5)
      expectRefusal(
        outcome, 64, "5 ranks for 4 shards: expected at most one rank a shard",
        "hint: start fewer ranks")
      #expect(!folder.exists("run"))
    }

    @Test("Processes that each believe to be alone are refused")
    func singleton() throws {
      for environment in [
        ["PMI_SIZE": "2", "PMI_RANK": "0"],
        ["SLURM_PROCID": "0", "SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "2"],
      ] {
        let outcome = try portolan(
          ["train", try folder.configuration(), "--output", folder("run")], environment: environment
        )
        expectRefusal(
          outcome, 64, "launcher started 2 or more processes", "start with `mpirun -n 2")
      }
      #expect(!folder.exists("run"))
    }

    @Test("Unknown kernels are refused", arguments: [1, 2])
    func kernels(ranks: Int) throws {
      let outcome = try portolan(
        ["train", try folder.configuration(), "--output", folder("run")], ranks: ranks,
        environment: ["PORTOLAN_KERNELS": "fastest"])
      expectRefusal(outcome, 64, "PORTOLAN_KERNELS: expected", "got \"fastest\"", "hint: ")
      #expect(!folder.exists("run"))
    }
  }
}
