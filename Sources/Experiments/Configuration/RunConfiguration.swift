// Sections on which the trained numbers do not depend: each of their keys may change on resume.

/// When to save and what to keep.
package struct CheckpointConfiguration: ConfigurationSection {
  package var everySteps = 500
  package var everySeconds = 300.0
  package var keepLast = 3
  package var keepBest = true

  package init() {}

  package mutating func describe(to visitor: inout some ConfigurationVisitor) {
    visitor.key(
      "everySteps", &everySteps, .atLeast(0), mayChange: true,
      """
      Optimizer steps between checkpoints. 0 does not count steps. Independent charts are saved after \
      each round and by everySeconds, when the charts that are being fitted are done.
      """)
    visitor.key(
      "everySeconds", &everySeconds, .atLeast(0), mayChange: true,
      "Seconds between checkpoints: the longest work lost to a crash. 0 does not watch the clock.")
    visitor.key(
      "keepLast", &keepLast, .atLeast(1), mayChange: true, "Newest checkpoints that are kept.")
    visitor.key(
      "keepBest", &keepBest, .any, mayChange: true,
      "Also keep the checkpoint with the best validation loss.")
  }
}

/// What is written while training.
package struct LoggingConfiguration: ConfigurationSection {
  package var everySteps = 20

  package init() {}

  package mutating func describe(to visitor: inout some ConfigurationVisitor) {
    visitor.key(
      "everySteps", &everySteps, .atLeast(1), mayChange: true,
      "Optimizer steps between rows of metrics.csv.")
  }
}

/// How ranks watch over each other.
package struct DistributedConfiguration: ConfigurationSection {
  package var deadlineSeconds = 60.0

  package init() {}

  package mutating func describe(to visitor: inout some ConfigurationVisitor) {
    visitor.key(
      "deadlineSeconds", &deadlineSeconds, .within(1.0...86_400.0), mayChange: true,
      "Longest wait for another rank; after it the job says who is missing, and ends.")
  }
}

/// What is measured after training.
package struct EvaluationConfiguration: ConfigurationSection {
  package var samples = 5_000
  package var ceilingSamples = 20_000
  package var mixtureComponents = 32
  package var mixtureIterations = 100
  package var metrics = MetricsConfiguration()
  package var sphere = SphereControlsConfiguration()

  package init() {}

  package mutating func describe(to visitor: inout some ConfigurationVisitor) {
    visitor.key(
      "samples", &samples, .within(1...10_000_000), mayChange: true,
      "Points drawn from the model for the report.")
    visitor.key(
      "ceilingSamples", &ceilingSamples, .within(0...10_000_000), mayChange: true,
      """
      Fresh points for the entropy ceiling, the best log-likelihood that any model can have, where \
      the true density is known. 0 leaves it out.
      """)
    visitor.key(
      "mixtureComponents", &mixtureComponents, .within(0...4_096), mayChange: true,
      "Gaussians in the mixture that stands beside the model as a control. 0 leaves it out.")
    visitor.key(
      "mixtureIterations", &mixtureIterations, .within(1...100_000), mayChange: true,
      "Most iterations of the control's fit (expectation maximisation).")
    visitor.section("metrics", &metrics, "What is measured of samples and charts.")
    visitor.section("sphere", &sphere, "Controls for points of a sphere, such as geographic data.")
  }
}
