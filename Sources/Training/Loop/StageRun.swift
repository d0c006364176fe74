import Datasets
import Distributed
import Kernels
import Tensors

/// The recorded step of one stage: tape, sums over the job, optimizer.
///
/// A step is: fill the inputs, replay the tape (each shard's gradient, loss and statistics become leaves
/// that are added up to this rank's sub-trees), send slice p of the partial sums to rank p, finish the
/// tree there, update slice p, gather.
package final class StageRun {
  let stage: any Stage
  let settings: StageSettings
  let optimizerState: OptimizerState
  /// Loss of the last step, and the norm of its gradient where it is needed.
  package private(set) var loss = 0.0
  private(set) var gradientNorm: Double?
  /// Takes the time of the phases of each step, for benchmarks.
  package var clock: PhaseClock?

  private let group: JobGroup
  private let parameters: ParameterBuffer<Float>
  private let source: any RowSource
  private let noise: (any RowNoise)?
  private let plan: BatchPlan
  private let seed: UInt64
  private let tape: Tape<Float>
  private let batch: BatchValues
  private let recording: StageRecording
  /// Partial sums of [gradient | loss | statistics], one a sub-tree, where the other ranks can read
  /// them; the first one also takes the own slice of the sum, then of the updated parameters.
  private let partials: [ParameterBuffer<Float>]
  private let partialPointers: [UnsafePointer<Float>]
  private let norm: GradientNorm
  private let count: Int
  private let slice: Range<Int>
  private var order: KeyedPermutation?
  private var orderEpoch = -1
  private var rows: [Int]
  private var hasRun = false

  /// Records the stage. Collective.
  package init(
    stage: any Stage, settings: StageSettings, group: JobGroup,
    parameters: ParameterBuffer<Float>, layout: ParameterLayout, source: any RowSource,
    noise: (any RowNoise)? = nil, plan: BatchPlan, seed: UInt64, keepsBest: Bool
  ) throws {
    self.stage = stage
    self.settings = settings
    self.group = group
    self.parameters = parameters
    self.source = source
    self.noise = noise
    self.plan = plan
    self.seed = seed
    count = stage.parameterRange.count + 1 + stage.statisticsCount
    slice = SliceLayout(count: count, ranks: group.size)[group.rank]
    optimizerState = OptimizerState(
      parameterRange: stage.parameterRange,
      owned: slice.clamped(to: 0..<stage.parameterRange.count), layout: layout,
      keepsAverage: settings.averageDecay > 0, keepsBest: keepsBest)
    partials = try Self.partials(count: count, on: group)
    let slices = SliceLayout(count: count, ranks: group.size)
    let parameterCount = stage.parameterRange.count
    norm = try GradientNorm(
      count: parameterCount,
      slices: (0..<group.size).map { slices[$0].clamped(to: 0..<parameterCount) })
    partialPointers = partials.map { UnsafePointer($0.pointer) }
    rows = Array(repeating: 0, count: plan.shardRows)
    (tape, batch, recording) = Self.record(
      stage, group: group, parameters: parameters, columns: source.columnCount,
      shardRows: plan.shardRows, keepsEverything: false)
    let first = group.ownShards.first
    tape.sink = ReductionSink(
      partials: partials.map(\.pointer),
      subtrees: group.ownSubtrees.map { $0.first - first..<$0.end - first })
  }

  /// One buffer a sub-tree, side by side in memory that the ranks exchange. Collective.
  private static func partials(
    count: Int, on group: JobGroup
  ) throws -> [ParameterBuffer<Float>] {
    let stride = (count * MemoryLayout<Float>.stride + 63) / 64 * 64
    let memory = try group.makeExchangeMemory(byteCount: stride * group.ownSubtrees.count)
    return group.ownSubtrees.indices.map {
      ParameterBuffer(count: count, at: memory.pointer + $0 * stride, of: memory)
    }
  }

  /// Bytes of memory held by the tape.
  var memoryBytes: Int { tape.memoryBytes }
  /// Epoch that the next step of the stage belongs to.
  func epoch(ofStep step: Int) -> Int { plan.epoch(ofStep: step) }
  var stepsPerEpoch: Int { plan.stepsPerEpoch }

  private static func record(
    _ stage: any Stage, group: JobGroup, parameters: ParameterBuffer<Float>, columns: Int,
    shardRows: Int, keepsEverything: Bool
  ) -> (Tape<Float>, BatchValues, StageRecording) {
    let tape = Tape<Float>(
      shardCount: group.ownShards.count, parameters: parameters, keepsEverything: keepsEverything)
    let batch = BatchValues(
      x: tape.input(shardRows, columns), weight: tape.input(shardRows, 1),
      uniform: tape.input(shardRows, 1))
    let recording = stage.record(batch, on: tape)
    var destination = stage.parameterRange.count
    tape.sumOverShards(recording.loss, at: destination)
    destination += 1
    for value in recording.statistics {
      tape.sumOverShards(value, at: destination)
      destination += tape.shape(of: value).count
    }
    precondition(
      destination == stage.parameterRange.count + 1 + stage.statisticsCount,
      "\(stage.name): statistics have \(destination) elements in all, not what the stage declares")
    tape.backward(recording.loss, parameterRange: stage.parameterRange)
    return (tape, batch, recording)
  }

  // MARK: - A step

  /// One optimizer step. Collective.
  ///
  /// - Throws: ``NonFiniteError`` through the group, the same on all ranks, before anything is updated.
  package func step(_ state: TrainingState) throws {
    clock?.start()
    let failure: (any Error)?
    do {
      try fill(state)
      failure = nil
    } catch { failure = error }
    if let failure { readFailure = failure }
    clock?.mark(.batch)
    runTape()
    clearUntouched()
    let kernels = Float.kernels
    foundNonFinite = partials.contains { !kernels.squaredNorm(count, $0.pointer).isFinite }
    clock?.mark(.backward)
    let exchange = partials[0].pointer
    try group.treeReduce(
      partials: partialPointers, count: count,
      into: exchange + slice.lowerBound)
    if group.isStopAgreed { try settleTrouble(state) }
    clock?.mark(.reduction)
    try update(state, exchange)
    loss = Double(exchange[stage.parameterRange.count])
    stage.absorb(
      statistics: UnsafePointer(exchange + stage.parameterRange.count + 1), step: state.step)
  }

  private func runTape() {
    if !hasRun {
      tape.run()
    } else if let clock {
      tape.replayForward()
      clock.mark(.forward)
      tape.replayBackward()
    } else {
      tape.replay()
    }
    hasRun = true
  }

  /// Whether this rank has met something that all ranks must learn of; rides on the stop flag.
  var isInTrouble: Bool { foundNonFinite || readFailure != nil }
  private(set) var foundNonFinite = false
  private(set) var readFailure: (any Error)?

  /// A stop was agreed: by a signal, or because a rank is in trouble. Collective.
  private func settleTrouble(_ state: TrainingState) throws {
    var error = readFailure
    if error == nil, foundNonFinite { error = try diagnose(state) }
    try group.agree(on: error)
  }

  private func update(_ state: TrainingState, _ exchange: UnsafeMutablePointer<Float>) throws {
    let range = stage.parameterRange
    let owned = optimizerState.owned
    let gradient = UnsafePointer(exchange + owned.lowerBound)
    var scale = 1.0
    gradientNorm = nil
    if settings.gradientClipNorm > 0 {
      let norm = try self.norm.norm(gradient, on: group)
      if norm > settings.gradientClipNorm { scale = settings.gradientClipNorm / norm }
      gradientNorm = norm
    }
    let own = parameters.pointer + range.lowerBound + owned.lowerBound
    optimizerState.update(
      own, gradient: gradient, optimizer: settings.optimizer,
      learningRate: learningRate(state.stepInStage), gradientScale: scale,
      step: state.stepInStage + 1)
    optimizerState.updateAverage(own, decay: settings.averageDecay, step: state.stepInStage + 1)
    clock?.mark(.optimizer)
    guard group.size > 1 else { return }
    try group.gatherSlices(
      head: parameters.pointer + range.lowerBound, headCount: range.count, exchange, count: count)
    clock?.mark(.reduction)
  }

  func learningRate(_ step: Int) -> Double {
    settings.optimizer.learningRate * settings.schedule.factor(step: step, of: settings.steps)
  }

  // MARK: - Inputs

  private func fill(_ state: TrainingState) throws {
    try fill(tape, batch, recording, state)
  }

  private func fill(
    _ tape: Tape<Float>, _ batch: BatchValues, _ recording: StageRecording, _ state: TrainingState
  ) throws {
    let step = state.stepInStage
    // Each stage has epochs of its own; the order depends on the place in the whole run.
    let epoch = plan.epoch(ofStep: step) + (state.step - step) * 4096
    if epoch != orderEpoch {
      order = plan.order(ofEpoch: epoch)
      orderEpoch = epoch
    }
    guard let order else { preconditionFailure("the order of the epoch is made above") }
    let globalCount = plan.rowCount(ofStep: step)
    for (local, shard) in group.ownShards.indices.enumerated() {
      let real = plan.fill(step: step, shard: shard, order: order, rows: &rows)
      try BatchFiller.fill(
        tape, batch, local, rows: rows, realCount: real, weight: 1 / Float(globalCount),
        source: source, seed: seed, step: UInt32(truncatingIfNeeded: state.step))
      noise?.move(tape.pointer(to: batch.x, shard: local), rows: rows, step: state.step)
      recording.fill?(
        local,
        ShardBatch(
          step: state.step, shard: shard, shards: group.tree.shards, rows: rows, realCount: real,
          globalCount: globalCount))
    }
  }

  /// Elements without a leaf keep what the exchange left in them: they must count as zero.
  private func clearUntouched() {
    guard group.size > 1 else { return }
    for range in untouched {
      (partials[0].pointer + range.lowerBound).update(repeating: 0, count: range.count)
    }
  }
  private lazy var untouched = tape.uncoveredDestinations(of: count)

  // MARK: - Trouble

  /// Runs the step again with every value kept and says where the first NaN or infinity appeared.
  private func diagnose(_ state: TrainingState) throws -> NonFiniteError {
    let (tape, batch, recording) = Self.record(
      stage, group: group, parameters: parameters, columns: source.columnCount,
      shardRows: plan.shardRows, keepsEverything: true)
    let scratch = group.ownSubtrees.map { _ in ParameterBuffer<Float>(count: count) }
    let first = group.ownShards.first
    tape.sink = ReductionSink(
      partials: scratch.map(\.pointer),
      subtrees: group.ownSubtrees.map { $0.first - first..<$0.end - first })
    try fill(tape, batch, recording, state)
    // The tape has addresses only; without this the array may die after its last mention.
    withExtendedLifetime(scratch) { tape.run() }
    guard let finding = tape.firstNonFinite() else {
      return NonFiniteError(
        step: state.step + 1, stage: stage.name, layer: "the sum over shards", operation: "add",
        rows: [])
    }
    var samples: [Int] = []
    if finding.rowCount == plan.shardRows, let order {
      let real = plan.fill(
        step: state.stepInStage, shard: first + finding.shard, order: order, rows: &rows)
      samples = finding.rows.filter { $0 < real }.map { source.originalRow(rows[$0]) }
    }
    return NonFiniteError(
      step: state.step + 1, stage: stage.name, layer: finding.scope, operation: finding.operation,
      rows: samples)
  }
}
