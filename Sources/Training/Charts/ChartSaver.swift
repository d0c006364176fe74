import Checkpoints
import Distributed
import Kernels
import Tensors

/// Checkpoints of a training of charts, in the layout of every other one.
///
/// `/parameters` is always a whole atlas: that of the last finished round. What charts of the round under
/// way have become lies beside it in `/fitted`, until all are done, and the atlas with the lowest validation
/// loss so far in `/best`.
struct ChartSaver {
  private let parts: ChartTraining.Parts
  private let writer: CheckpointWriter
  private var lastSaved: (step: Int, round: Int, isFinished: Bool) = (-1, -1, false)
  private var bestCheckpoint: BestCheckpoint?
  private(set) var lastTime = ContinuousClock.now

  init(parts: ChartTraining.Parts) {
    self.parts = parts
    writer = CheckpointWriter(folder: parts.folder, group: parts.group)
  }

  private var layout: ParameterLayout { parts.model.layout }
  private var flatLayout: [FlatArray] {
    layout.entries.map { FlatArray(name: $0.path, shape: $0.shape, offset: $0.offset) }
  }

  /// Whether this very state is on the disk.
  func isSaved(_ state: ChartTrainingState) -> Bool {
    (state.counters.step, state.round, state.counters.isFinished) == lastSaved
  }

  /// Commits a checkpoint. Collective.
  ///
  /// - Returns: what it took, in seconds.
  mutating func save(
    _ state: ChartTrainingState, fitted: ParameterBuffer<Float>, best: ParameterBuffer<Float>,
    validationLoss: Double?
  ) throws -> (path: String, seconds: Double) {
    let start = ContinuousClock.now
    let counters = state.counters
    let owned = SliceLayout(count: layout.count, ranks: parts.group.size)[parts.group.rank]
    func array(_ group: String, _ buffer: ParameterBuffer<Float>) -> DistributedArray {
      DistributedArray(
        group: group, layout: flatLayout, owned: owned,
        elements: UnsafeBufferPointer(start: buffer.pointer + owned.lowerBound, count: owned.count))
    }
    var content = CheckpointContent(
      step: counters.step, shards: parts.group.tree.shards, blasCore: parts.blasCore,
      parameterCount: layout.count)
    content.distributed = [array("/parameters", parts.parameters)]
    if state.isMidRound { content.distributed.append(array("/fitted", fitted)) }
    if !state.bestWeights.isEmpty { content.distributed.append(array("/best", best)) }
    content.replicated = state.arrays() + parts.model.arrays()
    if let validationLoss, validationLoss < bestCheckpoint?.loss ?? .infinity {
      bestCheckpoint = BestCheckpoint(stage: 0, step: counters.step, loss: validationLoss)
    }
    content.texts = parts.texts() + (bestCheckpoint.map { [$0.text] } ?? [])
    try parts.watchdog.guarding("write checkpoint step \(counters.step)") {
      _ = try writer.commit(content)
    }
    try parts.folder.retain(
      keepLast: parts.policy.keepLast,
      keeping: parts.policy.keepsBest ? bestCheckpoint.map { [$0.step] } ?? [] : [],
      committedStep: counters.step, on: parts.group)
    lastSaved = (counters.step, state.round, counters.isFinished)
    lastTime = .now
    return (parts.folder.path(step: counters.step), (ContinuousClock.now - start) / .seconds(1))
  }

  /// Goes on from a verified checkpoint. Not collective.
  mutating func restore(
    into fitted: ParameterBuffer<Float>, best: ParameterBuffer<Float>,
    from reader: borrowing CheckpointReader
  ) throws -> ChartTrainingState {
    let state = try ChartTrainingState(from: reader, charts: parts.model.chartCount)
    bestCheckpoint = try BestCheckpoint(from: reader)
    try read("/parameters", into: parts.parameters, from: reader)
    fitted.copy(from: parts.parameters)
    if state.isMidRound { try read("/fitted", into: fitted, from: reader) }
    if !state.bestWeights.isEmpty { try read("/best", into: best, from: reader) }
    lastSaved = (state.counters.step, state.round, state.counters.isFinished)
    return state
  }

  private func read(
    _ group: String, into buffer: ParameterBuffer<Float>, from reader: borrowing CheckpointReader
  ) throws {
    try reader.requireLayout(
      flatLayout.map {
        ArraySpecification(path: "\(group)/\($0.name)", shape: $0.shape, type: .float32)
      }, in: [group])
    try reader.read(
      group: group, layout: flatLayout, range: 0..<buffer.count,
      into: UnsafeMutableBufferPointer(start: buffer.pointer, count: buffer.count))
  }
}
