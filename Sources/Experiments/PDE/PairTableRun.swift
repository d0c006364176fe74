import Checkpoints
import Datasets
import Distributed
import Foundation
import MPI
import Training

/// `portolan experiment pde…`
package struct PairTableOptions: Sendable {
  package var table: PairTable
  /// Where the cells are trained.
  package var output: String
  /// Folder of the files that `portolan generate` made, SET.h5.
  package var data: String
  /// Where the table in Markdown goes besides the output folder; nil for nowhere.
  package var document: String?
  /// Keep checkpoints of finished cells.
  package var keepsRuns: Bool
  /// Trains nothing: the table of what is there.
  package var onlyTable: Bool

  package init(
    table: PairTable, output: String, data: String, document: String? = nil,
    keepsRuns: Bool = false, onlyTable: Bool = false
  ) {
    (self.table, self.output, self.data) = (table, output, data)
    (self.document, self.keepsRuns, self.onlyTable) = (document, keepsRuns, onlyTable)
  }
}

/// Trains the cells of a table of pairs that are not finished yet, on all ranks, and writes the table.
/// Collective.
///
/// Ranks are split into teams as ``runExperiment(_:world:tell:openMetrics:)`` does it. A cell's result
/// does not depend on the teams; a cell that fails is recorded with its reason.
///
/// - Returns: ``ExitStatus/success``, or ``ExitStatus/stopped`` after a requested stop.
package func runPairTable(
  _ options: PairTableOptions, world: borrowing Communicator, tell: @escaping (String) -> Void
) throws -> ExitStatus {
  try JobStart.pinNumerics()
  StopSignals.install()
  let group = try JobStart.agreedGroup(
    world, ["table": "\(options)"], deadlineSeconds: 60)
  let run = try group.agreed { try PairTableRun(options, tell: tell) }
  guard !options.onlyTable else {
    _ = try group.onRoot { try run.writeTable() }
    return .success
  }
  try group.agreed { if group.isRoot { try makeFolder(options.output) } }
  let lock = try RunFolderLock(folder: options.output, on: group)
  defer { withExtendedLifetime(lock) {} }
  let pending = try run.pending(on: group)
  if !pending.isEmpty {
    try Team.share(
      pending.count, shards: options.table.settings.shards, on: group, world: world,
      order: { TableSchedule.assign(seconds: pending.map { $0.expectedSeconds }, groups: $0) }
    ) { place, team, ranks in
      try PairTraining(run: run, cell: pending[place], team: team).train(on: ranks)
    }
  }
  return try run.finish(on: group)
}

extension PairCell {
  /// What a cell takes, roughly and in units of its own: controls nothing, graphs the most.
  fileprivate var expectedSeconds: Double {
    switch model {
    case .persistence, .propagator, .multiplier: 0.1
    case .fno: 1
    case .exponential, .lno: 1.5
    case .mwt, .pade, .padeResidual: 2
    case .gno, .mgno: 3
    }
  }
}

extension PairCell {
  /// What decides its numbers, a line each: settings, its place in the table, its data, and what this
  /// version makes of its model.
  ///
  /// - Parameters:
  ///   - pairs: of the training part, which its own are drawn from.
  ///   - dataSeed: of the file of its set.
  package func lines(_ settings: PairSettings, pairs: Int, dataSeed: UInt64) -> [String] {
    var lines = settings.lines
    lines += ["set=\(set.rawValue)", "model=\(model.rawValue)", "samples=\(samples)"]
    lines += ["pairs=\(pairs)", "seed=\(seed)", "data.seed=\(dataSeed)"]
    if let architecture = PairArchitecture(model, for: set.problem) {
      lines.append(architecture.line)
    }
    if model.keepsTrainingGrid { lines.append("otherGrids=Fourier series") }
    if model == .exponential { lines.append("otherGrids=correction by Fourier series") }
    return lines
  }
}

/// The state that all steps of a table of pairs share.
struct PairTableRun {
  let options: PairTableOptions
  let tell: (String) -> Void
  private let files: [PDESet: PDEFile]
  private let memory = PairMemory()

  var table: PairTable { options.table }

  /// Opens the files of all sets.
  ///
  /// - Throws: `DataError`, ``PortolanFailure`` before anything is trained.
  init(_ options: PairTableOptions, tell: @escaping (String) -> Void) throws {
    (self.options, self.tell) = (options, tell)
    var files: [PDESet: PDEFile] = [:]
    let settings = options.table.settings
    for set in options.table.sets {
      let path = "\(options.data)/\(set.rawValue).h5"
      guard FileManager.default.fileExists(atPath: path) else {
        throw PortolanFailure(
          .noInput, "the set \(set.rawValue) is read from \(path), which is not there",
          hint: "make it with `portolan generate \(set.rawValue) --output \(path)`")
      }
      let file = try PDEFile(path: path)
      let held = file.description
      guard held.set == set, held.train >= options.table.largestSamples,
        held.test >= settings.testPairs,
        (settings.testPoints + [settings.trainingPoints]).allSatisfy({ held.points % $0 == 0 })
      else {
        throw PortolanFailure(
          .badData,
          "\(path): expected \(options.table.largestSamples) training and \(settings.testPairs) test "
            + "pairs of \(set.rawValue) on a multiple of \(settings.trainingPoints) and "
            + "\(settings.testPoints) points, got \(held.train) and \(held.test) of "
            + "\(held.set.rawValue) on \(held.points)",
          hint: "generate the file anew")
      }
      files[set] = file
    }
    self.files = files
  }

  func folder(of cell: PairCell) -> String { "\(options.output)/\(cell.path)" }
  func runFolder(of cell: PairCell) -> String { folder(of: cell) + "/run" }

  func description(of set: PDESet) -> PDEFile.Description {
    guard let file = files[set] else { preconditionFailure("no file of \(set.rawValue)") }
    return file.description
  }

  /// What decides a cell's numbers.
  func lines(of cell: PairCell) -> [String] {
    cell.lines(
      table.settings, pairs: table.largestSamples, dataSeed: description(of: cell.set).seed)
  }

  /// The pairs that cells train on, all of the table's, and those of the test.
  func pairs(of cell: PairCell) throws -> (train: PDEPairs, test: PDEPairs) {
    if let held = memory.pairs, memory.set == cell.set { return held }
    guard let file = files[cell.set] else { preconditionFailure("no file of \(cell.set.rawValue)") }
    let pairs = (
      train: try file.pairs(of: .train, count: table.largestSamples),
      test: try file.pairs(of: .test, count: table.settings.testPairs)
    )
    (memory.set, memory.pairs) = (cell.set, pairs)
    return pairs
  }

  // MARK: - What there is

  /// The finished cells. Not collective.
  ///
  /// - Throws: ``PortolanFailure`` where one has other settings than the table.
  func results() throws -> [PairCell: PairResult] {
    var results: [PairCell: PairResult] = [:]
    for cell in table.cells {
      guard let result = PairResult.read(in: folder(of: cell)) else { continue }
      try TableFolder.requireSettings(
        lines(of: cell), recorded: result.settings, in: folder(of: cell),
        of: "this table has now", cell: "cell")
      results[cell] = result
    }
    return results
  }

  /// The cells that are not finished, as root sees it. Collective.
  func pending(on group: JobGroup) throws -> [PairCell] {
    let cells = table.cells
    let finished = try group.onRoot { try results() }
    var bytes = cells.map { UInt8(finished?[$0] == nil ? 1 : 0) }
    try group.broadcast(&bytes)
    return zip(cells, bytes).filter { $0.1 == 1 }.map(\.0)
  }

  func progress(_ cell: PairCell, _ result: PairResult) -> String {
    let done = table.cells.count {
      FileManager.default.fileExists(atPath: "\(folder(of: $0))/\(PairResult.fileName)")
    }
    let score =
      result.score(at: table.settings.trainingPoints).map {
        String(format: "relative error %.4f", $0)
      } ?? "failed: \(result.failure ?? "")"
    return "\(done) of \(table.cells.count) cells done; \(cell.path): \(score), "
      + String(format: "%.1f s", result.seconds)
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
    let text = PairTableText(
      table: table, results: results,
      stepHalvingErrors: Dictionary(
        uniqueKeysWithValues: table.sets.map { ($0, description(of: $0).stepHalvingError.mean) })
    ).markdown
    try TableFolder.publish(text, in: options.output, document: options.document)
    return table.cells.count - results.count
  }
}

/// The pairs of the set that a rank works on.
private final class PairMemory {
  var set: PDESet?
  var pairs: (train: PDEPairs, test: PDEPairs)?
}
