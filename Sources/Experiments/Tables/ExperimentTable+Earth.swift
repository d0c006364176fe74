/// Events on the Earth: four tables of latitudes and longitudes, each divided in three ways.
extension ExperimentTable {
  /// - Parameter folder: holds volcano.csv, earthquake.csv, flood.csv and fire.csv.
  static func earth(folder: String) -> ExperimentTable {
    ExperimentTable(
      name: "earth", title: "events on the Earth", measure: .negativeLogLikelihood,
      sets: [("volcano", 50), ("earthquake", 200), ("flood", 100), ("fire", 200)].flatMap {
        name, charts in
        protocols.map { letter, settings in
          Choice(
            "\(name)-\(letter)",
            ["data.path=\(folder)/\(name).csv", "model.charts=\(charts)"]
              + (name == "fire" ? closePixels : []) + settings)
        }
      },
      models: models, seeds: [1, 2, 3, 4, 5],
      settings: [
        "data.source=csv", "data.geographic=true", "data.validationFraction=0.1",
        "data.testFraction=0.1", "data.standardise=false", "model.embedding.kind=sphere",
        "checkpoints.everySteps=0", "checkpoints.keepLast=1", "logging.everySteps=100",
        "evaluation.metrics.samples=false", "training.noise.kind=neighbour",
        "training.charts.steps=500",
      ])
  }

  /// Satellite pixels of one fire are hundredths of a degree apart.
  private static let closePixels = [
    "training.noise.floorDegrees=0.0005", "evaluation.sphere.floorDegrees=0.0005",
  ]

  /// P: random rows; H: rows of one place stay together; B: rows of one cell of two degrees do, so that
  /// the noise has to reach over cells, and nothing is learnt or scored below a twentieth of a degree.
  private static let protocols = [
    ("P", ["data.grouping=rows"]), ("H", ["data.grouping=places"]),
    (
      "B",
      [
        "data.grouping=cells", "model.charts=50", "training.charts.steps=400",
        "training.noise.factor=1.5", "training.noise.floorDegrees=0.05",
        "evaluation.sphere.floorDegrees=0.05",
      ]
    ),
  ]

  private static let splines = [
    "model.flow.transform=spline", "model.flow.couplings=4", "model.flow.splineBound=4",
  ]
  private static let apart =
    splines + [
      "model.fit=independent", "model.flow.hidden=[16]", "model.flow.actNorm=false",
      "training.globalBatchSize=64", "shards=1", "training.charts.rounds=2",
    ]
  /// Embedding of charts around decoded codes, for one flow that is told the chart.
  private static let conditional =
    splines + [
      "model.flow.hidden=[64, 64]", "model.embedding.base=sphere", "shards=2",
      "training.autoencoder.epochs=60", "training.flow.epochs=150",
    ]

  private static let models = [
    Choice("charts fitted apart", apart, parent: "one chart"),
    Choice(
      "charts apart and kernels", apart + ["model.kernels=true"], parent: "charts fitted apart"),
    Choice("one conditional flow", conditional + ["model.charts=64"], parent: "one chart"),
    Choice("one chart", conditional + ["model.charts=1", "model.neighbours=1"]),
  ]
}
