import Checkpoints
import Datasets
import Distributed
import Foundation
import MPI
import Training

/// `portolan cross-validate`: trains each model on each fold of each plan, on all ranks, and writes the
/// table. Collective.
///
/// Ranks are split into as many teams as there are folds left, at most one a rank; a team trains one fold
/// after the other. With more ranks than folds a team has several ranks. A fold's result does not depend
/// on the teams. A fold that fails is recorded with its reason and the others go on. After a stop, which
/// ends each fold under way with a checkpoint, or a crash, `--resume` goes on with the folds that are not
/// finished.
///
/// - Returns: ``ExitStatus/success``, or ``ExitStatus/stopped`` after a requested stop.
package func crossValidate(
  _ options: CrossValidationOptions, configuration: CrossValidationConfiguration,
  world: borrowing Communicator, tell: @escaping (CrossValidationMessage) -> Void
) throws -> ExitStatus {
  try JobStart.pinNumerics()
  StopSignals.install()
  let group = try JobStart.agreedGroup(
    world, ["configuration": configuration.resolvedYAML, "options": "\(options)"],
    deadlineSeconds: configuration.distributed.deadlineSeconds)
  // Before the folder is made: a wrong path must not leave a run that begins with nothing.
  let epidemic = try group.agreed { try EpidemicAssembly(configuration) }
  let run = CrossValidationRun(
    options: options, configuration: configuration, epidemic: epidemic,
    progress: world.isRoot ? CrossValidationProgress(tell: tell) : nil)
  guard !options.onlyTable else {
    _ = try group.onRoot { try run.writeTable() }
    return .success
  }
  try group.agreed { if group.isRoot { try makeFolder(options.output) } }
  let lock = try RunFolderLock(folder: options.output, on: group)
  defer { withExtendedLifetime(lock) {} }
  try group.agreed { if group.isRoot { try run.folder.requireAdmission(options.resume) } }
  let pending = try run.pending(on: group)
  try group.agreed { if group.isRoot { try run.folder.record(configuration) } }
  run.progress?.began(run, pending: pending.count)
  if !pending.isEmpty {
    try Team.share(
      pending.count, shards: configuration.shards, on: group, world: world,
      order: { teams in
        (0..<teams).map { team in Array(stride(from: team, to: pending.count, by: teams)) }
      }
    ) { place, team, ranks in
      try FoldTraining(run: run, cell: pending[place], team: team).train(on: ranks)
    }
  }
  return try run.finish(on: group)
}

/// The state that all steps of a cross-validation share.
struct CrossValidationRun {
  let options: CrossValidationOptions
  let configuration: CrossValidationConfiguration
  let epidemic: EpidemicAssembly
  /// On rank 0.
  let progress: CrossValidationProgress?
  let cells: [FoldCell]
  private let lines: [String: [String]]

  init(
    options: CrossValidationOptions, configuration: CrossValidationConfiguration,
    epidemic: EpidemicAssembly, progress: CrossValidationProgress?
  ) {
    (self.options, self.configuration) = (options, configuration)
    (self.epidemic, self.progress) = (epidemic, progress)
    cells = configuration.cells
    let digest = epidemic.digest
    lines = Dictionary(
      uniqueKeysWithValues: configuration.models.map {
        ($0.name, configuration.settings(of: $0, data: digest))
      })
  }

  var folder: CrossValidationFolder { CrossValidationFolder(options.output) }
  func folder(of cell: FoldCell) -> String { folder.path(of: cell) }
  func runFolder(of cell: FoldCell) -> String { folder(of: cell) + "/run" }
  func markPath(of cell: FoldCell) -> String { runFolder(of: cell) + "/progress" }

  func model(of cell: FoldCell) -> ForecastModelConfiguration {
    guard let model = configuration.models.first(where: { $0.name == cell.model }) else {
      preconditionFailure("no model \(cell.model)")
    }
    return model
  }

  func settings(of cell: FoldCell) -> [String] {
    guard let lines = lines[cell.model] else { preconditionFailure("no model \(cell.model)") }
    return lines
  }

  // MARK: - What there is

  /// The finished folds. Not collective.
  ///
  /// - Throws: ``PortolanFailure`` where one has other settings than the configuration.
  func results() throws -> [FoldCell: FoldResult] {
    var results: [FoldCell: FoldResult] = [:]
    for cell in cells {
      guard let result = FoldResult.read(in: folder(of: cell)) else { continue }
      try TableFolder.requireSettings(
        settings(of: cell), recorded: result.settings, in: folder(of: cell),
        of: "this configuration has", cell: "fold")
      results[cell] = result
    }
    return results
  }

  /// The folds that are not finished, as root sees it. Collective.
  func pending(on group: JobGroup) throws -> [FoldCell] {
    let finished = try group.onRoot { try results() }
    var bytes = cells.map { UInt8(finished?[$0] == nil ? 1 : 0) }
    try group.broadcast(&bytes)
    return zip(cells, bytes).filter { $0.1 == 1 }.map(\.0)
  }

  // MARK: - The end

  /// Writes the table on root. Collective.
  func finish(on group: JobGroup) throws -> ExitStatus {
    try TableFolder.finish(on: group, write: writeTable) { missing in
      progress?.stopped(finished: cells.count - missing)
    }
  }

  /// Writes and prints the table. Not collective.
  ///
  /// - Returns: how many folds are not finished.
  func writeTable() throws -> Int {
    let results = try results()
    let table = CrossValidationTable(
      configuration: configuration, epidemic: epidemic, results: results)
    try TableFolder.publish(table.markdown, in: folder.path, document: options.document)
    for (cell, reason) in table.failures { progress?.failed(cell, reason) }
    return cells.count - results.count
  }
}
