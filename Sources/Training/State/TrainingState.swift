import Checkpoints
import HDF5

/// Where a training stands: all counters that decide what happens next.
///
/// With the parameters, the moments and the model's own arrays this is the whole state; there is no
/// generator state, because every random number is keyed by these counters.
package struct TrainingState: Sendable, Equatable {
  /// Optimizer steps done in the whole run.
  package var step = 0
  /// The stage that is under way.
  package var stage = 0
  /// Steps done in it.
  package var stepInStage = 0
  /// Stages that have been prepared.
  package var preparedStages = 0
  /// Lowest validation loss of the stage, and validations since.
  package var bestLoss = Double.infinity
  package var validationsSinceBest = 0
  /// The stage ended early and only its end is left to do.
  package var stageIsOver = false
  /// All stages are over and the parameters are the result.
  package var isFinished = false

  package init() {}

  private static let folder = "/training"

  /// The counters as arrays of a checkpoint.
  func arrays() -> [ReplicatedArray] {
    let integers: [(String, Int)] = [
      ("step", step), ("stage", stage), ("step-in-stage", stepInStage),
      ("prepared-stages", preparedStages), ("validations-since-best", validationsSinceBest),
      ("stage-is-over", stageIsOver ? 1 : 0),
      ("is-finished", isFinished ? 1 : 0),
    ]
    return integers.map {
      ReplicatedArray(path: "\(Self.folder)/\($0.0)", shape: [], elements: [Int64($0.1)])
    } + [ReplicatedArray(path: "\(Self.folder)/best-loss", shape: [], elements: [bestLoss])]
  }

  /// Reads the counters. Not collective.
  init(from reader: borrowing CheckpointReader) throws {
    step = Int(try reader.scalar("\(Self.folder)/step", as: Int64.self))
    stage = Int(try reader.scalar("\(Self.folder)/stage", as: Int64.self))
    stepInStage = Int(try reader.scalar("\(Self.folder)/step-in-stage", as: Int64.self))
    preparedStages = Int(try reader.scalar("\(Self.folder)/prepared-stages", as: Int64.self))
    validationsSinceBest = Int(
      try reader.scalar("\(Self.folder)/validations-since-best", as: Int64.self))
    stageIsOver = try reader.scalar("\(Self.folder)/stage-is-over", as: Int64.self) != 0
    isFinished = try reader.scalar("\(Self.folder)/is-finished", as: Int64.self) != 0
    bestLoss = try reader.scalar("\(Self.folder)/best-loss", as: Double.self)
  }
}

/// What a model keeps besides its parameters: codes, counts, standardisation.
package protocol ModelState: AnyObject {
  /// The arrays, alike on all ranks, below `/model`.
  func arrays() -> [ReplicatedArray]
  /// Reads them back. Not collective.
  func restore(from reader: borrowing CheckpointReader) throws
}
