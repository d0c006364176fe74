import Checkpoints
import Datasets
import Distributed
import Foundation
import MPI
import Tensors

/// Fits the charts of an atlas apart from each other, in rounds of generalised expectation and
/// maximisation (Dempster, Laird & Rubin, 1977), on as many ranks as the group has.
///
/// A round: responsibilities of all charts for all rows; each chart trained by itself on its rows; new
/// weights. Teams of ranks fit charts at the same time, and what a chart becomes depends on its rows,
/// the settings and (seed, chart, round) alone: not on the number of ranks, not on the team, not on the
/// order, not on what becomes of others. All methods are collective.
package final class ChartTraining {
  /// What such a training is made of.
  package struct Parts {
    package var group: JobGroup
    package var watchdog: Watchdog
    package var model: any IndependentCharts
    /// Of all charts.
    package var parameters: ParameterBuffer<Float>
    package var train: any RowSource
    package var validation: any RowSource
    package var rounds: Int
    /// Settings of a chart in a round, by the optimizer steps of an epoch of its rows.
    package var settings: (_ chart: Int, _ round: Int, _ stepsPerEpoch: Int) -> StageSettings
    package var globalBatchSize: Int
    package var policy: CheckpointPolicy
    package var folder: CheckpointFolder
    package var texts: () -> [CheckpointText]
    package var blasCore: String
    /// Stop once so many steps are done, counted over charts in the order of their numbers.
    package var stopAfter: Int?
    /// Asked between two steps, on every rank: one wish stops all.
    package var isStopRequested: () -> Bool = { StopSignals.isRequested }
    /// Moves the points of training batches, by their numbers among the training rows; nil leaves them.
    package var noise: (any RowNoise)?
    /// The rows that a chart is trained on, by its responsibilities; tests replace them.
    package var trainingRows: (_ chart: Int, _ rows: ChartRows) -> ChartRows = { $1 }

    package init(
      group: JobGroup, watchdog: Watchdog, model: any IndependentCharts,
      parameters: ParameterBuffer<Float>, train: any RowSource, validation: any RowSource,
      rounds: Int, settings: @escaping (Int, Int, Int) -> StageSettings, globalBatchSize: Int,
      policy: CheckpointPolicy, folder: CheckpointFolder, texts: @escaping () -> [CheckpointText],
      blasCore: String, stopAfter: Int?
    ) {
      self.group = group
      self.watchdog = watchdog
      self.model = model
      self.parameters = parameters
      self.train = train
      self.validation = validation
      self.rounds = rounds
      self.settings = settings
      self.globalBatchSize = globalBatchSize
      self.policy = policy
      self.folder = folder
      self.texts = texts
      self.blasCore = blasCore
      self.stopAfter = stopAfter
    }
  }

  private let parts: Parts
  private var state: ChartTrainingState
  private var saver: ChartSaver
  /// What charts of the round under way have become; the others are as in `parts.parameters`.
  private let fitted: ParameterBuffer<Float>
  /// The atlas with the lowest validation loss so far.
  private let best: ParameterBuffer<Float>
  private var responsibilities: Responsibilities?
  /// Measured seconds a step, the same on all ranks.
  private var secondsPerStep: [Double?]
  private var bell: StopBell?
  private var lastValidationLoss: Double?
  private var isRestored = false
  private let onEvent: (TrainingEvent) throws -> Void

  /// - Parameter onEvent: as for ``Trainer``.
  package init(_ parts: Parts, onEvent: @escaping (TrainingEvent) throws -> Void) {
    self.parts = parts
    self.onEvent = onEvent
    state = ChartTrainingState(charts: parts.model.chartCount)
    secondsPerStep = Array(repeating: nil, count: parts.model.chartCount)
    fitted = ParameterBuffer(count: parts.model.layout.count)
    fitted.copy(from: parts.parameters)
    best = ParameterBuffer(count: parts.model.layout.count)
    saver = ChartSaver(parts: parts)
    parts.group.isStopRequested = parts.isStopRequested
  }

  /// Optimizer steps of all charts so far.
  package var step: Int { state.counters.step }
  /// Rounds that are over.
  package var round: Int { state.round }

  /// The step at which the round that a checkpoint is in began. Not collective.
  package static func firstStepOfRound(in reader: borrowing CheckpointReader) throws -> Int {
    let counters = try TrainingState(from: reader)
    return counters.step - Int(try ChartTrainingState.stepsOfRound(in: reader).reduce(0, +))
  }

  /// Goes on from a verified checkpoint. Call before ``train()``.
  ///
  /// - Throws: `RemoteError`, the same on all ranks.
  package func restore(from reader: borrowing CheckpointReader) throws {
    isRestored = true
    try parts.group.agreed {
      try parts.model.restore(from: reader)
      state = try saver.restore(into: fitted, best: best, from: reader)
    }
  }

  /// Runs to the end or to a requested stop, and leaves a committed checkpoint either way.
  ///
  /// With validation rows the result is the atlas with the lowest loss on them, be it the start.
  package func train() throws -> TrainingOutcome {
    if state.counters.isFinished { return .finished }
    if !isRestored { try report([]) }
    while true {
      let known = try currentResponsibilities()
      guard state.round < parts.rounds else { break }
      while !state.pending.isEmpty {
        if stopsHere { return try stop() }
        try runWave(known)
        // All that ends a wave early: the clock, a stop.
        if !state.pending.isEmpty { try save() }
      }
      try endRound(known)
      if stopsHere { return try stop() }
    }
    if !state.bestWeights.isEmpty {
      parts.parameters.copy(from: best)
      parts.model.setWeights(state.bestWeights)
    }
    try parts.model.finish(validation: parts.validation) {
      try Responsibilities.logLikelihoods(
        of: parts.validation, under: parts.model, parameters: parts.parameters, step: step,
        on: parts.group)
    }
    state.counters.isFinished = true
    try save()
    return .finished
  }

  // MARK: - Rounds

  private func currentResponsibilities() throws -> Responsibilities {
    if let responsibilities { return responsibilities }
    let new = try Responsibilities(
      of: parts.train, under: parts.model, parameters: parts.parameters, step: step,
      on: parts.group)
    responsibilities = new
    return new
  }

  /// The M-step's other half: the charts and their weights become the atlas.
  private func endRound(_ known: Responsibilities) throws {
    parts.parameters.copy(from: fitted)
    let results = state.results.compactMap { $0 }
    parts.model.setWeights(
      zip(known.totals, results).map { $1.status == .empty ? 0 : $0 })
    state.round += 1
    state.results = Array(repeating: nil, count: results.count)
    responsibilities = nil
    try report(results)
    try save()
  }

  /// Measures the atlas between two rounds, and keeps it if it is the best one.
  private func report(_ results: [ChartResult]) throws {
    let likelihood = try currentResponsibilities().meanLogLikelihood
    let validation = try validationLogLikelihood()
    if let validation, -validation < state.counters.bestLoss {
      state.counters.bestLoss = -validation
      state.bestWeights = parts.model.weights
      best.copy(from: parts.parameters)
    }
    lastValidationLoss = validation.map { -$0 }
    try onEvent(
      .roundEnded(
        ChartRound(
          round: state.round, rounds: parts.rounds, trainLogLikelihood: likelihood,
          validationLogLikelihood: validation,
          chartsInUse: parts.model.weights.filter { $0 > 0 }.count,
          rows: ChartMetrics(
            round: max(0, state.round - 1), lastStep: step, results: results,
            learningRate: {
              self.parts.settings($0, max(0, self.state.round - 1), 1).optimizer.learningRate
            }
          ).rows(likelihood, validation))))
  }

  private func validationLogLikelihood() throws -> Double? {
    guard parts.validation.count > 0 else { return nil }
    return try Responsibilities.meanLogLikelihood(
      of: parts.validation, under: parts.model, parameters: parts.parameters, step: step,
      on: parts.group)
  }

  // MARK: - Waves

  /// The teams fit pending charts until all are done, the clock says to save, or a stop is asked for.
  private func runWave(_ known: Responsibilities) throws {
    for chart in state.pending where parts.model.parameterRange(ofChart: chart).isEmpty {
      // Nothing to fit.
      state.results[chart] = ChartResult(
        chart: chart, round: state.round, status: .kept, steps: 0, rows: known.rows[chart].count)
    }
    let charts = chartsBeforeStop(known)
    let bell = try self.bell ?? StopBell(on: parts.group)
    self.bell = bell
    let wave = try ChartWave(
      parts: parts, charts: charts.map { fit($0, known) }, round: state.round, fitted: fitted,
      secondsPerStep: secondsPerStep, deadline: saveTime, bell: bell)
    let done = state.results.count - state.pending.count
    var ownDone = 0
    let results = try wave.run { result in
      ownDone += 1
      try onEvent(
        .chartsProgressed(
          ChartsProgress(
            round: state.round + 1, rounds: parts.rounds, done: done + ownDone,
            charts: state.results.count, result: result)))
    }
    for result in results {
      state.results[result.chart] = result
      state.counters.step += result.steps
      if result.secondsPerStep > 0 { secondsPerStep[result.chart] = result.secondsPerStep }
      if !result.failures.isEmpty
        || (result.status == .empty && parts.model.weights[result.chart] > 0)
      {
        try onEvent(.chartReported(result))
      }
    }
  }

  private func fit(_ chart: Int, _ known: Responsibilities) -> ChartWave.Task {
    let rows = known.rows[chart]
    let perEpoch =
      rows.count > 0
      ? ChartFit.batchPlan(
        rows: rows.count, globalBatchSize: parts.globalBatchSize,
        shards: parts.group.tree.shards, seed: 0
      ).stepsPerEpoch : 1
    return ChartWave.Task(
      chart: chart, rows: parts.trainingRows(chart, rows),
      settings: parts.settings(chart, state.round, perEpoch))
  }

  /// The pending charts; with `stopAfter` those by which so many steps are reached, by number, so that
  /// what is done at the stop does not depend on the ranks.
  private func chartsBeforeStop(_ known: Responsibilities) -> [Int] {
    guard let stopAfter = parts.stopAfter else { return state.pending }
    var (steps, charts) = (step, [Int]())
    for chart in state.pending where steps < stopAfter {
      charts.append(chart)
      steps += fit(chart, known).settings.steps
    }
    return charts
  }

  // MARK: - Stopping and saving

  private var stopsHere: Bool {
    if let stopAfter = parts.stopAfter, step >= stopAfter { return true }
    return parts.group.isStopAgreed || (parts.group.size == 1 && parts.isStopRequested())
  }

  private func stop() throws -> TrainingOutcome {
    try save()
    return .stopped
  }

  private var saveTime: ContinuousClock.Instant? {
    parts.policy.everySeconds > 0
      ? saver.lastTime + .seconds(parts.policy.everySeconds) : nil
  }

  private func save() throws {
    guard !saver.isSaved(state) else { return }
    try onEvent(.saving(step: step))
    let saved = try saver.save(
      state, fitted: fitted, best: best, validationLoss: lastValidationLoss)
    try onEvent(.saved(step: step, path: saved.path, seconds: saved.seconds))
  }
}
