import ArgumentParser
import Experiments
import Foundation

/// `portolan experiment`
struct ExperimentCommand: FailingCommand {
  static let configuration = CommandConfiguration(
    commandName: "experiment",
    abstract: "Train and score a whole table: sets × models × seeds.",
    discussion: """
      Each cell of the table is a training of its own in OUTPUT/SET/MODEL/seed-N; those of pde and \
      pde-samples, which have a number of training pairs too, in OUTPUT/SET/MODEL/samples-N/seed-N. \
      Cells are dealt to the processes and finished ones are not trained again, so the same command \
      goes on after a stop. The table is printed and written to OUTPUT/table.md.

      Tables: \(tables). Those of the Earth are read from volcano.csv, earthquake.csv, flood.csv and \
      fire.csv (columns latitude, longitude) in the folder --data; those of partial differential \
      equations from SET.h5 there, as `portolan generate` makes them.

      Example: mpirun -n 2 portolan experiment curves-a --sets helix --seeds 2
      """)

  private static let tables =
    (ExperimentTable.builtIn(dataFolder: "").map { "\($0.name) (\($0.title))" }
    + PairTable.builtIn.map { "\($0.name) (\($0.title))" }).joined(separator: "; ")

  @Argument(help: "Name of the table.")
  var name: String

  @Option(help: ArgumentHelp("Folder of the cells. Default: runs/NAME.", valueName: "folder"))
  var output: String?

  @Option(help: ArgumentHelp("Only these sets, with commas between them.", valueName: "names"))
  var sets: String?

  @Option(help: ArgumentHelp("Only these models, with commas between them.", valueName: "names"))
  var models: String?

  @Option(help: ArgumentHelp("Seeds 1 to n in place of the table's own.", valueName: "n"))
  var seeds: Int?

  @Option(
    help: ArgumentHelp(
      "Folder of the tables of data. Default: data/earth, or data/pde.", valueName: "folder"))
  var data: String?

  @OptionGroup var overrides: OverrideOptions

  @Option(help: ArgumentHelp("Also write the table there (Markdown).", valueName: "file"))
  var document: String?

  @Flag(help: "Keep checkpoints and metrics of finished cells.")
  var keepRuns = false

  @Flag(help: "Train nothing; print the table of the cells that are finished.")
  var tableOnly = false

  func execute() throws -> ExitStatus {
    func names(_ text: String?) -> [String] {
      text.map { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } } ?? []
    }
    if let table = PairTable.named(name) {
      return try runPairs(
        table.restricted(
          sets: names(sets), models: names(models), seedCount: seeds, overrides: overrides.set))
    }
    let table = try ExperimentTable.named(name, dataFolder: data ?? "data/earth").restricted(
      sets: names(sets), models: names(models), seedCount: seeds)
    let options = try ExperimentOptions(
      table: table, output: output ?? "runs/\(name)", overrides: overrides.set,
      document: document, keepsRuns: keepRuns, onlyTable: tableOnly)
    return try onAllRanks { world in
      try runExperiment(
        options, world: world,
        tell: { FileHandle.standardError.write(Data(($0 + "\n").utf8)) },
        openMetrics: { try MetricsFile(path: $0, resumingAt: $1) })
    }
  }

  private func runPairs(_ table: PairTable) throws -> ExitStatus {
    let options = PairTableOptions(
      table: table, output: output ?? "runs/\(name)", data: data ?? "data/pde", document: document,
      keepsRuns: keepRuns, onlyTable: tableOnly)
    return try onAllRanks { world in
      try runPairTable(options, world: world) {
        FileHandle.standardError.write(Data(($0 + "\n").utf8))
      }
    }
  }
}
