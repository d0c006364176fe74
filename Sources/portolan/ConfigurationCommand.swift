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

      Example: portolan configuration > my.yaml
      """)

  @Argument(help: "Configuration file (YAML) to check and to print in full.")
  var config: String?

  @OptionGroup var overrides: OverrideOptions

  @Flag(help: "Print values only, without explanations.")
  var brief = false

  func execute() throws -> ExitStatus {
    let configuration =
      if let config {
        try Configuration(contentsOf: config, overrides: overrides.set)
      } else {
        try Configuration(overrides: overrides.set)
      }
    print(brief ? configuration.resolvedYAML : configuration.documentedYAML, terminator: "")
    return .success
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
