import ArgumentParser
import Experiments
import Foundation

/// `portolan cross-validate`
struct CrossValidateCommand: FailingCommand {
  static let configuration = CommandConfiguration(
    commandName: "cross-validate",
    abstract: "Train models of the epidemic on resampled folds, and score them beside controls.",
    discussion: """
      Forecasts seven days of confirmed cases, recovered persons and deaths in the 50 states from \
      fourteen days, under plan P (random folds, which leak) and plan H (blocks with a gap). Each model \
      is trained on each fold in OUTPUT/folds/PLAN/MODEL/fold-NN; folds are dealt to the processes, and \
      a fold's result does not depend on how many there are. The table, with controls that need no \
      training, is printed and written to OUTPUT/table.md.

      A fold that fails is told in the table with its reason, and the others go on. SIGTERM, SIGINT and \
      SIGUSR1 make checkpoints and end with status 75; --resume goes on with the folds that are not \
      finished. `portolan report OUTPUT` draws the forecasts.

      Without CONFIG it works on a small generated epidemic. `portolan configuration --for \
      cross-validation` prints every setting.

      Example: mpirun -n 2 portolan cross-validate configs/covid-pade.yaml
      """)

  @Argument(help: "Configuration file (YAML). Default: the built-in example.")
  var config: String?

  @Option(
    help: ArgumentHelp(
      "Folder of the folds. Default: runs/NAME of the configuration file.", valueName: "folder"))
  var output: String?

  @Flag(help: "Go on with the folds in the output folder that are not finished.")
  var resume = false

  @OptionGroup var overrides: OverrideOptions

  @Option(help: ArgumentHelp("Also write the table there (Markdown).", valueName: "file"))
  var document: String?

  @Flag(help: "Keep checkpoints of finished folds.")
  var keepRuns = false

  @Flag(help: "Train nothing; print the table of the folds that are finished.")
  var tableOnly = false

  func execute() throws -> ExitStatus {
    let configuration =
      if let config {
        try CrossValidationConfiguration(contentsOf: config, overrides: overrides.set)
      } else {
        try CrossValidationConfiguration(overrides: overrides.set)
      }
    let name =
      config.map { URL(fileURLWithPath: $0).deletingPathExtension().lastPathComponent }
      ?? "cross-validation"
    let options = CrossValidationOptions(
      output: output ?? "runs/\(name)", resume: resume, document: document, keepsRuns: keepRuns,
      onlyTable: tableOnly)
    let printer = CrossValidationPrinter()
    return try onAllRanks { world in
      try crossValidate(
        options, configuration: configuration, world: world, tell: { printer.tell($0) })
    }
  }
}
