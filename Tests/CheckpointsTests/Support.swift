import Foundation
import TestSupport
import Testing

/// A folder of its own for one test, removed afterwards.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = NSTemporaryDirectory() + "portolan-checkpoints-" + UUID().uuidString
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer {
    do { try FileManager.default.removeItem(atPath: folder) } catch {
      print("left behind: \(folder)")
    }
  }
  return try body(folder)
}

/// The scenarios of the probe that this target uses.
enum Probe {
  static func write(
    _ folder: String, step: Int, ranks: Int = 1, large: Int = 1000, _ more: [String] = []
  ) throws -> MPIRun.Outcome {
    try MPIRun.run(
      "MultiRankProbe", ["checkpoint-write", folder, "\(step)", "\(large)"] + more, ranks: ranks)
  }

  /// A good checkpoint of step 1, written once by two ranks.
  private static let good = Result {
    try withTemporaryFolder { folder in
      let outcome = try write(folder, step: 1, ranks: 2, large: 300)
      #expect(outcome.exitCode == 0, "\(outcome.output)\(outcome.errors)")
      return try contents(folder + "/step-00000001.h5")
    }
  }

  /// Puts that checkpoint into a folder and returns its bytes.
  @discardableResult
  static func placeCheckpoint(in folder: String) throws -> [UInt8] {
    let bytes = try good.get()
    try CheckpointsTests.write(bytes, to: folder + "/step-00000001.h5")
    return bytes
  }

  static func read(
    _ folder: String, ranks: Int = 1, _ more: [String] = []
  ) throws -> MPIRun.Outcome {
    let arguments = ["checkpoint-read", folder] + more
    return ranks == 1
      ? try MPIRun.runAlone("MultiRankProbe", arguments)
      : try MPIRun.run("MultiRankProbe", arguments, ranks: ranks)
  }
}

func contents(_ path: String) throws -> [UInt8] {
  Array(try Data(contentsOf: URL(fileURLWithPath: path)))
}

func write(_ bytes: [UInt8], to path: String) throws {
  try Data(bytes).write(to: URL(fileURLWithPath: path))
}

func names(in folder: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
}

extension MPIRun.Outcome {
  /// Everything that was written, wherever.
  var text: String { output + errors }
}
