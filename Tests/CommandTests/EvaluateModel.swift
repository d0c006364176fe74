import Foundation
import TestSupport

/// Short runs that the tests of scores, samples and reports share; each is trained once.
enum EvaluateModel {
  static let columns = ["x", "y", "z"]
  static let charts = 12
  static let testRows = 1500

  /// A small atlas of two linked circles, trained well enough to look like them.
  static let circles = Result {
    try train("circles", ["--set", "model.charts=\(charts)", "--steps", "900"])
  }
  /// A plain flow: one chart, a bijection of the whole space.
  static let plain = Result { try train("plain", ["--set", "model.charts=1", "--steps", "150"]) }

  /// The folder of all runs; removed when the process ends.
  static let folder: String = {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    atexit { unlinkAll(EvaluateModel.folder) }
    return folder
  }()

  /// Trains with cheap settings and returns the run folder.
  static func train(_ name: String, _ options: [String]) throws -> String {
    let run = "\(folder)/\(name)"
    let outcome = try MPIRun.runAlone(
      "portolan",
      [
        "train", "--output", run, "--set", "training.globalBatchSize=128",
        "--set", "data.generator.validation=500", "--set", "data.generator.test=\(testRows)",
        "--set", "evaluation.mixtureComponents=8", "--set", "evaluation.mixtureIterations=20",
      ] + options, timeoutSeconds: 120)
    guard outcome.exitCode == 0 else { throw Failed(what: "train", outcome: outcome) }
    return run
  }

  /// Runs a command that must succeed and returns its output.
  @discardableResult
  static func portolan(_ arguments: [String], ranks: Int? = nil) throws -> String {
    let outcome =
      try ranks.map { try MPIRun.run("portolan", arguments, ranks: $0) }
      ?? MPIRun.runAlone("portolan", arguments)
    guard outcome.exitCode == 0 else { throw Failed(what: arguments[0], outcome: outcome) }
    return outcome.output
  }

  /// Runs a Python program of the system, which has NumPy and h5py.
  static func python(_ arguments: [String]) throws -> String {
    let outcome = try MPIRun.spawn(
      URL(fileURLWithPath: "/usr/bin/python3"), arguments, timeoutSeconds: 60)
    guard outcome.exitCode == 0 else { throw Failed(what: "python3", outcome: outcome) }
    return outcome.output
  }

  /// A path for a file that one test makes.
  static func newFile(_ suffix: String) -> String { "\(folder)/\(UUID().uuidString)\(suffix)" }

  /// The newest checkpoint of a run.
  static func checkpoint(of run: String) throws -> String {
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(run)/checkpoints")
    return "\(run)/checkpoints/" + (names.filter { $0.hasSuffix(".h5") }.max() ?? "none")
  }

  struct Failed: Error, CustomStringConvertible {
    let what: String
    let outcome: MPIRun.Outcome
    var description: String {
      "\(what) ended with \(outcome.exitCode.map(String.init) ?? "a timeout"): \(outcome.errors)"
    }
  }
}

/// A CSV file of numbers, read plainly.
struct NumberTable {
  let names: [String]
  let rows: [[Double]]

  init(_ path: String) throws {
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    names = lines[0].split(separator: ",").map(String.init)
    rows = lines.dropFirst().map { $0.split(separator: ",").map { Double($0) ?? .nan } }
  }

  func column(_ name: String) -> [Double] {
    guard let index = names.firstIndex(of: name) else { return [] }
    return rows.map { $0[index] }
  }
}

private func unlinkAll(_ folder: String) {
  do { try FileManager.default.removeItem(atPath: folder) } catch {
    print("cannot remove \(folder): \(error)")
  }
}

func meanAndVariance(_ values: [Double]) -> (mean: Double, variance: Double) {
  let mean = values.reduce(0, +) / Double(values.count)
  return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1))
}
