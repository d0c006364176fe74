/// How one stage is optimised.
package struct StageSettings: Sendable, Equatable {
  /// Optimizer steps.
  package var steps: Int
  package var optimizer: Optimizer
  package var schedule: Schedule
  /// Largest norm of the job-wide gradient; 0 does not clip.
  package var gradientClipNorm: Double
  /// Validations without improvement after which the stage ends; 0 never ends early.
  package var patience: Int
  /// What counts as an improvement of the validation loss, in its units.
  package var minimumImprovement: Double
  /// Decay of the exponential moving average of the weights; 0 keeps none.
  package var averageDecay: Double

  package init(
    steps: Int, optimizer: Optimizer = Optimizer(), schedule: Schedule = Schedule(),
    gradientClipNorm: Double = 0, patience: Int = 0, minimumImprovement: Double = 0,
    averageDecay: Double = 0
  ) {
    self.steps = steps
    self.optimizer = optimizer
    self.schedule = schedule
    self.gradientClipNorm = gradientClipNorm
    self.patience = patience
    self.minimumImprovement = minimumImprovement
    self.averageDecay = averageDecay
  }
}
