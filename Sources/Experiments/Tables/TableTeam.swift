import Distributed
import Foundation
import MPI
import Training

/// How a team trains a cell of a table.
struct TableTeam {
  let run: TableRun
  let plan: TablePlan
  let team: Team

  /// Trains the cell at a place in the table. Collective on the team.
  ///
  /// - Returns: false after a stop.
  func train(_ place: Int, on ranks: borrowing Communicator) throws -> Bool {
    let cell = run.table.cells[place]
    guard let result = try result(of: cell, on: ranks) else { return false }
    try team.group.agreed {
      guard team.group.isRoot else { return }
      try result.write(in: run.folder(of: cell))
      if !run.options.keepsRuns { dropRun(of: cell) }
    }
    if team.speaks { run.tell(progress(cell, result)) }
    return true
  }

  /// Nil after a stop.
  private func result(
    of cell: TableCell, on ranks: borrowing Communicator
  ) throws -> CellResult? {
    guard let lines = run.settings.lines[cell],
      let configuration = run.settings.configurations[cell]
    else { preconditionFailure("no settings of \(cell.path)") }
    let start = ContinuousClock.now
    func seconds() -> Double { (ContinuousClock.now - start) / .seconds(1) }
    do {
      let options = try TrainOptions(
        configurationPath: nil, output: run.runFolder(of: cell), overrides: lines, resume: true,
        steps: nil, stopAfter: nil)
      var console = TrainConsole(tell: { _ in }, openMetrics: run.openMetrics)
      console.isStopRequested = team.isStopRequested
      let status = try Experiments.train(
        options, configuration: configuration, world: ranks, console: console)
      guard status == .success else { return nil }
      let group = try JobStart.group(ranks, configuration: configuration)
      let trained = try TrainedRun(options.run, configuration: configuration, on: group)
      let scores = try Scores(
        trained, points: trained.data.test, isOwnTest: true, withControls: true, on: group)
      return CellResult(
        settings: lines, scores: scores, parameterCount: trained.model.parameters.count,
        seconds: seconds())
    } catch let error {
      guard let reason = Team.reasonOfTraining(error) else { throw error }
      return CellResult(settings: lines, failure: reason, seconds: seconds())
    }
  }

  /// Checkpoints and metrics of a cell whose result is written.
  private func dropRun(of cell: TableCell) {
    // What cannot be removed costs room, not the result.
    _ = Result { try FileManager.default.removeItem(atPath: run.runFolder(of: cell)) }
  }

  private func progress(_ cell: TableCell, _ result: CellResult) -> String {
    let done = run.table.cells.count {
      FileManager.default.fileExists(atPath: "\(run.folder(of: $0))/\(CellResult.fileName)")
    }
    let score =
      result.scores.map { String(format: "test log-likelihood %.4f", $0.testLogLikelihood.mean) }
      ?? "failed: \(result.failure ?? "")"
    return "\(done) of \(plan.cellCount) cells done; \(cell.path): \(score), "
      + String(format: "%.1f s", result.seconds)
  }
}
