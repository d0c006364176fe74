/// How the charts of an atlas come by their densities.
package enum ChartFitKind: String, ConfigurationChoice {
  /// One conditional flow for all charts.
  case amortized
  /// A flow for each chart, fitted by itself.
  case independent

  static let documentation = """
    amortized: one conditional flow for all charts, which are cells around the codes of an encoder. \
    independent: a flow for each chart, without shared weights, fitted apart from the others; charts \
    start as the components of a Gaussian mixture (embedding sphere: of Gaussians on tangent planes), \
    and no encoder, codebook, neighbours, overlap or objective is used.
    """
}

/// The fit of charts that share nothing, in rounds of generalised expectation and maximisation.
package struct ChartFitConfiguration: ConfigurationSection {
  package var rounds = 3
  package var startIterations = 100
  package var startRegularisation = 1e-6
  package var stage = StageConfiguration(epochs: 60, learningRate: 2e-3)

  package init() {}

  package mutating func describe(to visitor: inout some ConfigurationVisitor) {
    visitor.key(
      "rounds", &rounds, .within(0...10_000),
      """
      Rounds of the fit: each assigns the training points to the charts by their densities, then \
      trains each chart on its points. 0 leaves the Gaussian mixture. The keys from epochs on are \
      those of one chart in one round; an epoch is a pass over the chart's own points.
      """)
    visitor.key(
      "startIterations", &startIterations, .within(1...100_000),
      "Most iterations of the Gaussian mixture that the charts start from.")
    visitor.key(
      "startRegularisation", &startRegularisation, .above(0),
      "Part of the points' mean variance that is added to each variance of this mixture.")
    stage.describe(to: &visitor)
  }

  package func check(_ demands: inout ConfigurationDemands) {
    stage.check(&demands)
    demands.require(
      stage.earlyStopping.patienceEpochs == 0, at: "earlyStopping.patienceEpochs",
      expected: "0, because a chart by itself has no validation points",
      got: "\(stage.earlyStopping.patienceEpochs)")
  }
}
