import ArgumentParser
import Datasets
import Experiments
import Foundation
import Reports

/// `portolan report`
struct ReportCommand: FailingCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Draw a run or a table: scores, samples, charts, maps, forecasts, errors, losses.",
    discussion: """
      Writes one page that needs no network, report/index.html in the run folder. Rows that are unit
      vectors of space are drawn on maps of the sphere. Of a cross-validation: the table, forecasts \
      beside what happened, errors by horizon and by state. Of a table of partial differential \
      equations (`portolan experiment pde`): errors against the resolution and against the number of \
      training pairs, with report/table.md beside the page.

      Example: portolan report runs/helix
      """)

  @Argument(help: "Folder of a run, of a cross-validation or of a table pde or pde-samples.")
  var run: String

  func execute() throws -> ExitStatus {
    let crossValidation = CrossValidationFolder(run)
    if crossValidation.holdsRun {
      return try onAllRanks { world in
        if world.isRoot { print(try CrossValidationReport(crossValidation).write()) }
        return .success
      }
    }
    let folder = RunFolder(run)
    guard folder.holdsRun else {
      return try onAllRanks { world in
        guard world.isRoot else { return .success }
        guard let table = try PairFolder(run) else { throw Self.nothingToReport(run) }
        print(try PairReport(folder: table).write())
        return .success
      }
    }
    return try onAllRanks { world in
      try withTrainedRun(folder, world: world) { run, group in
        let evaluator = PointEvaluator(
          model: run.model, group: group, seed: UInt64(run.configuration.seed))
        let hasTest = run.data.test.count > 0
        let scores =
          hasTest
          ? try Scores(
            run, points: run.data.test, isOwnTest: true, withControls: true, on: group) : nil
        // Without test rows the page shows training rows.
        let source = hasTest ? run.data.test : run.data.train
        let count = min(max(1, run.configuration.evaluation.samples), source.count)
        let samples = try evaluator.samples(
          count: count, seed: UInt64(run.configuration.seed))
        let shown = FirstRows(source, count: count)
        let charts = try evaluator.inferences(of: shown, mode: .mostProbable)
        let sphere =
          try group.agreed { try SphereReport.isSpherical(run) }
          ? try SphereReport.density(run, evaluator: evaluator, pointCount: 3000, on: group) : nil
        _ = try group.onRoot {
          var input = try Self.input(run, scores)
          input.data = try shown.values(rows: Array(0..<count))
          input.samples = samples.points
          input.sphere = sphere
          if run.model.density.chartCount > 1 {
            input.charts = ReportInput.Charts(
              points: input.data, chartIndices: charts.map(\.chart),
              sampleIndices: samples.charts,
              weights: run.model.density.chartWeights)
          }
          print(try ReportBuilder.write(input, runFolder: folder.path))
        }
        return .success
      }
    }
  }

  private static func nothingToReport(_ path: String) -> PortolanFailure {
    PortolanFailure(
      .noInput,
      "\(path) holds no run: it has no configuration.yaml, no cross-validation.yaml and no cell of a "
        + "table of partial differential equations",
      hint: "give the folder that `portolan train`, `cross-validate` or `experiment pde` made as "
        + "--output; other tables are text, but each cell that was trained with --keep-runs has a run, "
        + "SET/MODEL/seed-N/run")
  }

  private static func input(_ run: TrainedRun, _ scores: Scores?) throws -> ReportInput {
    let name =
      run.configuration.data.path.map { URL(fileURLWithPath: $0).lastPathComponent }
      ?? run.configuration.data.generator.name.rawValue
    var input = ReportInput(
      title: "Atlas of \(name)",
      subtitle:
        "\(run.model.density.chartWeights.filter { $0 > 0 }.count) charts in use, \(run.model.density.layout.count) parameters, step \(run.step)"
    )
    func result(_ name: String, _ likelihood: Likelihood, _ note: String) -> ReportInput.Result {
      ReportInput.Result(
        name: name, mean: likelihood.mean, standardError: likelihood.standardError,
        count: likelihood.count, note: note)
    }
    if let scores {
      input.results =
        [
          result(
            "Atlas of \(run.configuration.model.flow.title)", scores.testLogLikelihood,
            scores.reconstruction == nil
              ? "sum over all charts, test points"
              : "per unit of volume of the surface, test points")
        ]
        + scores.controls.map {
          result($0.name, $0.testLogLikelihood, "fitted to the training rows")
        }
    }
    input.ceiling = scores?.entropyCeiling.map {
      result("Entropy ceiling", $0, "no model can be better on average; by quadrature")
    }
    if FileManager.default.fileExists(atPath: run.folder.metrics) {
      input.stages = ReportInput.stages(of: try MetricsTable(path: run.folder.metrics))
      if run.model.independent != nil { input.stages = Self.byRound(input.stages) }
    }
    input.columnNames = run.data.columnNames
    input.facts = [
      .init("checkpoint", run.checkpoint), .init("step", "\(run.step)"),
      .init("shards", "\(run.configuration.shards)"),
      .init("training rows", "\(run.data.train.count)"),
      .init("version", "\(JobStart.version), commit \(BuildInformation.commit)"),
    ]
    if let reconstruction = scores?.reconstruction {
      let distance = reconstruction.meanSquaredDistance.squareRoot()
      input.facts.append(.init("distance from the surface", String(format: "%.3g", distance)))
    }
    input.configuration = run.configuration.resolvedYAML
    return input
  }
}

extension ReportCommand {
  /// The atlas, then all charts in one figure: each has a row a round.
  private static func byRound(_ stages: [ReportInput.Stage]) -> [ReportInput.Stage] {
    let charts = stages.filter { $0.name.hasPrefix("chart ") }
    let curves = charts.flatMap { chart in
      chart.curves.map { ReportInput.Series(name: chart.name, points: $0.points) }
    }
    return stages.filter { !$0.name.hasPrefix("chart ") }
      + (curves.isEmpty ? [] : [ReportInput.Stage(name: "charts", curves: curves)])
  }
}

/// The first rows of a source.
private struct FirstRows: RowSource {
  let base: any RowSource
  let count: Int

  init(_ base: any RowSource, count: Int) {
    self.base = base
    self.count = count
  }

  var columnNames: [String] { base.columnNames }

  func read(rows: [Int], into destination: UnsafeMutablePointer<Double>) throws {
    try base.read(rows: rows, into: destination)
  }
  func read(rows: [Int], into destination: UnsafeMutablePointer<Float>) throws {
    try base.read(rows: rows, into: destination)
  }
}
