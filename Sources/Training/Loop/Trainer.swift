import Checkpoints
import Datasets
import Distributed
import Foundation
import MPI
import Tensors

/// Trains the stages of a model one after the other, on as many ranks as the group has.
///
/// What happens next is a function of ``TrainingState`` alone, so a stop anywhere and a resume on any
/// number of ranks give the bits of a run that was never stopped. All methods are collective.
package final class Trainer {
  /// What a training is made of.
  package struct Parts {
    package var group: JobGroup
    package var watchdog: Watchdog
    package var parameters: ParameterBuffer<Float>
    package var layout: ParameterLayout
    package var stages: [(stage: any Stage, settings: StageSettings)]
    package var model: any ModelState
    package var train: any RowSource
    package var validation: any RowSource
    /// Moves the points of training batches; nil leaves them.
    package var noise: (any RowNoise)?
    package var globalBatchSize: Int
    package var seed: UInt64
    /// Passes over the training rows between two validations; 0 validates only at the end of a stage.
    package var validationEveryEpochs: Int
    package var policy: CheckpointPolicy
    package var folder: CheckpointFolder
    /// Texts for each checkpoint: configuration, provenance.
    package var texts: () -> [CheckpointText]
    package var blasCore: String
    /// Stop after so many steps of the run, as a signal would.
    package var stopAfter: Int?
    /// Asked between two steps, on every rank: one wish stops all.
    package var isStopRequested: () -> Bool = { StopSignals.isRequested }

    package init(
      group: JobGroup, watchdog: Watchdog, parameters: ParameterBuffer<Float>,
      layout: ParameterLayout, stages: [(stage: any Stage, settings: StageSettings)],
      model: any ModelState, train: any RowSource, validation: any RowSource,
      noise: (any RowNoise)? = nil, globalBatchSize: Int, seed: UInt64, validationEveryEpochs: Int,
      policy: CheckpointPolicy,
      folder: CheckpointFolder, texts: @escaping () -> [CheckpointText], blasCore: String,
      stopAfter: Int?
    ) {
      self.group = group
      self.watchdog = watchdog
      self.parameters = parameters
      self.layout = layout
      self.stages = stages
      self.model = model
      self.train = train
      self.validation = validation
      self.noise = noise
      self.globalBatchSize = globalBatchSize
      self.seed = seed
      self.validationEveryEpochs = validationEveryEpochs
      self.policy = policy
      self.folder = folder
      self.texts = texts
      self.blasCore = blasCore
      self.stopAfter = stopAfter
    }
  }

  package private(set) var state = TrainingState()
  let parts: Parts
  var run: StageRun?
  var saver: CheckpointSaver
  private let onEvent: (TrainingEvent) throws -> Void
  private var lastValidationLoss: Double?

  /// - Parameter onEvent: called on every rank at the same places; must not communicate. An error that
  ///   it throws on one rank ends the job.
  package init(_ parts: Parts, onEvent: @escaping (TrainingEvent) throws -> Void) {
    precondition(!parts.stages.isEmpty, "a training needs a stage")
    self.parts = parts
    self.onEvent = onEvent
    saver = CheckpointSaver(parts: parts)
    let isStopRequested = parts.isStopRequested
    parts.group.isStopRequested = { [weak self] in
      isStopRequested() || (self?.run?.isInTrouble ?? false)
    }
  }

  package var totalSteps: Int { parts.stages.reduce(0) { $0 + $1.settings.steps } }
  /// Bytes of the recorded tape's values on this rank.
  package var tapeBytes: Int { run?.memoryBytes ?? 0 }

  /// Goes on from a verified checkpoint. Call before ``train()``. Collective.
  ///
  /// - Throws: `RemoteError`, the same on all ranks.
  package func restore(from reader: borrowing CheckpointReader) throws {
    try parts.group.agreed {
      state = try TrainingState(from: reader)
      guard state.stage < parts.stages.count else {
        throw CheckpointError(
          "\(reader.path): expected one of \(parts.stages.count) stages, got stage \(state.stage)",
          exitCode: 65)
      }
      try saver.restore(state, from: reader)
      try parts.model.restore(from: reader)
    }
    let run = try makeRun()
    try parts.group.agreed { try run.optimizerState.restore(from: reader) }
    self.run = run
  }

  /// Runs to the end or to a requested stop, and leaves a committed checkpoint either way.
  package func train() throws -> TrainingOutcome {
    if state.isFinished { return .finished }
    while true {
      let (stage, settings) = parts.stages[state.stage]
      try onEvent(.stageBegan(name: stage.name, index: state.stage, steps: settings.steps))
      if run == nil { run = try makeRun() }
      if state.preparedStages <= state.stage {
        try stage.prepare(context)
        state.preparedStages = state.stage + 1
        if try stopsHere() { return try stop() }
      }
      while state.stepInStage < settings.steps, !state.stageIsOver {
        if try stopsHere() { return try stop() }
        try step(stage, settings)
        if try stopsHere() { return try stop() }
        try saveIfDue()
      }
      try finish(stage, settings)
      try onEvent(.stageEnded(name: stage.name, step: state.step, early: state.stageIsOver))
      if state.stage == parts.stages.count - 1 { break }
      state.stage += 1
      state.stepInStage = 0
      state.bestLoss = .infinity
      state.validationsSinceBest = 0
      state.stageIsOver = false
      lastValidationLoss = nil
      run = nil
    }
    state.isFinished = true
    try save()
    return .finished
  }

  // MARK: - Steps

  private func step(_ stage: any Stage, _ settings: StageSettings) throws {
    guard let run else { preconditionFailure("a stage runs before it steps") }
    parts.group.step = state.step
    let learningRate = run.learningRate(state.stepInStage)
    let epoch = run.epoch(ofStep: state.stepInStage)
    try run.step(state)
    state.step += 1
    state.stepInStage += 1
    let validation = isValidationDue(settings, run) ? try validate(settings, run) : nil
    try onEvent(
      .step(
        StepReport(
          step: state.step, totalSteps: totalSteps, stage: stage.name, stageIndex: state.stage,
          stepInStage: state.stepInStage, stageSteps: settings.steps, epoch: epoch,
          loss: run.loss, learningRate: learningRate, gradientNorm: run.gradientNorm,
          validationLoss: validation,
          endsStage: state.stepInStage == settings.steps || state.stageIsOver)))
  }

  private func isValidationDue(_ settings: StageSettings, _ run: StageRun) -> Bool {
    guard parts.validation.count > 0 else { return false }
    if state.stepInStage == settings.steps { return true }
    let every = parts.validationEveryEpochs * run.stepsPerEpoch
    return every > 0 && state.stepInStage % every == 0
  }

  /// The validation loss with the weights that would be used now, and what follows from it.
  private func validate(_ settings: StageSettings, _ run: StageRun) throws -> Double {
    let loss = try validationLoss(run)
    guard loss.isFinite else {
      throw NonFiniteError(
        step: state.step, stage: run.stage.name, layer: "the validation loss", operation: "sum",
        rows: [])
    }
    lastValidationLoss = loss
    if loss < state.bestLoss - settings.minimumImprovement {
      state.bestLoss = loss
      state.validationsSinceBest = 0
      keepBest(run)
    } else {
      state.validationsSinceBest += 1
      if settings.patience > 0, state.validationsSinceBest >= settings.patience {
        state.stageIsOver = true
      }
    }
    return loss
  }

  private var pass: (stage: Int, pass: ShardPass, parameters: ParameterBuffer<Float>)?

  private func validationLoss(_ run: StageRun) throws -> Double {
    let pass: ShardPass
    let buffer: ParameterBuffer<Float>
    if let known = self.pass, known.stage == state.stage {
      (pass, buffer) = (known.pass, known.parameters)
    } else {
      buffer =
        run.optimizerState.average == nil
        ? parts.parameters : ParameterBuffer(count: parts.layout.count)
      pass = ShardPass(
        source: parts.validation, count: parts.validation.count, shardRows: context.shardRows,
        group: parts.group, seed: parts.seed)
      pass.record(parameters: buffer, length: 1) { batch, tape in
        let recording = run.stage.record(batch, on: tape)
        return (recording.loss, recording.fill)
      }
      self.pass = (state.stage, pass, buffer)
    }
    if run.optimizerState.average != nil {
      buffer.copy(from: parts.parameters)
      try gather(run.optimizerState.average!, run, into: buffer)
    }
    return try pass.sums()[0] / Double(parts.validation.count)
  }

  /// Own slice of the weights that validation used.
  private func keepBest(_ run: StageRun) {
    guard let best = run.optimizerState.best else { return }
    let range = run.optimizerState.parameterRange
    let owned = run.optimizerState.owned
    let source =
      run.optimizerState.average?.pointer
      ?? parts.parameters.pointer + range.lowerBound + owned.lowerBound
    best.pointer.update(from: source, count: owned.count)
  }

  /// The end of a stage: the best weights, else the averaged ones, become the parameters.
  private func finish(_ stage: any Stage, _ settings: StageSettings) throws {
    guard let run else { preconditionFailure("a stage runs before it ends") }
    let state = run.optimizerState
    if let best = state.best, self.state.bestLoss < .infinity {
      try gather(best, run, into: parts.parameters)
    } else if stage.restoresBest, let average = state.average, self.state.stepInStage > 0 {
      try gather(average, run, into: parts.parameters)
    }
  }

  /// All ranks' slices of a stage's array, into the stage's range of a whole buffer.
  private func gather(
    _ slice: ParameterBuffer<Float>, _ run: StageRun, into buffer: ParameterBuffer<Float>
  ) throws {
    let range = run.optimizerState.parameterRange
    let owned = run.optimizerState.owned
    // Slices are those of [parameters | loss | statistics], so the gather has that length.
    let count = range.count + 1 + run.stage.statisticsCount
    let whole = ParameterBuffer<Float>(count: count)
    (whole.pointer + owned.lowerBound).update(from: slice.pointer, count: owned.count)
    try parts.group.gatherSlices(whole.pointer, count: count)
    (buffer.pointer + range.lowerBound).update(from: whole.pointer, count: range.count)
  }

  // MARK: - Stopping and saving

  private func stopsHere() throws -> Bool {
    if parts.group.size == 1, parts.isStopRequested() { return true }
    if let stopAfter = parts.stopAfter, state.step >= stopAfter { return true }
    return parts.group.isStopAgreed
  }

  private func stop() throws -> TrainingOutcome {
    try save()
    return .stopped
  }

  private func saveIfDue() throws {
    if try saver.isDue(step: state.step) { try save() }
  }

  private func save() throws {
    guard let run else { preconditionFailure("a stage runs before it is saved") }
    try onEvent(.saving(step: state.step))
    guard let saved = try saver.save(state, run, validationLoss: lastValidationLoss) else { return }
    try onEvent(.saved(step: state.step, path: saved.path, seconds: saved.seconds))
  }

  private var context: StageContext {
    StageContext(
      group: parts.group, parameters: parts.parameters, train: parts.train, seed: parts.seed,
      shardRows: BatchPlan(
        count: parts.train.count, globalBatchSize: parts.globalBatchSize,
        shards: parts.group.tree.shards, seed: parts.seed
      ).shardRows)
  }

  private func makeRun() throws -> StageRun {
    let (stage, settings) = parts.stages[state.stage]
    return try StageRun(
      stage: stage, settings: settings, group: parts.group, parameters: parts.parameters,
      layout: parts.layout, source: parts.train, noise: parts.noise,
      plan: BatchPlan(
        count: parts.train.count, globalBatchSize: parts.globalBatchSize,
        shards: parts.group.tree.shards, seed: parts.seed),
      seed: parts.seed, keepsBest: stage.restoresBest && parts.validation.count > 0)
  }
}
