/// When a training saves and what it keeps.
package struct CheckpointPolicy: Sendable, Equatable {
  /// Steps between two checkpoints; 0 saves only at the end and on a stop.
  package var everySteps: Int
  /// Seconds between two checkpoints by the root's clock; 0 for none.
  package var everySeconds: Double
  /// Newest checkpoints that are kept.
  package var keepLast: Int
  /// Keeps the checkpoint with the lowest validation loss as well.
  package var keepsBest: Bool

  package init(
    everySteps: Int = 500, everySeconds: Double = 300, keepLast: Int = 3, keepsBest: Bool = true
  ) {
    self.everySteps = everySteps
    self.everySeconds = everySeconds
    self.keepLast = keepLast
    self.keepsBest = keepsBest
  }
}

/// What a training tells about itself; every rank gets the same, only root should speak.
package enum TrainingEvent: Sendable {
  /// A stage starts or goes on.
  case stageBegan(name: String, index: Int, steps: Int)
  /// A step is done.
  case step(StepReport)
  /// A checkpoint is about to be written.
  case saving(step: Int)
  /// A checkpoint is committed.
  case saved(step: Int, path: String, seconds: Double)
  /// A stage is over.
  case stageEnded(name: String, step: Int, early: Bool)
  /// Charts that are fitted apart: one more is done.
  case chartsProgressed(ChartsProgress)
  /// A chart did not go the usual way.
  case chartReported(ChartResult)
  /// All charts of a round are done.
  case roundEnded(ChartRound)
}

/// The numbers of one step.
package struct StepReport: Sendable {
  /// Steps of the whole run that are done, this one included.
  package let step: Int
  package let totalSteps: Int
  package let stage: String
  package let stageIndex: Int
  package let stepInStage: Int
  package let stageSteps: Int
  /// Passes over the training rows in this stage, counted from 0.
  package let epoch: Int
  package let loss: Double
  package let learningRate: Double
  /// Present where gradients are clipped.
  package let gradientNorm: Double?
  /// Present where a validation followed the step.
  package let validationLoss: Double?
  /// The last step of its stage.
  package let endsStage: Bool
}

/// How a training ended.
package enum TrainingOutcome: Sendable, Equatable {
  case finished
  /// On request, with a committed checkpoint.
  case stopped
}
