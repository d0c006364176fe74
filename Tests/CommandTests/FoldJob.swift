import Foundation
import TestSupport
import Testing

/// A small cross-validation in a folder of its own.
struct FoldJob {
  let folder: RankFolder
  var output = "run"
  var arguments: [String]

  /// Folds of a fraction of a second: 80 windows, two models, two plans.
  static let small = [
    "data.syntheticDays=100", "training.epochs=6", "training.globalBatchSize=16",
    "models.linear.residual=none", "models.ours.kind=linear", "models.ours.residual=increments",
  ]

  init(_ folder: RankFolder, _ settings: [String] = []) {
    self.folder = folder
    arguments = (Self.small + settings).flatMap { ["--set", $0] }
  }

  var path: String { folder.file(output) }

  @discardableResult
  func run(
    ranks: Int, _ more: [String] = [], expecting code: Int32? = 0,
    started: (Int32) throws -> Void = { _ in }
  ) throws -> MPIRun.Outcome {
    // Worker threads block signals, and a launcher that inherits this would not hear one.
    var none = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, nil)
    let outcome = try MPIRun.run(
      "portolan", ["cross-validate", "--output", path] + arguments + more, ranks: ranks,
      timeoutSeconds: 120, started: started)
    if let code { #expect(outcome.exitCode == code, "\(ranks) ranks \(more): \(outcome.errors)") }
    return outcome
  }

  /// Paths of files of one name below the run's folder.
  func files(_ name: String) -> [String] {
    let all = (FileManager.default.enumerator(atPath: path)?.allObjects ?? [])
      .compactMap { $0 as? String }
    return all.filter { $0.hasSuffix("/" + name) }.sorted()
  }

  var text: String {
    get throws { try String(contentsOfFile: path + "/table.md", encoding: .utf8) }
  }

  /// The result of each finished fold without the time that it took.
  func results() throws -> NSDictionary {
    let results = NSMutableDictionary()
    for file in files("result.json") {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(file)"))
      let json = try #require(
        try JSONSerialization.jsonObject(with: bytes, options: .mutableContainers)
          as? NSMutableDictionary)
      json.removeObject(forKey: "seconds")
      results[file] = json
    }
    return results
  }

  /// The digest of each finished fold; nil for one that failed.
  func digests() throws -> [String: String] {
    var digests: [String: String] = [:]
    for (file, result) in try results() {
      let outcome = (result as? NSDictionary)?["outcome"] as? NSDictionary
      digests["\(file)"] = outcome?["digest"] as? String
    }
    return digests
  }

  /// Identity and time of the files of finished folds.
  func stamps() throws -> [String: String] {
    var stamps: [String: String] = [:]
    for file in files("result.json") {
      let facts = try FileManager.default.attributesOfItem(atPath: "\(path)/\(file)")
      stamps[file] = "\(facts[.systemFileNumber] ?? "") \(facts[.modificationDate] ?? "")"
    }
    return stamps
  }
}
