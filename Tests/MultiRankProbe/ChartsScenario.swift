import Checkpoints
import Datasets
import Distributed
import Experiments
import Flows
import Foundation
import Tensors
import Training

/// Fits independent charts and prints each chart's numbers as a hash; root speaks.
///
/// Arguments: a folder for checkpoints, the number of a chart whose points overflow (−1 for none), how
/// often it does, then settings of the configuration.
func chartsScenario(_ arguments: [String]) throws {
  try JobStart.pinNumerics()
  let (folder, broken) = (arguments[0], Int(arguments[1]) ?? -1)
  let configuration = try Configuration(
    overrides: [
      "data.generator.train=2000", "data.generator.validation=300", "data.generator.test=200",
      "training.globalBatchSize=64", "model.fit=independent", "model.charts=16",
      "model.flow.couplings=2", "model.flow.hidden=[16]", "training.charts.rounds=1",
      "training.charts.epochs=6", "training.charts.learningRate=0.01",
    ] + arguments.dropFirst(2))
  try Probe.run(shards: configuration.shards) { group, _ in
    let data = try DataAssembly(configuration)
    let map = try data.fitStandardisation(configuration, on: group)
    let rows = try data.standardised(data.train, by: map)
    let model = ModelAssembly(
      configuration, columns: data.columnNames.count, standardisation: map)
    let atlas = model.independent!
    let fit = IndependentFit(model, configuration)!
    try fit.start(from: rows, configuration.training.charts, on: group)

    func say(_ text: String) { if group.isRoot { print(text) } }
    let checkpoints = CheckpointFolder(path: folder)
    try checkpoints.prepare(on: group)
    var parts = ChartTraining.Parts(
      group: group, watchdog: Watchdog(rank: group.rank, size: group.size, limitSeconds: 60),
      model: fit, parameters: model.parameters, train: rows,
      validation: try data.standardised(data.validation, by: map),
      rounds: configuration.training.charts.rounds, settings: configuration.chartSettings,
      globalBatchSize: configuration.training.globalBatchSize, policy: CheckpointPolicy(),
      folder: checkpoints, texts: { [] }, blasCore: "none", stopAfter: nil)
    parts.trainingRows = { chart, rows in
      guard chart == broken else { return rows }
      return ChartRows(
        base: OverflowingRows(base: rows.base), indices: rows.indices, weights: rows.weights)
    }
    func logLikelihood() throws -> Double {
      let values = try PointEvaluator(model: model, group: group, seed: 1)
        .logProbabilities(of: data.train)
      return values.reduce(0, +) / Double(values.count)
    }
    say("start \(try logLikelihood())")
    let training = ChartTraining(parts) { event in
      switch event {
      case .chartReported(let result):
        say("reported \(result.chart) \(result.status) \(result.failures.joined(separator: " | "))")
      case .roundEnded(let round):
        say(
          "round \(round.round) \(round.trainLogLikelihood) \(round.validationLogLikelihood ?? .nan)"
        )
        for row in round.rows { say("row \(row.step) \(row.stage) \(row.loss)") }
      default: break
      }
    }
    let outcome = try training.train()
    say("outcome \(outcome)")
    say("end \(try logLikelihood())")
    for (k, chart) in atlas.charts.enumerated() {
      let numbers = chart.parameterRange.map { model.parameters[$0] }
      say("chart \(k) \(Probe.hash(numbers)) weight \(atlas.chartWeights[k])")
    }
  }
}

/// Rows whose squares are out of the range of single precision.
private struct OverflowingRows: RowSource {
  let base: any RowSource

  var count: Int { base.count }
  var columnNames: [String] { base.columnNames }

  func read(rows: [Int], into destination: UnsafeMutablePointer<Double>) throws {
    try base.read(rows: rows, into: destination)
    for i in 0..<rows.count * columnCount { destination[i] *= 1e30 }
  }

  func read(rows: [Int], into destination: UnsafeMutablePointer<Float>) throws {
    try base.read(rows: rows, into: destination)
    for i in 0..<rows.count * columnCount { destination[i] *= 1e30 }
  }
}
