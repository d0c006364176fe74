/// The stages of training, in the order in which they run.
package struct TrainingConfiguration: ConfigurationSection {
  package var globalBatchSize = 256
  package var totalSteps: Int?
  package var validationEveryEpochs = 1
  package var autoencoder = StageConfiguration(epochs: 150, learningRate: 2e-3)
  package var embedding = StageConfiguration(epochs: 100, learningRate: 2e-2)
  package var flow = StageConfiguration(epochs: 300, learningRate: 2e-3, averageDecay: 0.995)
  package var noise = NoiseConfiguration()
  package var charts = ChartFitConfiguration()

  package init() {}

  package mutating func describe(to visitor: inout some ConfigurationVisitor) {
    visitor.key(
      "globalBatchSize", &globalBatchSize, .within(1...16_777_216),
      "Points in one optimizer step, over all ranks together. A multiple of shards.")
    visitor.key(
      "totalSteps", &totalSteps, .orNull(.within(1...1_000_000_000)),
      """
      Optimizer steps of all stages together: the stages keep their proportions and their \
      schedules stretch. null takes the stages as they are. Also --steps.
      """)
    visitor.key(
      "validationEveryEpochs", &validationEveryEpochs, .atLeast(1),
      "Epochs between validations.")
    visitor.section(
      "autoencoder", &autoencoder, "First stage: encoder, decoder and codes. Not run for one chart."
    )
    visitor.section(
      "embedding", &embedding,
      "Middle stage: the charts' surfaces. Run for model.embedding.fit sequential alone.")
    visitor.section("flow", &flow, "Last stage: the flow, on charts that no longer move.")
    visitor.section("noise", &noise, "Noise on the training points of all stages.")
    visitor.section(
      "charts", &charts, "In place of both stages where model.fit is independent: a flow a chart.")
  }

  package func check(_ demands: inout ConfigurationDemands) {
    demands.require(
      autoencoder.averageDecay == 0, at: "autoencoder.averageDecay",
      expected: "0, because the codes follow the encoder's own weights, not their average",
      got: "\(autoencoder.averageDecay)")
  }
}

/// One stage: for how long, by which rule, at which rate.
package struct StageConfiguration: ConfigurationSection {
  package enum Optimizer: String, ConfigurationChoice {
    case adam, adamw
  }

  package var epochs = 100
  package var steps: Int?
  package var optimizer = Optimizer.adam
  package var learningRate = 1e-3
  package var weightDecay = 0.0
  package var beta1 = 0.9
  package var beta2 = 0.999
  package var epsilon = 1e-8
  package var schedule = ScheduleConfiguration()
  package var gradientClipNorm = 0.0
  package var earlyStopping = EarlyStoppingConfiguration()
  package var averageDecay = 0.0

  package init() {}

  init(epochs: Int, learningRate: Double, averageDecay: Double = 0) {
    self.epochs = epochs
    self.learningRate = learningRate
    self.averageDecay = averageDecay
  }

  package mutating func describe(to visitor: inout some ConfigurationVisitor) {
    visitor.key("epochs", &epochs, .within(0...1_000_000), "Passes over the training points.")
    visitor.key(
      "steps", &steps, .orNull(.within(0...1_000_000_000)),
      "Optimizer steps of this stage, in place of epochs. null counts epochs.")
    visitor.key("optimizer", &optimizer, "The rule of the update.")
    visitor.key("learningRate", &learningRate, .above(0), "Highest step size of the schedule.")
    visitor.key(
      "weightDecay", &weightDecay, .atLeast(0),
      "Pull of the weights to zero, apart from the gradient. Needs optimizer adamw.")
    visitor.key("beta1", &beta1, .within(0.0..<1.0), "Decay of the mean of the gradient.")
    visitor.key("beta2", &beta2, .within(0.0..<1.0), "Decay of the mean of its square.")
    visitor.key(
      "epsilon", &epsilon, .above(0), "Added to the root of that square before the division.")
    visitor.section("schedule", &schedule, "How the step size changes during the stage.")
    visitor.key(
      "gradientClipNorm", &gradientClipNorm, .atLeast(0),
      "Longest gradient, over all parameters; a longer one is shortened to it. 0 never shortens.")
    visitor.section("earlyStopping", &earlyStopping, "When to end the stage before its time.")
    visitor.key(
      "averageDecay", &averageDecay, .within(0.0..<1.0),
      """
      Decay of a moving average of the weights, which is then what is validated and kept as the \
      result. 0 takes no average.
      """)
  }

  package func check(_ demands: inout ConfigurationDemands) {
    demands.require(
      weightDecay == 0 || optimizer == .adamw, at: "weightDecay",
      expected: "0, because weightDecay needs optimizer adamw", got: "\(weightDecay)")
  }
}

/// The step size over a stage, in parts of the stage, so that it stretches with it.
package struct ScheduleConfiguration: ConfigurationSection {
  package enum Kind: String, ConfigurationChoice {
    case constant, cosine, step
  }

  package var kind = Kind.cosine
  package var warmUpFraction = 0.02
  package var finalFraction = 0.01
  package var stepFractions = [0.6, 0.85]
  package var stepFactor = 0.1

  package init() {}

  package mutating func describe(to visitor: inout some ConfigurationVisitor) {
    visitor.key("kind", &kind, "The shape after warm-up.")
    visitor.key(
      "warmUpFraction", &warmUpFraction, .within(0.0..<1.0),
      "Part of the stage in which the step size rises from zero.")
    visitor.key(
      "finalFraction", &finalFraction, .within(0.0...1.0),
      "cosine ends at this part of learningRate.")
    visitor.key(
      "stepFractions", &stepFractions, .each(.within(0.0...1.0)),
      "step multiplies the step size at each of these parts of the stage, which rise.")
    visitor.key(
      "stepFactor", &stepFactor, .within(0.0...1.0), "The factor of each of these changes.")
  }

  package func check(_ demands: inout ConfigurationDemands) {
    demands.require(
      zip(stepFractions, stepFractions.dropFirst()).allSatisfy(<), at: "stepFractions",
      expected: "numbers that rise", got: stepFractions.yaml)
  }
}

/// Ends a stage that no longer gets better.
package struct EarlyStoppingConfiguration: ConfigurationSection {
  package var patienceEpochs = 0
  package var minimumImprovement = 0.0

  package init() {}

  package mutating func describe(to visitor: inout some ConfigurationVisitor) {
    visitor.key(
      "patienceEpochs", &patienceEpochs, .atLeast(0),
      "Epochs without improvement of the validation loss before the stage ends. 0 never ends it.")
    visitor.key(
      "minimumImprovement", &minimumImprovement, .atLeast(0),
      "A smaller decrease of the loss, in nats, is none.")
  }
}
