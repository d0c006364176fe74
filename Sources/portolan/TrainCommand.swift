import ArgumentParser
import Experiments

/// `portolan train`
struct TrainCommand: FailingCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a model, or go on with a run.",
    discussion: """
      Writes the configuration, the metrics, checkpoints and the final result into the run folder. \
      Without CONFIG it trains the built-in example, two interlocked circles. SIGTERM, SIGINT and \
      SIGUSR1 make a checkpoint and end with status 75; the same command with --resume goes on, \
      on any number of processes, to the same result.

      Independent charts count the steps of all charts. --stop-after takes charts by number and stops \
      after the one by which so many steps are reached; a chart that a signal meets begins its round anew.

      Example: mpirun -n 4 portolan train configs/helix.yaml --output runs/helix
      """)

  @Argument(help: "Configuration file (YAML). `portolan configuration` prints one.")
  var config: String?

  @Option(
    help: ArgumentHelp(
      "Run folder. Default: runs/ and the name of the configuration.", valueName: "run"))
  var output: String?

  @OptionGroup var overrides: OverrideOptions

  @Flag(help: "Go on from the newest sound checkpoint in the run folder; start if there is none.")
  var resume = false

  @Option(
    help: ArgumentHelp(
      "Plan so many optimizer steps in all; stages keep their proportions.", valueName: "n"))
  var steps: Int?

  @Option(
    help: ArgumentHelp(
      "Keep the plan, but stop after step n as on a signal (status 75).", valueName: "n"))
  var stopAfter: Int?

  func execute() throws -> ExitStatus {
    let options = try TrainOptions(
      configurationPath: config, output: output, overrides: overrides.set, resume: resume,
      steps: steps, stopAfter: stopAfter)
    let configuration = try options.readConfiguration()
    let progress = TrainProgress()
    return try onAllRanks { world in
      try train(
        options, configuration: configuration, world: world,
        console: TrainConsole(
          tell: { progress.tell($0) },
          openMetrics: { try MetricsFile(path: $0, resumingAt: $1) }))
    }
  }
}
