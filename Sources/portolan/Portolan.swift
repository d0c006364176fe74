import ArgumentParser
import Experiments
import Foundation

/// The command `portolan`.
@main
struct Portolan: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "portolan",
    abstract: "Learn the density of points that lie near curves and surfaces.",
    discussion: """
      Portolan learns an atlas: it cuts the data into charts and trains one normalizing flow \
      that knows which chart it is on. It runs alone or on many processes, and gives the same \
      bits on any number of them.

      First steps:
        portolan train --output runs/first    train the built-in example
        portolan evaluate runs/first          score it on points it has not seen
        portolan report runs/first            draw it, in runs/first/report

      Your own data, four processes:
        portolan configuration > my.yaml      every setting, explained
        mpirun -n 4 portolan train my.yaml

      Exit status: 0 done, 64 usage, 65 bad data or configuration, 66 no such input, 70 internal \
      error, 74 input/output error, 75 stopped with a checkpoint (go on with --resume).
      """,
    subcommands: [
      ConfigurationCommand.self, TrainCommand.self, EvaluateCommand.self,
      LogProbabilityCommand.self, SampleCommand.self, ReportCommand.self, InspectCommand.self,
      VerifyCommand.self, ExperimentCommand.self, GenerateCommand.self, CrossValidateCommand.self,
      BenchmarkCommand.self,
    ])

  /// Parses and runs. All ranks get the same arguments, so only rank 0 speaks about them.
  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      let process = LaunchedProcess.current
      if process.rank == 0 || error is ExitCode { exit(withError: error) }
      process.letRootSpeak()
      Foundation.exit(exitCode(for: error).rawValue)
    }
  }
}
