import BLAS
import Checkpoints
import Datasets
import Distributed
import Foundation
import MPI
import Operators
import Tensors
import Training

/// How a team trains one fold of one model, and scores it on the windows it has not seen.
struct FoldTraining {
  let run: CrossValidationRun
  let cell: FoldCell
  let team: Team

  private var configuration: CrossValidationConfiguration { run.configuration }
  private var settings: [String] { run.settings(of: cell) }

  /// Trains and writes the result. Collective on the team.
  ///
  /// - Returns: false after a stop.
  func train(on ranks: borrowing Communicator) throws -> Bool {
    let plan = run.epidemic.plan(cell.plan)
    let fold = plan.folds[cell.fold]
    let start = ContinuousClock.now
    var result = FoldResult(
      settings: settings, trainingWindows: fold.training.count, testWindows: fold.test.count,
      seconds: 0)
    do {
      guard let outcome = try outcome(plan, fold, on: ranks) else { return false }
      result.outcome = outcome
    } catch {
      guard let reason = Team.reasonOfTraining(error) else { throw error }
      result.failure = reason
    }
    result.seconds = (ContinuousClock.now - start) / .seconds(1)
    try team.group.agreed {
      guard team.group.isRoot else { return }
      try result.write(in: run.folder(of: cell))
      if !run.options.keepsRuns {
        // What cannot be removed costs room, not the result.
        _ = Result { try FileManager.default.removeItem(atPath: run.runFolder(of: cell)) }
      }
    }
    if team.speaks { run.progress?.ended(cell, result) }
    return true
  }

  // MARK: - Training

  /// Nil after a stop.
  private func outcome(
    _ plan: EpidemicAssembly.Plan, _ fold: EpidemicPlan.Fold, on ranks: borrowing Communicator
  ) throws -> FoldResult.Outcome? {
    let text = settings.joined(separator: "\n") + "\n"
    let group = try JobStart.group(
      ranks, settings: cell.path + "\n" + text, shards: configuration.shards,
      deadlineSeconds: configuration.distributed.deadlineSeconds)
    guard !fold.training.isEmpty else {
      throw PortolanFailure(
        .badData,
        "no window is left to train on: \(fold.test.count) of \(plan.windows.count) test, the others "
          + "lie within \(configuration.resampling.gap) of them",
        hint: "lower resampling.gap, or resampling.folds")
    }
    try group.agreed { if group.isRoot { try beginRun(text) } }
    let model = run.model(of: cell)
    let training = configuration.training.adapted(to: model.training)
    let scale = SeriesScale(of: plan.windows, training: fold.training)
    let network = ForecastNetwork(
      model, statistics: DayStatistics(of: plan.windows, training: fold.training, scale: scale))
    let rows = ForecastRows(
      plan.windows, numbers: fold.training, scale: scale,
      weights: TargetWeights(
        training.loss, of: plan.windows, training: fold.training, scale: scale))
    let parameters = ParameterBuffer<Float>(
      layout: network.layout, seed: UInt64(configuration.seed) &+ UInt64(cell.fold) << 32)
    let log = PadeLog(
      path: run.runFolder(of: cell) + "/" + PadeLog.fileName, blocks: network.model.padeBlocks)
    let trainer = try trainer(
      network, training, rows: rows, parameters: parameters, settings: text, log: log, on: group,
      world: ranks)
    guard try trainer.train() == .finished else { return nil }
    let outcome = try group.onRoot {
      var outcome = try self.outcome(
        network, parameters, scale, plan, fold, trainer.state.step)
      outcome.padeBounds = log.read(parameters, step: trainer.state.step)
      return outcome
    }
    // The other ranks write nothing.
    return outcome
      ?? FoldResult.Outcome(
        digest: "", steps: 0, parameterCount: 0, complexParameterCount: 0,
        score: EpidemicScore())
  }

  /// Makes the folder of checkpoints; what was begun under other settings is begun anew. Not collective.
  private func beginRun(_ settings: String) throws {
    let record = run.runFolder(of: cell) + "/settings.txt"
    let recorded = FileManager.default.contents(atPath: record)
    if recorded.map({ String(decoding: $0, as: UTF8.self) }) == settings { return }
    if FileManager.default.fileExists(atPath: run.runFolder(of: cell)) {
      try FileManager.default.removeItem(atPath: run.runFolder(of: cell))
    }
    try writeText(settings, to: record)
  }

  /// A trainer at the newest checkpoint that verifies, or at the start. Collective.
  private func trainer(
    _ network: ForecastNetwork, _ training: ForecastTrainingConfiguration, rows: ForecastRows,
    parameters: ParameterBuffer<Float>, settings: String, log: PadeLog, on group: JobGroup,
    world: borrowing Communicator
  ) throws -> Trainer {
    let folder = CheckpointFolder(path: run.runFolder(of: cell) + "/checkpoints")
    try folder.prepare(on: group)
    let newest = try folder.latestVerified(on: group).checkpoint
    let plan = BatchPlan(
      count: rows.count, globalBatchSize: training.globalBatchSize, shards: configuration.shards,
      seed: UInt64(configuration.seed))
    let steps = training.stage.steps ?? training.stage.epochs * plan.stepsPerEpoch
    let provenance = try Provenance(world: world, group: group, experiment: settings)
    let yaml = configuration.resolvedYAML
    var parts = Trainer.Parts(
      group: group,
      watchdog: Watchdog(
        rank: group.rank, size: group.size,
        limitSeconds: configuration.distributed.deadlineSeconds + 30, group: group),
      parameters: parameters, layout: network.layout,
      stages: [
        (
          ForecastStage(model: network.model, layout: network.layout, loss: training.loss),
          training.stage.settings(steps, every: 1)
        )
      ], model: NoModelState(), train: rows, validation: NoRows(columnNames: rows.columnNames),
      globalBatchSize: training.globalBatchSize, seed: UInt64(configuration.seed),
      validationEveryEpochs: 0,
      policy: CheckpointPolicy(
        everySteps: configuration.checkpoints.everySteps,
        everySeconds: configuration.checkpoints.everySeconds, keepLast: 2, keepsBest: false),
      folder: folder, texts: { provenance.texts(yaml) }, blasCore: BLASLibrary.coreName,
      stopAfter: nil)
    parts.isStopRequested = team.isStopRequested
    var mark = FoldMark(path: run.markPath(of: cell))
    let (progress, cell, isRoot) = (team.speaks ? run.progress : nil, cell, group.isRoot)
    let trainer = Trainer(parts) { event in
      guard isRoot, case .step(let report) = event else { return }
      mark.note(report)
      log.note(report, parameters)
      progress?.stepped(cell, report)
    }
    if let newest {
      try group.agreed { _ = try CheckpointReader(newest.path, verified: newest.header) }
      try trainer.restore(from: CheckpointReader(newest.path, verified: newest.header))
      if isRoot { log.restore(step: trainer.state.step) }
    }
    return trainer
  }

  // MARK: - Scoring

  /// Windows that are forecast at a time.
  private static let pieceRows = 8

  /// Forecasts the test windows, and writes them. Not collective.
  private func outcome(
    _ network: ForecastNetwork, _ parameters: ParameterBuffer<Float>, _ scale: SeriesScale,
    _ plan: EpidemicAssembly.Plan, _ fold: EpidemicPlan.Fold, _ steps: Int
  ) throws -> FoldResult.Outcome {
    let rows = ForecastRows(
      plan.windows, numbers: fold.test, scale: scale,
      weights: TargetWeights(.relative, of: plan.windows, training: fold.training, scale: scale))
    let tape = Tape<Float>(shardCount: 1, parameters: parameters)
    let x = tape.input(Self.pieceRows, rows.columnCount)
    let forecast = tape.keep(
      network.model.forecast(
        tape.columns(x, ForecastRows.Part.history),
        observed: tape.columns(x, ForecastRows.Part.observed), on: tape))
    let width = tape.shape(of: forecast).columns
    var values: [Float] = []
    for first in stride(from: 0, to: rows.count, by: Self.pieceRows) {
      let piece = (first..<first + Self.pieceRows).map { min($0, rows.count - 1) }
      rows.read(rows: piece, into: tape.pointer(to: x, shard: 0))
      if tape.hasRun { tape.replay() } else { tape.run() }
      let real = min(Self.pieceRows, rows.count - first)
      values += UnsafeBufferPointer(
        start: tape.pointer(to: forecast, shard: 0), count: real * width)
    }
    guard values.allSatisfy(\.isFinite) else {
      throw PortolanFailure(
        .badData, "the trained model forecasts numbers that are not finite",
        hint: "lower the learning rate, or set gradientClipNorm")
    }
    let forecasts = FoldForecasts(windows: fold.test, values: values, scale: scale.factors)
    try forecasts.write(in: run.folder(of: cell))
    return FoldResult.Outcome(
      digest: forecasts.digest(
        parameters: UnsafeBufferPointer(start: parameters.pointer, count: parameters.count)),
      steps: steps, parameterCount: network.layout.count,
      complexParameterCount: network.layout.count - network.model.complexWeightCount,
      score: forecasts.score(on: plan.windows))
  }
}

/// A part without rows.
private struct NoRows: RowSource {
  let columnNames: [String]
  var count: Int { 0 }
  func read(rows: [Int], into destination: UnsafeMutablePointer<Double>) {}
}
