import BLAS
import Checkpoints
import Datasets
import Distributed
import Foundation
import MPI
import Tensors
import Training

/// What a training reports while it runs; only root gets it.
package enum TrainMessage: Sendable {
  /// A line for people.
  case note(String)
  case event(TrainingEvent)
}

/// What the command line hands to a training.
package struct TrainConsole {
  /// Called on root.
  package var tell: (TrainMessage) -> Void
  /// Makes the log of `metrics.csv`; called on root, once.
  package var openMetrics: (_ path: String, _ resumeStep: Int?) throws -> MetricsSink
  /// Asked between two steps, on every rank: one wish stops all.
  package var isStopRequested: () -> Bool = { StopSignals.isRequested }

  package init(
    tell: @escaping (TrainMessage) -> Void,
    openMetrics: @escaping (_ path: String, _ resumeStep: Int?) throws -> MetricsSink
  ) {
    self.tell = tell
    self.openMetrics = openMetrics
  }
}

/// Where rows of metrics go.
package protocol MetricsSink: AnyObject {
  func append(_ report: StepReport, elapsedSeconds: Double) throws
  /// The rows are on the disk.
  func synchronise() throws
}

/// `portolan train`: a run from its configuration to its result. Collective.
///
/// - Returns: ``ExitStatus/success``, or ``ExitStatus/stopped`` after a requested stop.
package func train(
  _ options: TrainOptions, configuration: Configuration, world: borrowing Communicator,
  console: TrainConsole
) throws -> ExitStatus {
  let start = ContinuousClock.now
  try JobStart.pinNumerics()
  StopSignals.install()
  let group = try JobStart.group(world, configuration: configuration)
  // Before the run folder is made: a wrong path must not leave a run that begins with nothing.
  let data = try group.agreed { try DataAssembly(configuration) }
  let lock = try options.run.begin(configuration, resume: options.resume, on: group)
  defer { withExtendedLifetime(lock) {} }
  let tell = group.isRoot ? console.tell : { _ in }

  let folder = CheckpointFolder(path: options.run.checkpoints)
  try folder.prepare(on: group)
  let latest = options.resume ? try folder.latestVerified(on: group) : nil
  try latest?.requireUsable(in: options.run)
  for rejection in latest?.skipped ?? [] {
    tell(.note("skipped \(rejection.file): it \(rejection.reason)"))
  }
  let standardisation =
    latest?.checkpoint == nil
    ? try data.fitStandardisation(configuration, on: group)
    : Standardisation(identityOf: data.columnNames.count)
  let model = ModelAssembly(
    configuration, columns: data.columnNames.count, standardisation: standardisation)
  try group.requireAgreement(["layout": layoutText(model.density.layout)])

  let reader = try latest?.checkpoint.map { newest in
    try group.agreed {
      try OpenCheckpoint(newest.path, header: newest.header, model: model)
    }
  }
  if let reader {
    tell(.note("resuming from step \(reader.header.step), \(reader.path)"))
    let core = BLASLibrary.coreName
    if reader.header.blasCore != core {
      tell(
        .note(
          "warning: the checkpoint was made with BLAS core \(reader.header.blasCore), this is \(core): "
            + "the run goes on, but not to the same bits. hint: set OPENBLAS_CORETYPE"))
    }
  }

  let metrics = try group.agreed {
    group.isRoot ? try console.openMetrics(options.run.metrics, reader?.metricsStep) : nil
  }
  let trainRows = try group.agreed {
    try data.standardised(data.train, by: model.standardisation)
  }
  let noise = try group.agreed {
    try configuration.training.noise.noise(
      for: trainRows,
      isSpherical: data.isOnUnitSphere(standardised: configuration.data.standardise),
      seed: UInt64(configuration.seed))
  }
  let validationRows = try group.agreed {
    try data.standardised(data.validation, by: model.standardisation)
  }
  let batchPlan = BatchPlan(
    count: trainRows.count, globalBatchSize: configuration.training.globalBatchSize,
    shards: configuration.shards, seed: UInt64(configuration.seed))
  let provenance = try Provenance(
    world: world, group: group, experiment: configuration.stateYAML + data.fingerprint)
  if let reader { try group.agreed { try reader.requireSameExperiment(provenance.experiment) } }
  if let independent = IndependentFit(model, configuration) {
    return try trainCharts(
      independent,
      ChartTrainingJob(
        options: options, configuration: configuration, group: group, data: data, model: model,
        train: trainRows, validation: validationRows, noise: noise, folder: folder,
        provenance: provenance,
        metrics: metrics, start: start, tell: tell, isStopRequested: console.isStopRequested),
      from: reader)
  }
  var parts = Trainer.Parts(
    group: group,
    watchdog: Watchdog(
      rank: group.rank, size: group.size,
      limitSeconds: configuration.distributed.deadlineSeconds + 30, group: group),
    parameters: model.parameters, layout: model.density.layout,
    stages: model.stages(configuration, stepsPerEpoch: batchPlan.stepsPerEpoch), model: model,
    train: trainRows, validation: validationRows, noise: noise,
    globalBatchSize: configuration.training.globalBatchSize,
    seed: UInt64(configuration.seed),
    validationEveryEpochs: configuration.training.validationEveryEpochs,
    policy: configuration.checkpoints.policy, folder: folder,
    texts: { provenance.texts(configuration.resolvedYAML) }, blasCore: BLASLibrary.coreName,
    stopAfter: options.stopAfter)
  parts.isStopRequested = console.isStopRequested
  let trainer = Trainer(parts) { event in
    if case .step(let report) = event, let metrics,
      report.step % configuration.logging.everySteps == 0 || report.validationLoss != nil
        || report.endsStage
    {
      try metrics.append(report, elapsedSeconds: (ContinuousClock.now - start) / .seconds(1))
    }
    // Rows that a checkpoint counts on reach the disk before it.
    if case .saving = event { try metrics?.synchronise() }
    tell(.event(event))
  }
  if let reader { try reader.restore(trainer, on: group) }

  let outcome = try trainer.train()
  if outcome == .stopped {
    tell(
      .note(
        "stopped after step \(trainer.state.step) of \(trainer.totalSteps)"
          + (StopSignals.signalName.map { " on \($0)" } ?? "")
          + "; the same command with --resume goes on"))
    return .stopped
  }
  try writeResult(
    options.run, configuration, data, model, trainer.state.step,
    seconds: ContinuousClock.now - start,
    on: group, tell: tell)
  return .success
}

/// A verified checkpoint between its opening and the trainer that takes it.
final class OpenCheckpoint {
  let path: String
  let header: CheckpointHeader
  /// Rows of metrics up to this step stay: independent charts have theirs written when a round ends.
  let metricsStep: Int

  /// Reads the model's own arrays first: they decide how rows are standardised.
  init(_ path: String, header: CheckpointHeader, model: ModelAssembly) throws {
    self.path = path
    self.header = header
    let reader = try CheckpointReader(path, verified: header)
    try reader.requireLayout(
      model.density.layout.entries.map {
        ArraySpecification(path: "/parameters/\($0.path)", shape: $0.shape, type: .float32)
      }, in: ["/parameters"])
    try model.restore(from: reader)
    metricsStep =
      try model.independent == nil ? header.step : ChartTraining.firstStepOfRound(in: reader)
  }

  /// Refuses a checkpoint that was made from other data or other settings that decide numbers.
  func requireSameExperiment(_ experiment: String) throws {
    let recorded = try CheckpointReader(path, verified: header).text("/experiment")
    guard recorded != experiment else { return }
    let there = recorded.split(separator: "\n", omittingEmptySubsequences: false)
    let here = experiment.split(separator: "\n", omittingEmptySubsequences: false)
    let differing = zip(there, here).filter { $0 != $1 }.map { "\n  \($0) there, \($1) here" }
    throw PortolanFailure(
      .badData, "\(path) belongs to another experiment:" + differing.joined(),
      hint:
        "a file whose rows have changed gives another split: use the data that the run began with")
  }

  /// Collective.
  func restore(_ trainer: Trainer, on group: JobGroup) throws {
    try requireReadable(on: group)
    try trainer.restore(from: CheckpointReader(path, verified: header))
  }

  /// Collective.
  func restore(_ training: ChartTraining, on group: JobGroup) throws {
    try requireReadable(on: group)
    try training.restore(from: CheckpointReader(path, verified: header))
  }

  /// A file that one rank cannot open is an error of all ranks.
  private func requireReadable(on group: JobGroup) throws {
    try group.agreed { _ = try CheckpointReader(path, verified: header) }
  }
}

private func layoutText(_ layout: ParameterLayout) -> String {
  layout.entries.map { "\($0.path) \($0.shape)" }.joined(separator: "\n")
}

/// The final score, in `result.json`. Collective.
func writeResult(
  _ folder: RunFolder, _ configuration: Configuration, _ data: DataAssembly,
  _ model: ModelAssembly, _ step: Int, seconds: Duration, on group: JobGroup,
  tell: (TrainMessage) -> Void
) throws {
  var score: Likelihood?
  if data.test.count > 0 {
    score = Likelihood(
      of: try PointEvaluator(
        model: model, group: group, seed: UInt64(configuration.seed)
      ).logProbabilities(of: data.test))
  }
  let result = RunResult(
    step: step, testLogLikelihood: score, parameterCount: model.density.layout.count,
    ranks: group.size, seconds: seconds / .seconds(1))
  try group.agreed {
    guard group.isRoot else { return }
    do {
      try Data(result.json().utf8).write(
        to: URL(fileURLWithPath: folder.result), options: .atomic)
    } catch {
      throw PortolanFailure(
        .inputOutput, "cannot write \(folder.result): \(systemReason(of: error))")
    }
  }
  let scored =
    score.map {
      String(
        format: "test log-likelihood %.4f ± %.4f nats (%d points)", $0.mean, $0.standardError,
        $0.count)
    } ?? "no test points"
  tell(
    .note(
      scored + String(format: "; parameters %d; %.1f s", result.parameterCount, result.seconds)))
}

/// `result.json`.
package struct RunResult: Codable, Sendable {
  package var step: Int
  /// Nil where no rows are kept for a test.
  package var testLogLikelihood: Likelihood?
  package var parameterCount: Int
  package var ranks: Int
  package var seconds: Double

  func json() throws -> String {
    try JSONText.of(self) + "\n"
  }
}

extension CheckpointConfiguration {
  var policy: CheckpointPolicy {
    CheckpointPolicy(
      everySteps: everySteps, everySeconds: everySeconds, keepLast: keepLast,
      keepsBest: keepBest)
  }
}
