import BLAS
import Checkpoints
import Datasets
import Distributed
import Foundation
import MPI
import Operators
import Tensors
import Training

/// How a team trains a cell of a table of pairs, and scores it on every grid.
struct PairTraining {
  let run: PairTableRun
  let cell: PairCell
  let team: Team

  private var settings: PairSettings { run.table.settings }

  /// Trains and writes the result. Collective on the team.
  ///
  /// - Returns: false after a stop.
  func train(on ranks: borrowing Communicator) throws -> Bool {
    let start = ContinuousClock.now
    var result = PairResult(settings: run.lines(of: cell))
    do {
      guard let scored = try cell.model.isControl ? control() : trained(on: ranks) else {
        return false
      }
      result = scored
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
    if team.speaks { run.tell(run.progress(cell, result)) }
    return true
  }

  // MARK: - Controls

  /// Every rank computes the same.
  private func control() throws -> PairResult? {
    let (train, test) = try run.pairs(of: cell)
    let subset = cell.subset(of: train.count)
    let problem = cell.set.problem
    let scores = settings.testPoints.map { points in
      let coarse = train.subSampled(to: points)
      let control = cell.model.makeControl(
        for: problem, points: points,
        train: cell.model == .multiplier ? coarse.keeping(subset) : coarse)
      return PairResult.Score(
        points: points,
        relativeError: test.subSampled(to: points).meanRelativeError(of: control))
    }
    return PairResult(
      settings: run.lines(of: cell), scores: scores)
  }

  // MARK: - Operators

  /// Nil after a stop.
  private func trained(on ranks: borrowing Communicator) throws -> PairResult? {
    let text = run.lines(of: cell).joined(separator: "\n") + "\n"
    let group = try JobStart.group(
      ranks, settings: cell.path + "\n" + text, shards: settings.shards, deadlineSeconds: 60)
    let (train, test) = try group.agreed { try run.pairs(of: cell) }
    let coarse = train.subSampled(to: settings.trainingPoints)
    let subset = cell.subset(of: train.count)
    let rows = PairRows(coarse, samples: subset)
    var layout = ParameterLayout()
    guard let architecture = PairArchitecture(cell.model, for: cell.set.problem) else {
      preconditionFailure("\(cell.model) is not trained")
    }
    let model = layout.scoped("operator") {
      architecture.makeOperator(trainedOn: coarse.keeping(subset), in: &$0)
    }
    let parameters = ParameterBuffer<Float>(layout: layout, seed: UInt64(cell.seed))
    try group.agreed { if group.isRoot { try beginRun(text) } }
    let log = PadeLog(
      path: run.runFolder(of: cell) + "/" + PadeLog.fileName,
      blocks: model.padeBlocks(positions: settings.trainingPoints))
    let trainer = try trainer(model, layout, rows, parameters, text, log, on: group, world: ranks)
    guard try trainer.train() == .finished else { return nil }
    let padeBounds = group.isRoot ? log.read(parameters, step: trainer.state.step) : nil
    let scores = try settings.testPoints.map { points in
      PairResult.Score(
        points: points,
        relativeError: try Self.meanRelativeError(
          of: model, parameters, on: PairRows(test.subSampled(to: points)), group: group))
    }
    guard scores.allSatisfy(\.relativeError.isFinite) else {
      throw PortolanFailure(
        .badData, "the trained operator makes numbers that are not finite",
        hint: "lower the learning rate")
    }
    return PairResult(
      settings: run.lines(of: cell), scores: scores,
      parameterCount: layout.count + model.fittedCount,
      complexParameterCount: layout.count + model.fittedCount - model.complexWeightCount,
      padeBounds: padeBounds)
  }

  /// Rows that an operator maps at a time when it is scored.
  private static let scoredRows = 5

  /// Over all rows, the same on any number of ranks. Collective.
  static func meanRelativeError(
    of model: any NeuralOperator, _ parameters: ParameterBuffer<Float>, on rows: PairRows,
    group: JobGroup
  ) throws -> Double {
    let pass = ShardPass(
      source: rows, count: rows.count, shardRows: scoredRows, group: group, seed: 0)
    pass.record(parameters: parameters, length: 1) { batch, tape in
      let errors = RelativeError.ofRows(batch.x, model: model, on: tape)
      return (tape.columnSums(tape.multiply(errors, batch.weight)), nil)
    }
    return try pass.sums()[0] / Double(rows.count)
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
    _ model: any NeuralOperator, _ layout: ParameterLayout, _ rows: PairRows,
    _ parameters: ParameterBuffer<Float>, _ text: String, _ log: PadeLog, on group: JobGroup,
    world: borrowing Communicator
  ) throws -> Trainer {
    let folder = CheckpointFolder(path: run.runFolder(of: cell) + "/checkpoints")
    try folder.prepare(on: group)
    let newest = try folder.latestVerified(on: group).checkpoint
    let provenance = try Provenance(world: world, group: group, experiment: text)
    var parts = Trainer.Parts(
      group: group,
      watchdog: Watchdog(rank: group.rank, size: group.size, limitSeconds: 90, group: group),
      parameters: parameters, layout: layout,
      stages: [(OperatorStage(model: model, layout: layout), settings.stage)],
      model: NoModelState(), train: rows,
      validation: PairRows(PDEPairs(values: [], points: rows.points)),
      globalBatchSize: min(settings.batch, rows.count), seed: UInt64(cell.seed),
      validationEveryEpochs: 0,
      policy: CheckpointPolicy(everySteps: 0, everySeconds: 300, keepLast: 1, keepsBest: false),
      folder: folder, texts: { provenance.texts(text) }, blasCore: BLASLibrary.coreName,
      stopAfter: nil)
    parts.isStopRequested = team.isStopRequested
    let isRoot = group.isRoot
    let trainer = Trainer(parts) { event in
      if isRoot, case .step(let report) = event { log.note(report, parameters) }
    }
    if let newest {
      try group.agreed { _ = try CheckpointReader(newest.path, verified: newest.header) }
      try trainer.restore(from: CheckpointReader(newest.path, verified: newest.header))
      if isRoot { log.restore(step: trainer.state.step) }
    }
    return trainer
  }
}
