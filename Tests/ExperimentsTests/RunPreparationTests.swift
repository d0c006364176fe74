import Experiments
import Foundation
import Testing

@Suite("Before a run starts")
struct RunPreparationTests {
  @Test("The plan counts epochs, or steps where they are given")
  func plan() throws {
    let configuration = try Configuration(overrides: [
      "training.autoencoder.epochs=3", "training.flow.epochs=10", "training.flow.steps=25",
    ])
    let plan = TrainingPlan(configuration, stepsPerEpoch: 40)
    #expect(plan.steps == [120, 25])
    #expect(plan.range(of: .autoencoder) == 0..<120)
    #expect(plan.range(of: .flow) == 120..<145)
    #expect(plan.totalSteps == 145)
  }

  @Test(
    "A planned total keeps the proportions and is met exactly",
    arguments: [
      (60, [14, 46]), (130, [30, 100]), (1, [0, 1]), (2, [1, 1]), (3, [1, 2]), (13, [3, 10]),
      (1_000_000_007, [230_769_232, 769_230_775]),
    ])
  func scaling(total: Int, expected: [Int]) throws {
    let configuration = try Configuration(overrides: [
      "training.autoencoder.epochs=30", "training.flow.epochs=100", "training.totalSteps=\(total)",
    ])
    #expect(TrainingPlan(configuration, stepsPerEpoch: 40).steps == expected)
  }

  @Test("One chart has no first stage, and a plan without epochs gives all steps to the last stage")
  func plainFlow() throws {
    let one = try Configuration(overrides: ["model.charts=1", "training.totalSteps=60"])
    #expect(TrainingPlan(one, stepsPerEpoch: 40).steps == [0, 60])
    let none = try Configuration(overrides: [
      "training.autoencoder.epochs=0", "training.flow.epochs=0", "training.totalSteps=5",
    ])
    #expect(TrainingPlan(none, stepsPerEpoch: 40).steps == [0, 5])
  }

  @Test("Options name the run folder after the configuration and turn --steps into a setting")
  func options() throws {
    let options = try TrainOptions(
      configurationPath: "configs/helix.yaml", output: nil, overrides: ["seed=4"], resume: false,
      steps: 60, stopAfter: 30)
    #expect(options.run.path == "runs/helix")
    #expect(options.overrides == ["seed=4", "training.totalSteps=60"])
    let builtIn = try TrainOptions(
      configurationPath: nil, output: nil, overrides: ["seed=4"], resume: false, steps: nil,
      stopAfter: nil)
    #expect(builtIn.run.path == "runs/interlocked-circles")
    #expect(try builtIn.readConfiguration().seed == 4)
    let failure = #expect(throws: PortolanFailure.self) {
      try TrainOptions(
        configurationPath: nil, output: nil, overrides: [], resume: false, steps: 0, stopAfter: nil)
    }
    #expect(failure?.status == .usage)
    #expect(failure?.message == "--steps: expected an integer ≥ 1, got 0")
  }

  @Test("A table's format is told by its name")
  func formats() throws {
    #expect(try TableFormat(path: "a/b.csv") == .csv)
    #expect(try TableFormat(path: "a.b/c.H5") == .hdf5)
    #expect(try TableFormat(path: "c.hdf5") == .hdf5)
    for path in ["a.txt", "csv", "h5", "a.csv/b", ""] {
      let failure = #expect(throws: PortolanFailure.self) { try TableFormat(path: path) }
      #expect(failure?.status == .usage)
    }
  }

  @Test("A run folder takes one run, one experiment and one job at a time")
  func folder() throws {
    let temporary = try TemporaryFolder()
    let run = RunFolder("\(temporary.path)/runs/first")
    let configuration = Configuration()
    do {
      let lock = try run.prepare(for: configuration, resume: false)
      #expect(try run.recordedConfiguration() == configuration)
      let busy = #expect(throws: PortolanFailure.self) {
        _ = try run.prepare(for: configuration, resume: true)
      }
      #expect(busy?.message == "another job is working in \(run.path)")
      _ = consume lock
    }
    let again = #expect(throws: PortolanFailure.self) {
      _ = try run.prepare(for: configuration, resume: false)
    }
    #expect(again?.message == "\(run.path) already holds a run")
    var other = configuration
    other.seed = 2
    let foreign = #expect(throws: PortolanFailure.self) {
      _ = try run.prepare(for: other, resume: true)
    }
    #expect(foreign?.message.contains("seed: 1 there, 2 here") == true)
    _ = try run.prepare(for: configuration, resume: true)
  }

  @Test("A run folder that cannot be made is an input/output error")
  func unwritable() throws {
    let temporary = try TemporaryFolder()
    let file = "\(temporary.path)/file"
    try Data().write(to: URL(fileURLWithPath: file))
    let run = RunFolder("\(file)/run")
    let failure = #expect(throws: PortolanFailure.self) {
      _ = try run.prepare(for: Configuration(), resume: false)
    }
    #expect(failure?.status == .inputOutput)
    #expect(failure?.message.hasPrefix("cannot write to the run folder \(run.path): ") == true)
  }

  @Test("A folder without a run is a missing input")
  func noRun() throws {
    let temporary = try TemporaryFolder()
    let failure = #expect(throws: PortolanFailure.self) {
      try RunFolder(temporary.path).recordedConfiguration()
    }
    #expect(failure?.status == .noInput)
  }

  @Test(
    "Ranks are known from the launcher's variables",
    arguments: [
      ([:], LauncherEnvironment([:])),
      (
        ["OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "3", "SLURM_STEP_NUM_TASKS": "1"],
        LauncherEnvironment(["OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "3"])
      ),
      (["SLURM_NTASKS": "4", "SLURM_PROCID": "0"], LauncherEnvironment([:])),
    ] as [([String: String], LauncherEnvironment)])
  func launcher(variables: [String: String], expected: LauncherEnvironment) {
    #expect(LauncherEnvironment(variables) == expected)
  }

  @Test("Processes that do not know of each other are refused")
  func strangers() throws {
    let step = LauncherEnvironment(["SLURM_STEP_NUM_TASKS": "4", "SLURM_PROCID": "2"])
    #expect(step.rank == 2)
    let failure = #expect(throws: PortolanFailure.self) { try step.requireWorld(ofSize: 1) }
    #expect(failure?.status == .usage)
    try step.requireWorld(ofSize: 4)
    try LauncherEnvironment([:]).requireWorld(ofSize: 1)
    try LauncherEnvironment(["OMPI_COMM_WORLD_SIZE": "1"]).requireWorld(ofSize: 1)
  }
}
