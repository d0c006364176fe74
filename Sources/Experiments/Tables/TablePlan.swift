import Distributed
import Foundation

/// Settings and configuration of every cell of a table.
struct CellSettings {
  let lines: [TableCell: [String]]
  let configurations: [TableCell: Configuration]

  /// - Throws: ``ConfigurationProblems`` before anything is trained.
  init(_ options: ExperimentOptions) throws {
    var lines: [TableCell: [String]] = [:]
    var configurations: [TableCell: Configuration] = [:]
    for cell in options.table.cells {
      let settings = try options.table.settings(of: cell, overrides: options.overrides)
      lines[cell] = settings
      configurations[cell] = try Configuration(overrides: settings)
    }
    (self.lines, self.configurations) = (lines, configurations)
  }

  /// Of the cell with the fewest.
  var smallestShards: Int { configurations.values.map(\.shards).min() ?? 1 }
}

/// What is left to do in a table, as root sees it.
struct TablePlan: Codable {
  /// Places in the table's list of cells.
  var pending: [Int]
  /// Expected seconds of each.
  var seconds: [Double]
  /// Of the whole table.
  var cellCount: Int
}

extension TableRun {
  /// Looks at what is there, and refuses what cannot go on before anything is trained. Collective.
  ///
  /// - Throws: `RemoteError` where a cell was begun or finished under other settings, or where data that
  ///   a cell needs cannot be read.
  func plan(on group: JobGroup) throws -> TablePlan {
    let plan = try group.onRoot { () -> TablePlan in
      let finished = try results()
      let pending = table.cells.indices.filter { finished[table.cells[$0]] == nil }
      try requireSameExperiments(pending)
      try requireData(pending)
      return TablePlan(
        pending: pending,
        seconds: pending.map {
          TableSchedule.expectedSeconds(of: table.cells[$0], finished: finished)
        },
        cellCount: table.cells.count)
    }
    var bytes = try group.agreed { try plan.map { Array(try JSONEncoder().encode($0)) } ?? [] }
    try group.broadcast(&bytes)
    return try group.agreed { try JSONDecoder().decode(TablePlan.self, from: Data(bytes)) }
  }

  /// The finished cells. Not collective.
  ///
  /// - Throws: ``PortolanFailure`` where one has other settings than the table.
  func results() throws -> [TableCell: CellResult] {
    var results: [TableCell: CellResult] = [:]
    for cell in table.cells {
      guard let result = CellResult.read(in: folder(of: cell)) else { continue }
      try TableFolder.requireSettings(
        settings.lines[cell] ?? [], recorded: result.settings, in: folder(of: cell),
        of: "this table has now", cell: "cell")
      results[cell] = result
    }
    return results
  }

  /// Cells that were stopped go on only as what they were.
  private func requireSameExperiments(_ pending: [Int]) throws {
    for cell in pending.map({ table.cells[$0] }) {
      let run = RunFolder(runFolder(of: cell))
      guard run.holdsRun else { continue }
      try settings.configurations[cell]?.requireSameExperiment(
        as: run.recordedConfiguration(), in: run.path)
    }
  }

  /// A table of data that is missing or broken is one error of the whole experiment, not one of each
  /// cell; a division that fails for one seed is the cell's own.
  private func requireData(_ pending: [Int]) throws {
    var seen: Set<String> = []
    for cell in pending.map({ table.cells[$0] }) where seen.insert(cell.set).inserted {
      guard let configuration = settings.configurations[cell],
        configuration.data.source != .generator, let path = configuration.data.path
      else { continue }
      guard FileManager.default.isReadableFile(atPath: path) else {
        throw PortolanFailure(
          .noInput, "the set \(cell.set) is read from \(path), which is not there",
          hint: "--data names the folder of the tables of data")
      }
      do { _ = try DataAssembly(configuration) } catch is PortolanFailure {}
    }
  }
}
