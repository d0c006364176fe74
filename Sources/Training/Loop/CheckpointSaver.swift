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
  /// The kept checkpoint with the lowest validation loss of its last stage.
  private var best: (step: Int, stage: Int, loss: Double)?

  init(parts: Trainer.Parts) {
    self.parts = parts
    writer = CheckpointWriter(folder: parts.folder, group: parts.group)
  }

  mutating func note(saved state: TrainingState) { lastSaved = (state.step, state.isFinished) }

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
    content.texts = parts.texts()
    if let validationLoss {
      content.texts.append(Validation(stage: state.stage, loss: validationLoss).text)
    }
    try parts.watchdog.guarding("write checkpoint step \(state.step)") {
      _ = try writer.commit(content)
    }
    if let validationLoss {
      consider(state.step, Validation(stage: state.stage, loss: validationLoss))
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

  // MARK: - The best one

  /// The last validation before a checkpoint. Not part of the state: which checkpoints exist depends on
  /// when a run was stopped.
  private struct Validation {
    static let path = "/provenance/validation"
    var stage: Int
    var loss: Double

    var text: CheckpointText {
      CheckpointText(path: Self.path, text: "\(stage) \(loss)", isState: false)
    }

    init(stage: Int, loss: Double) { (self.stage, self.loss) = (stage, loss) }

    init?(_ text: String) {
      let parts = text.split(separator: " ")
      guard parts.count == 2, let stage = Int(parts[0]), let loss = Double(parts[1]) else {
        return nil
      }
      self.init(stage: stage, loss: loss)
    }
  }

  /// Losses of different stages cannot be compared: a later stage's checkpoint is the better one.
  private mutating func consider(_ step: Int, _ validation: Validation) {
    if let best, (best.stage, -best.loss) >= (validation.stage, -validation.loss) { return }
    best = (step, validation.stage, validation.loss)
  }

  /// Finds the best one among the checkpoints that are there, on root, which alone removes files.
  mutating func findBest(throughStep step: Int) throws {
    guard parts.group.isRoot else { return }
    for file in try parts.folder.files() where file.step <= step {
      // One that does not verify is no candidate, and no reason to stop.
      guard let header = try CheckpointFolder.verified(file.path) else { continue }
      let reader = try CheckpointReader(file.path, verified: header)
      guard reader.contains(Validation.path) else { continue }
      guard let validation = Validation(try reader.text(Validation.path)) else { continue }
      consider(file.step, validation)
    }
  }

  // MARK: - Parameters

  /// All ranks read all parameters. Not collective.
  func restoreParameters(from reader: borrowing CheckpointReader) throws {
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
