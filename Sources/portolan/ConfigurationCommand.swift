import ArgumentParser
import Experiments

/// `portolan configuration`
struct ConfigurationCommand: FailingCommand {
  static let configuration = CommandConfiguration(
    commandName: "configuration",
    abstract: "Print every setting with its default, its range and what it means.",
    discussion: """
      The output is a complete configuration file. With CONFIG, the values are those of the file, \
      checked.

      Examples:
        portolan configuration > my.yaml
        portolan configuration --for cross-validation > folds.yaml
      """)

  /// What a configuration is for.
  enum Purpose: String, ExpressibleByArgument, CaseIterable {
    case training
    case crossValidation = "cross-validation"
  }

  @Option(name: .customLong("for"), help: "The command that takes it.")
  var purpose = Purpose.training

  @Argument(help: "Configuration file (YAML) to check and to print in full.")
  var config: String?

  @OptionGroup var overrides: OverrideOptions

  @Flag(help: "Print values only, without explanations.")
  var brief = false

  func execute() throws -> ExitStatus {
    switch purpose {
    case .training: try printed(Configuration.self)
    case .crossValidation: try printed(CrossValidationConfiguration.self)
    }
    return .success
  }

  private func printed<Root: RootConfiguration>(_ type: Root.Type) throws {
    let configuration =
      if let config {
        try Root(contentsOf: config, overrides: overrides.set)
      } else {
        try Root(overrides: overrides.set)
      }
    print(brief ? configuration.resolvedYAML : configuration.documentedYAML, terminator: "")
  }
}

/// `--set`, for every command that reads a configuration.
struct OverrideOptions: ParsableArguments {
  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      "Replace one setting, such as training.flow.learningRate=0.001. May be repeated.",
      valueName: "key.path=value"))
  var set: [String] = []
}
