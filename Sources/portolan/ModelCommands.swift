import ArgumentParser
import Experiments
import Flows

// The commands that use a trained model.

/// `portolan evaluate`
struct EvaluateCommand: FailingCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Score a trained model on points that it has not seen.",
    discussion: """
      Prints the mean log-likelihood of the test points in nats with its standard error and, where \
      the true density is known, the best value that any model can have.

      Example: portolan evaluate runs/helix --json
      """)

  @Argument(help: "Run folder.")
  var run: String

  @Option(
    help: ArgumentHelp(
      "Points to score in place of the run's test points: .csv, .h5.", valueName: "file"))
  var data: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  func execute() throws -> ExitStatus {
    let options = try EvaluateOptions(run: RunFolder(run), data: data, json: json)
    return try onAllRanks { world in
      if let text = try evaluate(options, world: world) { print(text) }
      return .success
    }
  }
}

/// `portolan log-probability`
struct LogProbabilityCommand: FailingCommand {
  static let configuration = CommandConfiguration(
    commandName: "log-probability",
    abstract: "Give the log-density of each point of a file.",
    discussion: """
      Writes one number for each row of the input, in nats, in the units of the training data.

      Example: portolan log-probability runs/helix --input points.csv --output density.csv
      """)

  @Argument(help: "Run folder.")
  var run: String

  @Option(help: ArgumentHelp("Points: .csv with a header, or .h5.", valueName: "file"))
  var input: String

  @Option(help: ArgumentHelp("Where to write: .csv or .h5.", valueName: "file"))
  var output: String

  @Option(
    help: ArgumentHelp(
      "Also write chart and base coordinates: most-probable, expected or stochastic.",
      valueName: "mode"))
  var inference: Inference?

  func execute() throws -> ExitStatus {
    let options = try LogProbabilityOptions(
      run: RunFolder(run), input: input, output: output, inference: inference)
    return try onAllRanks { world in
      if let text = try logProbability(options, world: world) { print(text) }
      return .success
    }
  }
}

/// `portolan sample`
struct SampleCommand: FailingCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample",
    abstract: "Draw new points from a trained model.",
    discussion: """
      The points depend on the model and the seed only, not on the number of processes.

      Example: portolan sample runs/helix --count 10000 --output samples.csv
      """)

  @Argument(help: "Run folder.")
  var run: String

  @Option(help: ArgumentHelp("Number of points.", valueName: "n"))
  var count: Int

  @Option(help: ArgumentHelp("Where to write: .csv or .h5.", valueName: "file"))
  var output: String

  @Option(help: ArgumentHelp("Seed of the samples. Default: the run's.", valueName: "s"))
  var seed: Int?

  func execute() throws -> ExitStatus {
    let options = try SampleOptions(
      run: RunFolder(run), count: count, output: output, seed: seed)
    return try onAllRanks { world in
      if let text = try sample(options, world: world) { print(text) }
      return .success
    }
  }
}

extension Inference: ExpressibleByArgument {}
