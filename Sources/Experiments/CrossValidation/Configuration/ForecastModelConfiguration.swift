import Operators

/// One model of a cross-validation: what it is, how large, and where its training differs.
package struct ForecastModelConfiguration: NamedSection {
  package var name: String
  package var kind: ForecastModelKind?
  package var residual = ForecastResidual.none
  package var width: Int?
  package var depth: Int?
  package var modes: Int?
  package var solver: ForecastSolver?
  package var gradient: ForecastGradient?
  package var tolerance: Double?
  package var training = ModelTrainingConfiguration()

  package init() { self.init(name: "model") }

  package init(name: String) {
    self.name = name
    kind = ForecastModelKind(rawValue: name)
  }

  init(name: String, kind: ForecastModelKind, residual: ForecastResidual) {
    (self.name, self.kind, self.residual) = (name, kind, residual)
  }

  package mutating func describe(to visitor: inout some ConfigurationVisitor) {
    visitor.key("kind", &kind, ForecastModelKind.documentation)
    visitor.key(
      "residual", &residual,
      """
      none: the model forecasts the shares themselves. slope: it forecasts what the slope of the last week \
      gets wrong. increments: the same, seeing differences from the last day in units of the last week's \
      rise, and answering in them.
      """)
    visitor.key(
      "width", &width, .orNull(.within(1...65_536)),
      "Channels, or hidden units; of a transformer a multiple of 4. null takes the kind's own.")
    visitor.key(
      "depth", &depth, .orNull(.within(1...64)),
      "Layers, or blocks. null takes the kind's own.")
    visitor.key(
      "modes", &modes, .orNull(.within(1...64)),
      "Fourier modes that are kept. null takes the kind's own.")
    visitor.key("solver", &solver, ForecastSolver.documentation)
    visitor.key("gradient", &gradient, ForecastGradient.documentation)
    visitor.key(
      "tolerance", &tolerance, .orNull(.above(0)),
      """
      Of dopri5: error of a step of z, as a share of 1 + |z|, where four attempts a day suffice; the last \
      takes what is left of the day. null is 0.001.
      """)
    visitor.section("training", &training, "Where it differs from the section training.")
  }

  package func check(_ demands: inout ConfigurationDemands) {
    let letters = name.unicodeScalars.allSatisfy {
      ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
        || "-+_".unicodeScalars.contains($0)
    }
    demands.require(
      letters && !name.isEmpty, at: "", expected: "a name of letters, digits and - + _",
      got: "\"\(name)\"")
    demands.require(
      kind != nil, at: "kind",
      expected: "\(ForecastModelKind.expectation), because \(name) is none of them", got: "null")
    guard let kind else { return }
    demands.require(
      kind != .transformer || (width ?? 4).isMultiple(of: 4), at: "width",
      expected: "a multiple of 4, the heads of a transformer", got: "\(width ?? 0)")
    checkSolver(kind, &demands)
    demands.require(
      kind != .padeDaily || residual == .none, at: "residual",
      expected: "none, because pade-daily forecasts changes from the day before",
      got: residual.rawValue)
    let largest = PlaneMultiwaveletForecast.largestModes
    demands.require(
      kind != .mwtPlane || (modes ?? 1) <= largest, at: "modes",
      expected: "at most \(largest), all modes of the finest level of mwt-plane",
      got: "\(modes ?? 0)")
    for (key, value) in [("width", width), ("depth", depth), ("modes", modes)] {
      demands.require(
        value == nil || kind.sizes.contains(key), at: key,
        expected: "null, because the kind \(kind.rawValue) has no \(key)", got: "\(value ?? 0)")
    }
  }
}

/// What a model forecasts.
package enum ForecastResidual: String, ConfigurationChoice {
  case none, slope, increments
}

/// How a fold is trained.
package struct ForecastTrainingConfiguration: ConfigurationSection {
  package var globalBatchSize = 32
  package var loss = ForecastLoss.relative
  package var stage = StageConfiguration(epochs: 20, learningRate: 2e-3)

  package init() {}

  package mutating func describe(to visitor: inout some ConfigurationVisitor) {
    visitor.key(
      "globalBatchSize", &globalBatchSize, .within(1...65_536),
      "Windows in one optimizer step, over all ranks of a fold together. A multiple of shards.")
    visitor.key("loss", &loss, ForecastLoss.documentation)
    stage.describe(to: &visitor)
  }

  package func check(_ demands: inout ConfigurationDemands) {
    stage.check(&demands)
    demands.require(
      stage.earlyStopping.patienceEpochs == 0, at: "earlyStopping.patienceEpochs",
      expected: "0, because a fold keeps no windows for validation",
      got: "\(stage.earlyStopping.patienceEpochs)")
  }
}

/// Where the training of one model differs.
package struct ModelTrainingConfiguration: ConfigurationSection {
  package var epochs: Int?
  package var learningRate: Double?
  package var weightDecay: Double?
  package var gradientClipNorm: Double?
  package var loss: ForecastLoss?
  package var globalBatchSize: Int?

  package init() {}

  package mutating func describe(to visitor: inout some ConfigurationVisitor) {
    visitor.key(
      "epochs", &epochs, .orNull(.within(0...1_000_000)), "Passes over the training windows.")
    visitor.key("learningRate", &learningRate, .orNull(.above(0)), "Highest step size.")
    visitor.key(
      "weightDecay", &weightDecay, .orNull(.atLeast(0)),
      "Pull of the weights to zero; more than 0 takes the optimizer adamw.")
    visitor.key(
      "gradientClipNorm", &gradientClipNorm, .orNull(.atLeast(0)), "Longest gradient.")
    visitor.key("loss", &loss, "The loss.")
    visitor.key(
      "globalBatchSize", &globalBatchSize, .orNull(.within(1...65_536)),
      "Windows in one optimizer step. A multiple of shards.")
  }
}

extension ForecastTrainingConfiguration {
  /// The training of one model.
  func adapted(to model: ModelTrainingConfiguration) -> ForecastTrainingConfiguration {
    var result = self
    if let epochs = model.epochs { (result.stage.epochs, result.stage.steps) = (epochs, nil) }
    if let rate = model.learningRate { result.stage.learningRate = rate }
    if let decay = model.weightDecay {
      result.stage.weightDecay = decay
      if decay > 0 { result.stage.optimizer = .adamw }
    }
    if let norm = model.gradientClipNorm { result.stage.gradientClipNorm = norm }
    if let loss = model.loss { result.loss = loss }
    if let size = model.globalBatchSize { result.globalBatchSize = size }
    return result
  }
}
