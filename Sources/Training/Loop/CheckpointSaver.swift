import Checkpoints
import Distributed
import Foundation
import Kernels
import MPI
import Tensors

/// Decides when to save, puts a checkpoint together, and keeps the right ones.
struct CheckpointSaver {
  private let parts: Trainer.Parts
  private let writer: CheckpointWriter
  /// Step of the last checkpoint, and whether it was the finished run's.
  private var lastSaved: (step: Int, isFinished: Bool) = (-1, false)
  private var lastTime = ContinuousClock.now
  /// The checkpoint with the lowest validation loss of the latest stage: losses of two stages are not
  /// of one kind.
  private var best: BestCheckpoint?

  init(parts: Trainer.Parts) {
    self.parts = parts
    writer = CheckpointWriter(folder: parts.folder, group: parts.group)
  }

  mutating func note(saved state: TrainingState) { lastSaved = (state.step, state.isFinished) }

  /// Goes on from a checkpoint. Not collective.
  mutating func restore(_ state: TrainingState, from reader: borrowing CheckpointReader) throws {
    note(saved: state)
    best = try BestCheckpoint(from: reader)
    try restoreParameters(from: reader)
  }

  /// Whether a checkpoint is due after a step. Collective at every 16th step where time counts.
  mutating func isDue(step: Int) throws -> Bool {
    if parts.policy.everySteps > 0, step % parts.policy.everySteps == 0 { return true }
    guard parts.policy.everySeconds > 0, step % 16 == 0 else { return false }
    // Root's clock decides for all.
    let elapsed = ContinuousClock.now - lastTime
    var decision: [UInt8] = [elapsed > .seconds(parts.policy.everySeconds) ? 1 : 0]
    try parts.group.broadcast(&decision)
    return decision[0] == 1
  }

  /// Commits a checkpoint of the state unless it has one. Collective.
  ///
  /// - Returns: where it is and what it took; nil if the step was saved before.
  mutating func save(_ state: TrainingState, _ run: StageRun, validationLoss: Double?) throws -> (
    path: String, seconds: Double
  )? {
    guard (state.step, state.isFinished) != lastSaved else { return nil }
    let start = ContinuousClock.now
    let owned = SliceLayout(count: parts.layout.count, ranks: parts.group.size)[parts.group.rank]
    try requireFinite(state, run)
    var content = CheckpointContent(
      step: state.step, shards: parts.group.tree.shards, blasCore: parts.blasCore,
      parameterCount: parts.layout.count)
    content.distributed =
      [
        DistributedArray(
          group: "/parameters", layout: flatLayout, owned: owned,
          elements: UnsafeBufferPointer(
            start: parts.parameters.pointer + owned.lowerBound, count: owned.count))
      ] + run.optimizerState.distributedArrays()
    content.replicated = state.arrays() + parts.model.arrays()
    if let validationLoss, best.map({ $0.stage < state.stage || validationLoss < $0.loss }) ?? true
    {
      best = BestCheckpoint(stage: state.stage, step: state.step, loss: validationLoss)
    }
    content.texts = parts.texts() + (best.map { [$0.text] } ?? [])
    try parts.watchdog.guarding("write checkpoint step \(state.step)") {
      _ = try writer.commit(content)
    }
    try parts.folder.retain(
      keepLast: parts.policy.keepLast,
      keeping: parts.policy.keepsBest ? best.map { [$0.step] } ?? [] : [],
      committedStep: state.step, on: parts.group)
    note(saved: state)
    lastTime = .now
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    return (parts.folder.path(step: state.step), seconds)
  }

  // MARK: - Parameters

  /// All ranks read all parameters. Not collective.
  private func restoreParameters(from reader: borrowing CheckpointReader) throws {
    try reader.requireLayout(
      flatLayout.map {
        ArraySpecification(path: "/parameters/\($0.name)", shape: $0.shape, type: .float32)
      }, in: ["/parameters"])
    try reader.read(
      group: "/parameters", layout: flatLayout, range: 0..<parts.layout.count,
      into: UnsafeMutableBufferPointer(
        start: parts.parameters.pointer, count: parts.layout.count))
  }

  private var flatLayout: [FlatArray] {
    parts.layout.entries.map { FlatArray(name: $0.path, shape: $0.shape, offset: $0.offset) }
  }

  /// No checkpoint is made of a broken state. Collective.
  private func requireFinite(_ state: TrainingState, _ run: StageRun) throws {
    try parts.group.agreed {
      let kernels = Float.kernels
      let moments = run.optimizerState
      let buffers = [parts.parameters, moments.firstMoment, moments.secondMoment]
      for buffer in buffers where !kernels.squaredNorm(buffer.count, buffer.pointer).isFinite {
        guard (0..<buffer.count).contains(where: { !buffer.pointer[$0].isFinite }) else { continue }
        throw NonFiniteError(
          step: state.step, stage: run.stage.name, layer: "the optimizer's update",
          operation: "save", rows: [])
      }
    }
  }
}
