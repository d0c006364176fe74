import Foundation
import TestSupport

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

  static func read(
    _ folder: String, ranks: Int = 1, _ more: [String] = []
  ) throws -> MPIRun.Outcome {
    try MPIRun.run("MultiRankProbe", ["checkpoint-read", folder] + more, ranks: ranks)
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
