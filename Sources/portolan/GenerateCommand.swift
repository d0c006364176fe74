import ArgumentParser
import Datasets
import Experiments
import Foundation

/// `portolan generate`
struct GenerateCommand: FailingCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Solve a partial differential equation for many initial conditions.",
    discussion: """
      Writes pairs u(0), u(T) to an HDF5 file: /train/input, /train/output, /test/input and \
      /test/output, [pairs, points], with the equation, the length, the end time, the step and what \
      halving it changes as attributes. Any number of processes gives the same arrays. \
      The file is FILE.h5.partial until it is whole; one that a killed command left is written over by \
      the next, and may be removed.

      Sets: \(PDESet.allCases.map(\.rawValue).joined(separator: ", ")).

      Example: mpirun -n 2 portolan generate ks-22 --output data/pde/ks-22.h5
      """)

  @Argument(help: "Name of the set.")
  var name: String

  @Option(help: ArgumentHelp("Where to write.", valueName: "file.h5"))
  var output: String

  @Option(help: ArgumentHelp("Pairs to train on.", valueName: "n"))
  var samples = 1000

  @Option(help: ArgumentHelp("Pairs to test on.", valueName: "n"))
  var test = 200

  @Option(
    help: ArgumentHelp(
      "Points of a field in the file, a divisor of the 1024 it is solved on.", valueName: "n"))
  var points: Int?

  @Option(help: "Key of all draws.")
  var seed = 1

  func execute() throws -> ExitStatus {
    let options = try GenerateOptions(
      name: name, output: output, train: samples, test: test, points: points, seed: seed)
    return try onAllRanks { world in
      try generatePairs(options, world: world) {
        FileHandle.standardError.write(Data(($0 + "\n").utf8))
      }
    }
  }
}
