import Datasets

/// The point sets in space: atlases of flows against their single-chart parents (VQ-Flows, Table 1).
extension ExperimentTable {
  /// The scales and noises of the public generators.
  static let curvesA = curves(.a, "scales of the public generators")
  /// Unit scale and stated noise.
  static let curvesB = curves(.b, "unit scale")

  private static func curves(_ track: Track, _ title: String) -> ExperimentTable {
    ExperimentTable(
      name: "curves-\(track.rawValue)", title: "point sets in space, \(title)",
      measure: .logLikelihood,
      sets: PointSet.allCases.map { set in
        Choice(
          set.rawValue,
          ["data.generator.name=\(set.rawValue)", "data.generator.track=\(track.rawValue)"]
            + (set.shape == .sphere ? surface : []))
      },
      models: models, seeds: [1, 2, 3, 4, 5],
      settings: [
        "training.autoencoder.epochs=40", "training.flow.epochs=120",
        "evaluation.mixtureComponents=32", "checkpoints.everySteps=0", "checkpoints.keepLast=1",
        "logging.everySteps=100",
      ])
  }

  /// Points on a surface, without noise across it: its own units, and a large weight of the distance.
  private static let surface = [
    "data.standardise=false", "model.embedding.reconstructionWeight=100000",
  ]

  private static let realNVP = ["model.flow.couplings=8", "model.flow.hidden=[64, 64]"]
  private static let maf = [
    "model.flow.kind=maf", "model.flow.blocks=5", "model.flow.hidden=[64, 64]",
    "model.flow.linear=lu",
  ]
  /// A flow on a learnt surface, which is a sphere or a plane for each chart.
  private static let conformal = ["model.embedding.kind=conformal", "model.flow.couplings=8"]
  private static let charts = ["model.charts=32", "model.neighbours=2"]
  private static let oneChart = ["model.charts=1", "model.neighbours=1"]

  /// Sixteen charts, each of a flow of its own that starts as a component of a Gaussian mixture.
  private static let chartsApart = [
    "model.fit=independent", "model.charts=16", "model.flow.actNorm=false",
    "training.charts.rounds=5", "training.charts.epochs=60", "training.charts.optimizer=adamw",
    "training.charts.learningRate=0.002", "training.charts.weightDecay=1.0",
    "training.charts.schedule.kind=cosine", "training.charts.schedule.warmUpFraction=0.02",
    "training.charts.averageDecay=0.99",
  ]
  private static let smallRealNVP = ["model.flow.couplings=4", "model.flow.hidden=[16, 16]"]
  private static let smallMAF = [
    "model.flow.kind=maf", "model.flow.blocks=3", "model.flow.hidden=[32]",
  ]

  /// A parent has one chart and as many parameters as its atlas.
  ///
  /// On a set without noise across a surface, a flow of the whole space has no best density.
  private static var models: [Choice] {
    let surfaces = PointSet.allCases.filter { $0.shape == .sphere }.map(\.rawValue)
    return [
      Choice("RealNVP", realNVP + oneChart, sizedAs: "VQ-RealNVP", leavesOut: surfaces),
      Choice("VQ-RealNVP", smallRealNVP + chartsApart, parent: "RealNVP", leavesOut: surfaces),
      Choice(
        "VQ-RealNVP conditional", realNVP + charts, parent: "RealNVP",
        leavesOut: surfaces),
      Choice("MAF", maf + oneChart, sizedAs: "VQ-MAF", leavesOut: surfaces),
      Choice("VQ-MAF", smallMAF + chartsApart, parent: "MAF", leavesOut: surfaces),
      Choice("CEF", conformal + oneChart, sizedAs: "VQ-CEF"),
      Choice("VQ-CEF", conformal + charts, parent: "CEF"),
    ]
  }
}
