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
  try group.agreed { if group.isRoot { try run.createFolder() } }
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

  func createFolder() throws {
    do {
      try FileManager.default.createDirectory(
        atPath: options.output, withIntermediateDirectories: true)
    } catch {
      throw PortolanFailure(
        .inputOutput, "cannot make the folder \(options.output): \(systemReason(of: error))",
        hint: "give an --output folder that you may write to")
    }
  }

  // MARK: - Training

  /// Trains what is pending, each team at its own speed, until all meet again. Collective.
  ///
  /// - Throws: `RemoteError`, the same on all ranks, where a team met an error that is not its cell's.
  func train(_ plan: TablePlan, on group: JobGroup, world: borrowing Communicator) throws {
    let layout = try MeshLayout(
      ranks: world.size, folds: plan.pending.count, shards: settings.smallestShards)
    let ranks = try world.split(by: layout)
    let team = TableTeam(
      run: self, plan: plan, group: try JobStart.agreedGroup(ranks, [:], deadlineSeconds: 60),
      bell: try StopBell(on: group), speaks: world.isRoot)
    let cells = plan.assignment(groups: layout.groups)[layout.group(ofRank: world.rank)]
    try team.bell.open()
    var failure: (any Error)?
    do { try team.train(cells, on: ranks) } catch {
      // A rank that is alone with an error cannot meet the others any more.
      guard PortolanFailure(describing: error).isShared else { throw error }
      failure = error
      team.bell.ring()
    }
    team.bell.finish()
    // Teams end at different times, as long apart as a cell takes.
    let usual = group.deadlineSeconds
    group.deadlineSeconds = 7 * 86_400
    defer { group.deadlineSeconds = usual }
    try group.agree(on: failure)
    try team.bell.close()
  }

  // MARK: - The end

  /// Writes the table on root. Collective.
  func finish(on group: JobGroup) throws -> ExitStatus {
    let isAsked = try group.agreeOnStop(StopSignals.isRequested)
    let missing = try group.onRoot { try writeTable() }
    var bytes: [UInt8] = [isAsked && (missing ?? 0) > 0 ? 1 : 0]
    try group.broadcast(&bytes)
    guard bytes == [1] else { return .success }
    if let missing {
      tell(
        "stopped with \(table.cells.count - missing) of \(table.cells.count) cells; "
          + "the same command goes on")
    }
    return .stopped
  }

  /// Writes and prints the table. Not collective.
  ///
  /// - Returns: how many cells are not finished.
  func writeTable() throws -> Int {
    let results = try results()
    let text = TableText(table: table, results: results).markdown
    try write(text, to: "\(options.output)/table.md")
    if let document = options.document { try write(text, to: document) }
    print(text)
    return table.cells.count - results.count
  }

  private func write(_ text: String, to path: String) throws {
    do {
      let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw PortolanFailure(.inputOutput, "cannot write \(path): \(systemReason(of: error))")
    }
  }
}
