import Distributed
import Foundation
import MPI
import Training

/// `portolan experiment`
package struct ExperimentOptions: Sendable {
  package var table: ExperimentTable
  /// Where the cells are trained.
  package var output: String
  /// Settings on top of those of every cell.
  package var overrides: [String]
  /// Where the table in Markdown goes besides the output folder; nil for nowhere.
  package var document: String?
  /// Keep checkpoints and metrics of finished cells, for `portolan report`.
  package var keepsRuns: Bool
  /// Trains nothing: the table of what is there.
  package var onlyTable: Bool

  package init(
    table: ExperimentTable, output: String, overrides: [String], document: String?,
    keepsRuns: Bool, onlyTable: Bool
  ) {
    (self.table, self.output, self.overrides) = (table, output, overrides)
    (self.document, self.keepsRuns, self.onlyTable) = (document, keepsRuns, onlyTable)
  }

  /// What all ranks must agree about.
  var description: String {
    "\(table.name) in \(output) with \(overrides), \(table.sets.map(\.name)), "
      + "\(table.models.map(\.name)), \(table.seeds)"
  }
}

/// Trains the cells of a table that are not finished yet, on all ranks, and writes the table. Collective.
///
/// Ranks are split into as many groups as there are cells to train, at most one a rank; a group trains one
/// cell after the other. A cell's result does not depend on the groups. A cell that fails is recorded
/// with its reason and the others go on. A stop ends the cells under way with a checkpoint, from which
/// the same command goes on.
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
  let run = TableRun(options: options, tell: tell, openMetrics: openMetrics)
  let settings = try group.agreed { try run.cellSettings() }
  let plan = try run.plan(settings, on: group)
  if !options.onlyTable, !plan.pending.isEmpty {
    let layout = try MeshLayout(
      ranks: world.size, folds: plan.pending.count, shards: settings.smallestShards)
    let own = try world.split(by: layout)
    let mine = plan.assignment(groups: layout.groups)[layout.group(ofRank: world.rank)]
    try run.train(mine, settings, on: own, speaks: world.isRoot, of: plan)
    // Groups end at different times, as long apart as a cell takes.
    group.deadlineSeconds = 7 * 86_400
    try group.barrier()
  }
  return try run.finish(on: group)
}

/// The state that all steps of an experiment share.
struct TableRun {
  let options: ExperimentOptions
  let tell: (String) -> Void
  let openMetrics: (_ path: String, _ resumeStep: Int?) throws -> MetricsSink

  private var table: ExperimentTable { options.table }

  func folder(of cell: TableCell) -> String { "\(options.output)/\(cell.path)" }

  /// Settings and configuration of every cell.
  struct Settings {
    let lines: [TableCell: [String]]
    let configurations: [TableCell: Configuration]

    var smallestShards: Int { configurations.values.map(\.shards).min() ?? 1 }
  }

  /// - Throws: ``ConfigurationProblems`` before anything is trained.
  func cellSettings() throws -> Settings {
    var lines: [TableCell: [String]] = [:]
    var configurations: [TableCell: Configuration] = [:]
    for cell in table.cells {
      let settings = try table.settings(of: cell) + options.overrides
      lines[cell] = settings
      configurations[cell] = try Configuration(overrides: settings)
    }
    return Settings(lines: lines, configurations: configurations)
  }

  /// What is left to do, as root sees it.
  struct Plan: Codable {
    /// Places in the table's list of cells.
    var pending: [Int]
    /// Expected seconds of each.
    var seconds: [Double]
    var cellCount: Int

    func assignment(groups: Int) -> [[Int]] {
      TableSchedule.assign(seconds: seconds, groups: groups).map { $0.map { pending[$0] } }
    }
  }

  /// Collective.
  ///
  /// - Throws: ``PortolanFailure`` where a finished cell has other settings.
  func plan(_ settings: Settings, on group: JobGroup) throws -> Plan {
    let plan = try group.onRoot { () -> Plan in
      let finished = try results(settings)
      let pending = table.cells.indices.filter { finished[table.cells[$0]] == nil }
      return Plan(
        pending: pending,
        seconds: pending.map {
          TableSchedule.expectedSeconds(of: table.cells[$0], finished: finished)
        },
        cellCount: table.cells.count)
    }
    var bytes = try group.agreed { try plan.map { Array(try JSONEncoder().encode($0)) } ?? [] }
    try group.broadcast(&bytes)
    return try group.agreed { try JSONDecoder().decode(Plan.self, from: Data(bytes)) }
  }

  /// The finished cells.
  private func results(_ settings: Settings) throws -> [TableCell: CellResult] {
    var results: [TableCell: CellResult] = [:]
    for cell in table.cells {
      guard let result = CellResult.read(in: folder(of: cell)) else { continue }
      guard result.settings == settings.lines[cell] else {
        throw PortolanFailure(
          .badData, "\(folder(of: cell)) was trained with other settings than this table has now",
          hint: "give another --output, or remove that folder to train the cell again")
      }
      results[cell] = result
    }
    return results
  }

  // MARK: - Training

  /// Trains cells one after the other on the ranks of one group.
  func train(
    _ cells: [Int], _ settings: Settings, on ranks: borrowing Communicator, speaks: Bool,
    of plan: Plan
  ) throws {
    for place in cells {
      guard !StopSignals.isRequested else { return }
      let cell = table.cells[place]
      let result = try result(
        of: cell, settings.configurations[cell]!, settings.lines[cell]!, on: ranks)
      guard let result else { return }
      if ranks.isRoot {
        try result.write(in: folder(of: cell))
        if !options.keepsRuns { dropRun(of: cell) }
      }
      if speaks { tell(progress(cell, result, plan)) }
    }
  }

  /// Nil after a stop.
  private func result(
    of cell: TableCell, _ configuration: Configuration, _ lines: [String],
    on ranks: borrowing Communicator
  ) throws -> CellResult? {
    let start = ContinuousClock.now
    func seconds() -> Double { (ContinuousClock.now - start) / .seconds(1) }
    let run = folder(of: cell) + "/run"
    do {
      let options = try TrainOptions(
        configurationPath: nil, output: run, overrides: lines, resume: true, steps: nil,
        stopAfter: nil)
      let status = try Experiments.train(
        options, configuration: configuration, world: ranks,
        console: TrainConsole(tell: { _ in }, openMetrics: openMetrics))
      guard status == .success else { return nil }
      let group = try JobStart.group(ranks, configuration: configuration)
      let trained = try TrainedRun(options.run, configuration: configuration, on: group)
      let scores = try Scores(
        trained, points: trained.data.test, isOwnTest: true, withControls: true, on: group)
      return CellResult(
        settings: lines, scores: scores, parameterCount: trained.model.parameters.count,
        seconds: seconds())
    } catch let error where Self.concernsCellAlone(error) {
      return CellResult(
        settings: lines, failure: PortolanFailure(describing: error).message, seconds: seconds())
    }
  }

  /// Numbers that overflow and data that do not fit are a result; a full disk or a lost rank is not.
  private static func concernsCellAlone(_ error: any Error) -> Bool {
    let failure = PortolanFailure(describing: error)
    return failure.isShared && [.badData, .internalError].contains(failure.status)
  }

  /// Checkpoints and metrics of a cell whose result is written.
  private func dropRun(of cell: TableCell) {
    // What cannot be removed costs room, not the result.
    _ = Result { try FileManager.default.removeItem(atPath: folder(of: cell) + "/run") }
  }

  private func progress(_ cell: TableCell, _ result: CellResult, _ plan: Plan) -> String {
    let done = table.cells.count {
      FileManager.default.fileExists(atPath: "\(folder(of: $0))/\(CellResult.fileName)")
    }
    let score =
      result.scores.map { String(format: "test log-likelihood %.4f", $0.testLogLikelihood.mean) }
      ?? "failed: \(result.failure ?? "")"
    return "\(done) of \(plan.cellCount) cells done; \(cell.path): \(score), "
      + String(format: "%.1f s", result.seconds)
  }

  // MARK: - The end

  /// Writes the table on root. Collective.
  func finish(on group: JobGroup) throws -> ExitStatus {
    let settings = try group.agreed { try cellSettings() }
    let isStopped = try group.agreeOnStop(StopSignals.isRequested)
    _ = try group.onRoot {
      let results = try results(settings)
      let text = TableText(table: table, results: results).markdown
      try write(text, to: "\(options.output)/table.md")
      if let document = options.document { try write(text, to: document) }
      print(text)
      if isStopped {
        tell(
          "stopped with \(results.count) of \(table.cells.count) cells; the same command goes on")
      }
    }
    return isStopped ? .stopped : .success
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
