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

  /// - Throws: ``PortolanFailure`` with ``ExitStatus/usage`` for an override of what the table decides.
  package init(
    table: ExperimentTable, output: String, overrides: [String], document: String?,
    keepsRuns: Bool, onlyTable: Bool
  ) throws {
    if let seed = overrides.first(where: { $0.hasPrefix("seed=") }) {
      throw PortolanFailure(
        .usage, "--set \(seed): a table has seeds of its own",
        hint: "--seeds n takes the seeds 1 to n")
    }
    (self.table, self.output, self.overrides) = (table, output, overrides)
    (self.document, self.keepsRuns, self.onlyTable) = (document, keepsRuns, onlyTable)
  }

  /// What all ranks must agree about.
  var description: String {
    "\(table.name) in \(output) with \(overrides), \(table.sets), "
      + "\(table.models.map(\.name)), \(table.seeds), \(keepsRuns) \(onlyTable)"
  }
}
