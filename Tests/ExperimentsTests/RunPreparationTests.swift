import Checkpoints
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
      (999_999_937, [230_769_216, 769_230_721]),
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

  @Test(
    "A surface that is learnt first has a stage between the others; without one it has no steps")
  func embeddingStage() throws {
    let overrides = [
      "training.autoencoder.epochs=2", "training.embedding.epochs=3", "training.flow.epochs=5",
      "model.embedding.kind=conformal",
    ]
    let joint = try Configuration(overrides: overrides)
    #expect(TrainingPlan(joint, stepsPerEpoch: 10).steps == [20, 50])
    let sequential = try Configuration(overrides: overrides + ["model.embedding.fit=sequential"])
    let plan = TrainingPlan(sequential, stepsPerEpoch: 10)
    #expect(plan.stages == [.autoencoder, .embedding, .flow] && plan.steps == [20, 30, 50])
    #expect(plan.range(of: .embedding) == 20..<50 && plan.range(of: .flow) == 50..<100)
    let one = try Configuration(
      overrides: overrides + ["model.embedding.fit=sequential", "model.charts=1"])
    #expect(TrainingPlan(one, stepsPerEpoch: 10).steps == [0, 30, 50])
  }

  @Test("The state's text names an embedding only where there is one")
  func stateText() throws {
    #expect(!(try Configuration(overrides: []).stateYAML.contains("embedding")))
    let text = try Configuration(overrides: ["model.embedding.kind=conformal"]).stateYAML
    #expect(text.contains("model.embedding.kind: conformal\n"))
    #expect(text.contains("training.embedding.epochs: 100\n"))
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

  @Test("A run folder takes one run and one experiment")
  func folder() throws {
    let temporary = try TemporaryFolder()
    let run = RunFolder("\(temporary.path)/runs/first")
    let configuration = Configuration()
    try run.create()
    try run.admit(configuration, resume: true)
    #expect(try run.recordedConfiguration() == configuration)
    let again = #expect(throws: PortolanFailure.self) {
      try run.admit(configuration, resume: false)
    }
    #expect(again?.message == "\(run.path) already holds a run")
    var other = configuration
    other.seed = 2
    let foreign = #expect(throws: PortolanFailure.self) { try run.admit(other, resume: true) }
    #expect(foreign?.message.contains("seed: 1 there, 2 here") == true)
    try run.create()
    try run.admit(configuration, resume: true)
  }

  @Test("A run folder that cannot be made is an input/output error")
  func unwritable() throws {
    let temporary = try TemporaryFolder()
    let file = "\(temporary.path)/file"
    try Data().write(to: URL(fileURLWithPath: file))
    let run = RunFolder("\(file)/run")
    let failure = #expect(throws: PortolanFailure.self) { try run.create() }
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
    "The rank is known from the launcher's variables",
    arguments: [
      ([:], 0, 1),
      (
        ["OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "3", "SLURM_PROCID": "1"], 3, 4
      ),
      (["PMI_SIZE": "2", "PMI_RANK": "1"], 1, 2),
      (["SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "5", "SLURM_PROCID": "2"], 2, 5),
      (["SLURM_NTASKS": "4", "SLURM_PROCID": "0"], 0, 1),
    ] as [([String: String], Int, Int)])
  func launched(variables: [String: String], rank: Int, count: Int) {
    let process = LaunchedProcess(variables)
    #expect(process.rank == rank)
    #expect(process.count == count)
  }

  @Test("Errors of the modules below keep their status, and say whether all ranks have them")
  func failures() {
    let problems = ConfigurationProblems([ConfigurationProblem(source: "a.yaml", message: "empty")])
    let configuration = PortolanFailure(describing: problems)
    #expect(configuration.status == .badData)
    #expect(configuration.message == "the configuration has a problem:\n  a.yaml: empty")
    #expect(configuration.isShared)

    let rejection = CheckpointRejection(file: "a.h5", reason: .damagedBytes("x"))
    #expect(PortolanFailure(describing: rejection).status == .badData)
    #expect(PortolanFailure(describing: CheckpointError("disk")).status == .inputOutput)

    struct Unknown: Error {}
    let unknown = PortolanFailure(describing: Unknown())
    #expect(unknown.status == .internalError)
    #expect(!unknown.isShared)
  }

  @Test("Inspecting a file that is not there, or no checkpoint, tells these apart")
  func inspection() throws {
    let temporary = try TemporaryFolder()
    let missing = #expect(throws: PortolanFailure.self) {
      try verifyCheckpoint("\(temporary.path)/nothing.h5")
    }
    #expect(missing?.status == .noInput)
    let path = "\(temporary.path)/text.h5"
    try Data("no checkpoint".utf8).write(to: URL(fileURLWithPath: path))
    #expect(throws: CheckpointRejection.self) { try verifyCheckpoint(path) }
    #expect(throws: CheckpointRejection.self) { try CheckpointInspection(of: path) }
  }
}
