import Foundation
import TestSupport
import Testing

/// Tests that give the real program something wrong.
@Suite(.serialized)
enum BadInput {}

/// A folder for the files of one test, removed with this value.
final class Scratch {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "portolan-\(UUID())").path
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
  }

  deinit {
    do { try FileManager.default.removeItem(atPath: path) } catch { print(error) }
  }

  func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file and gives its path.
  func file(_ name: String, _ text: String) throws -> String {
    try Data(text.utf8).write(to: URL(fileURLWithPath: self(name)))
    return self(name)
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: self(name)) }

  func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: self(folder)).sorted()
  }

  func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: self(name))))
  }

  func write(_ bytes: [UInt8], to name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: self(name)))
  }

  func copy(_ source: String, to target: String) throws {
    try FileManager.default.copyItem(atPath: self(source), toPath: self(target))
  }

  /// Writes the configuration of a run that takes a tenth of a second, with `more` below it.
  func configuration(_ more: String = "") throws -> String {
    try file(
      "small.yaml",
      """
      shards: 4
      model:
        charts: 2
        encoder: {hidden: [8]}
        flow: {couplings: 2, hidden: [8]}
      training: {globalBatchSize: 16, totalSteps: 6}
      evaluation: {ceilingSamples: 0, mixtureComponents: 0, samples: 10}
      \(more.isEmpty ? "data:\n  generator: {train: 64, validation: 32, test: 32}" : more)

      """)
  }

  /// Trains a small run with a checkpoint at each of the steps 2, 4 and 6.
  func train(_ name: String, _ arguments: String...) throws {
    let outcome = try portolan(
      ["train", try configuration(), "--output", self(name)]
        + ["--set", "checkpoints.everySteps=2", "--set", "checkpoints.keepLast=5"] + arguments)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
  }
}

/// Runs the program, under `mpirun` for more than one rank.
func portolan(
  _ arguments: [String], ranks: Int = 1, environment: [String: String] = [:]
) throws -> MPIRun.Outcome {
  ranks == 1
    ? try MPIRun.runAlone("portolan", arguments, environment: environment)
    : try MPIRun.run("portolan", arguments, ranks: ranks, environment: environment)
}

/// Expects that a command ended with `status` and one error, in which each of `texts` stands once.
func expectRefusal(
  _ outcome: MPIRun.Outcome, _ status: Int32, _ texts: String...,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let errors = outcome.errors
  #expect(outcome.exitCode == status, "\(errors)", sourceLocation: sourceLocation)
  for text in ["portolan: error: "] + texts {
    #expect(
      errors.components(separatedBy: text).count == 2, "'\(text)' once in:\n\(errors)",
      sourceLocation: sourceLocation)
  }
}

/// Numbers for mutations, the same in each run (SplitMix64; Steele, Lea, Flood, 2014).
struct MutationGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
