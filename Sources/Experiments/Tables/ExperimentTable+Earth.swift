/// Events on the Earth: four tables of latitudes and longitudes, each divided in three ways.
extension ExperimentTable {
  /// - Parameter folder: holds volcano.csv, earthquake.csv, flood.csv and fire.csv.
  static func earth(folder: String) -> ExperimentTable {
    ExperimentTable(
      name: "earth", title: "events on the Earth", measure: .negativeLogLikelihood,
      sets: ["volcano", "earthquake", "flood", "fire"].flatMap { name in
        protocols.map { letter, settings in
          Choice("\(name)-\(letter)", ["data.path=\(folder)/\(name).csv"] + settings)
        }
      },
      models: models, seeds: [1, 2, 3, 4, 5],
      settings: [
        "data.source=csv", "data.geographic=true", "data.validationFraction=0.1",
        "data.testFraction=0.1", "data.standardise=false", "model.embedding.kind=sphere",
        "checkpoints.everySteps=0", "checkpoints.keepLast=1", "logging.everySteps=100",
        "evaluation.metrics.samples=false",
      ])
  }

  /// P: random rows; H: rows of one place stay together; B: rows of one cell do, and nothing is learnt
  /// below a twentieth of a degree.
  private static let protocols = [
    ("P", ["data.grouping=rows"]), ("H", ["data.grouping=places"]),
    ("B", ["data.grouping=cells", "training.noise.floorDegrees=0.05"]),
  ]

  private static let splines = [
    "model.flow.transform=spline", "model.flow.couplings=4", "model.flow.splineBound=4",
  ]
  private static let noise = ["training.noise.kind=neighbour"]
  private static let independent =
    splines + [
      "model.fit=independent", "model.charts=100", "model.flow.hidden=[16]",
      "model.flow.actNorm=false", "training.charts.rounds=3", "training.charts.epochs=40",
    ]
  private static let amortized =
    splines + [
      "model.charts=64", "model.flow.hidden=[64, 64]", "model.embedding.base=sphere",
      "training.autoencoder.epochs=60", "training.flow.epochs=200",
    ]

  private static let models = [
    Choice("charts fitted apart", independent + noise, parent: "one chart"),
    Choice("one conditional flow", amortized + noise, parent: "one chart"),
    Choice("one chart", amortized + noise + ["model.charts=1", "model.neighbours=1"]),
  ]
}
