import Distributed
import Foundation
import MPI
import Training

/// The ranks that train one cell of a table after the other, without a word to the other teams.
struct TableTeam {
  let run: TableRun
  let plan: TablePlan
  /// For agreements between two cells.
  let group: JobGroup
  let bell: StopBell
  /// This rank tells of progress.
  let speaks: Bool

  /// A signal to one rank is heard by all.
  private func isStopRequested() -> Bool {
    let isWanted = StopSignals.isRequested
    if isWanted { bell.ring() }
    return isWanted || bell.isRung
  }

  /// Trains cells by their places in the table, until a stop. Collective on the team.
  func train(_ cells: [Int], on ranks: borrowing Communicator) throws {
    for place in cells {
      if try group.agreeOnStop(isStopRequested()) { return }
      let cell = run.table.cells[place]
      guard let result = try result(of: cell, on: ranks) else { return }
      try group.agreed {
        guard group.isRoot else { return }
        try result.write(in: run.folder(of: cell))
        if !run.options.keepsRuns { dropRun(of: cell) }
      }
      if speaks { run.tell(progress(cell, result)) }
    }
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
      console.isStopRequested = isStopRequested
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
    } catch let error where Self.concernsCellAlone(error) {
      return CellResult(settings: lines, failure: Self.reason(error), seconds: seconds())
    }
  }

  /// Numbers that overflow and data that do not fit are a result; a full disk or a lost rank is not.
  private static func concernsCellAlone(_ error: any Error) -> Bool {
    let failure = PortolanFailure(describing: error)
    return failure.isShared && [.badData, .internalError].contains(failure.status)
  }

  /// The message without the rank that met it, which depends on how many there are.
  private static func reason(_ error: any Error) -> String {
    guard let remote = error as? RemoteError else {
      return PortolanFailure(describing: error).message
    }
    var messages: [String] = []
    for report in remote.reports where !messages.contains(report.message) {
      messages.append(report.message)
    }
    return messages.joined(separator: "\n")
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
