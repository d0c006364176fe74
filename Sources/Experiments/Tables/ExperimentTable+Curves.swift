/// The point sets in space: atlases of flows against their single-chart parents (VQ-Flows, Table 1).
extension ExperimentTable {
  /// Track A: the scales and noises of the public generators.
  static let curvesA = ExperimentTable(
    name: "curves-a", title: "point sets in space, scales of the public generators",
    measure: .logLikelihood, sets: sets, models: models, seeds: [1, 2, 3, 4, 5], settings: shared)

  /// Track B: unit scale and stated noise.
  static let curvesB = ExperimentTable(
    name: "curves-b", title: "point sets in space, unit scale", measure: .logLikelihood,
    sets: sets, models: models, seeds: [1, 2, 3, 4, 5],
    settings: shared)

  private static let sets = [
    "helix", "knotted", "bent-lissajous", "twisted-eight", "interlocked-circles",
    "disjoint-circles",
  ].map { Choice($0, ["data.generator.name=\($0)"]) }

  private static let shared = [
    "training.autoencoder.epochs=60", "training.flow.epochs=200", "checkpoints.everySteps=0",
    "checkpoints.keepLast=1", "logging.everySteps=100",
  ]

  private static let realNVP = ["model.flow.couplings=8", "model.flow.hidden=[64, 64]"]
  private static let maf = [
    "model.flow.kind=maf", "model.flow.blocks=5", "model.flow.hidden=[64, 64]",
    "model.flow.linear=lu",
  ]
  private static let charts = ["model.charts=32", "model.neighbours=2"]
  private static let oneChart = ["model.charts=1", "model.neighbours=1"]

  /// A parent has one chart and as many parameters as its atlas with auto-encoder.
  private static let models = [
    Choice("RealNVP", realNVP + oneChart, sizedAs: "VQ-RealNVP"),
    Choice("VQ-RealNVP", realNVP + charts, parent: "RealNVP"),
    Choice("MAF", maf + oneChart, sizedAs: "VQ-MAF"),
    Choice("VQ-MAF", maf + charts, parent: "MAF"),
  ]
}
