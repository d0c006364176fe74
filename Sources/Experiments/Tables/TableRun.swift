import Checkpoints
import Distributed
import Foundation
import MPI
import Training

/// Trains the cells of a table that are not finished yet, on all ranks, and writes the table. Collective.
///
/// Ranks are split into as many teams as there are cells to train, at most one a rank; a team trains one
/// cell after the other. A cell's result does not depend on the teams. A cell that fails is recorded
/// with its reason and the others go on. A stop asked of one rank is heard by all: the cells under way
/// end with a checkpoint, from which the same command goes on.
///
/// - Returns: ``ExitStatus/success``, or ``ExitStatus/stopped`` after a requested stop.
package func runExperiment(
  _ options: ExperimentOptions, world: borrowing Communicator, tell: @escaping (String) -> Void,
  openMetrics: @escaping (_ path: String, _ resumeStep: Int?) throws -> MetricsSink
) throws -> ExitStatus {
  try JobStart.pinNumerics()
  StopSignals.install()
  let group = try JobStart.agreedGroup(
    world, ["table": options.description], deadlineSeconds: 60)
  let run = TableRun(
    options: options, settings: try group.agreed { try CellSettings(options) }, tell: tell,
    openMetrics: openMetrics)
  guard !options.onlyTable else {
    _ = try group.onRoot { try run.writeTable() }
    return .success
  }
  try group.agreed { if group.isRoot { try makeFolder(options.output) } }
  let lock = try RunFolderLock(folder: options.output, on: group)
  defer { withExtendedLifetime(lock) {} }
  let plan = try run.plan(on: group)
  if !plan.pending.isEmpty { try run.train(plan, on: group, world: world) }
  return try run.finish(on: group)
}

/// The state that all steps of an experiment share.
struct TableRun {
  let options: ExperimentOptions
  let settings: CellSettings
  let tell: (String) -> Void
  let openMetrics: (_ path: String, _ resumeStep: Int?) throws -> MetricsSink

  var table: ExperimentTable { options.table }

  func folder(of cell: TableCell) -> String { "\(options.output)/\(cell.path)" }
  func runFolder(of cell: TableCell) -> String { folder(of: cell) + "/run" }

  // MARK: - Training

  /// Trains what is pending, each team at its own speed, until all meet again. Collective.
  ///
  /// - Throws: `RemoteError`, the same on all ranks, where a team met an error that is not its cell's.
  func train(_ plan: TablePlan, on group: JobGroup, world: borrowing Communicator) throws {
    try Team.share(
      plan.pending.count, shards: settings.smallestShards, on: group, world: world,
      order: { TableSchedule.assign(seconds: plan.seconds, groups: $0) }
    ) { place, team, ranks in
      try TableTeam(run: self, plan: plan, team: team).train(plan.pending[place], on: ranks)
    }
  }

  // MARK: - The end

  /// Writes the table on root. Collective.
  func finish(on group: JobGroup) throws -> ExitStatus {
    try TableFolder.finish(on: group, write: writeTable) { missing in
      tell(
        "stopped with \(table.cells.count - missing) of \(table.cells.count) cells; "
          + "the same command goes on")
    }
  }

  /// Writes and prints the table. Not collective.
  ///
  /// - Returns: how many cells are not finished.
  func writeTable() throws -> Int {
    let results = try results()
    let text = TableText(table: table, results: results).markdown
    try TableFolder.publish(text, in: options.output, document: options.document)
    return table.cells.count - results.count
  }
}
