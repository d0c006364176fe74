import Datasets
import Distributed
import Flows
import Foundation
import MPI

/// Opens a run on all ranks and calls `body` with it. Collective.
package func withTrainedRun<Result>(
  _ folder: RunFolder, world: borrowing Communicator,
  _ body: (TrainedRun, JobGroup) throws -> Result
) throws -> Result {
  try JobStart.pinNumerics()
  let configuration = try folder.recordedConfiguration()
  let group = try JobStart.group(world, configuration: configuration)
  return try body(TrainedRun(folder, configuration: configuration, on: group), group)
}

/// `portolan evaluate`. Collective.
///
/// - Returns: what root prints; nil on the others.
package func evaluate(_ options: EvaluateOptions, world: borrowing Communicator) throws
  -> String?
{
  try withTrainedRun(options.run, world: world) { run, group in
    let points = try group.agreed {
      try options.data.map { try run.data.openPoints($0) } ?? run.data.test
    }
    let scores = try Scores(
      run, points: points, isOwnTest: options.data == nil, withControls: true,
      withSamples: true, on: group)
    guard group.isRoot else { return nil }
    return options.json ? try scores.json() : scores.text
  }
}

/// `portolan log-probability`. Collective; root writes the table.
package func logProbability(_ options: LogProbabilityOptions, world: borrowing Communicator) throws
  -> String?
{
  try withTrainedRun(options.run, world: world) { run, group in
    let points = try group.agreed {
      try run.data.openPoints(options.input)
    }
    let evaluator = PointEvaluator(
      model: run.model, group: group, seed: UInt64(run.configuration.seed))
    let densities = try evaluator.logProbabilities(of: points)
    let inferred = try options.inference.map {
      try evaluator.inferences(of: points, mode: $0)
    }
    _ = try group.onRoot {
      var names = run.data.outputNames + ["log_probability"]
      if inferred != nil {
        names += ["chart", "chart_probability"]
        names +=
          run.model.density.chartDimension == run.model.density.dimension
          ? run.data.columnNames.map { "base_\($0)" }
          : (1...run.model.density.chartDimension).map { "base_\($0)" }
      }
      let rows = try run.data.outputCoordinates(of: points)
      let width = run.data.outputNames.count
      var values: [Double] = []
      for row in 0..<points.count {
        values += rows[row * width..<(row + 1) * width]
        values.append(densities[row])
        if let point = inferred?[row] {
          values += [Double(point.chart), point.probability] + point.base
        }
      }
      try TableWriter.write(values, columnNames: names, to: options.output)
    }
    guard group.isRoot else { return nil }
    let score = Likelihood(of: densities)
    return String(
      format: "%d points, mean log-density %.4f ± %.4f nats, written to %@", score.count,
      score.mean, score.standardError, options.output)
  }
}

/// `portolan sample`. Collective; root writes the table.
package func sample(_ options: SampleOptions, world: borrowing Communicator) throws -> String? {
  try withTrainedRun(options.run, world: world) { run, group in
    let seed = UInt64(options.seed ?? run.configuration.seed)
    let drawn = try PointEvaluator(model: run.model, group: group, seed: seed)
      .samples(count: options.count, seed: seed)
    _ = try group.onRoot {
      let coordinates = run.data.outputCoordinates(drawn.points)
      let width = run.data.outputNames.count
      var values: [Double] = []
      for i in 0..<options.count {
        values += coordinates[i * width..<(i + 1) * width] + [Double(drawn.charts[i])]
      }
      try TableWriter.write(
        values, columnNames: run.data.outputNames + ["chart"], to: options.output)
    }
    return group.isRoot
      ? "\(options.count) points of step \(run.step), written to \(options.output)" : nil
  }
}
