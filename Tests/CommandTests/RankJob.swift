import Foundation
import TestSupport
import Testing

/// Tests that start trainings. One after the other: they measure times, and each fills the processors.
@Suite(.serialized) enum TrainingJobs {}

/// PORTOLAN_TORTURE=1 asks for the full counts, which take many minutes.
let isTorture = ProcessInfo.processInfo.environment["PORTOLAN_TORTURE"] == "1"

/// A number that keeps the suite short, and the one that a release is judged by.
func repetitions(_ usual: Int, torture: Int) -> Int { isTorture ? torture : usual }

/// The end that is promised after a fault, in seconds: two on a machine without other work, as the full
/// counts ask for; elsewhere the processes may have to wait for a processor.
let patienceSeconds = isTorture ? 2.0 : 20.0

/// A folder that is removed at the end of its life.
final class RankFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { _ = Result { try FileManager.default.removeItem(atPath: path) } }

  func file(_ name: String) -> String { "\(path)/\(name)" }
}

/// One experiment: the arguments of `portolan train` without a run folder.
struct RankJob {
  var arguments: [String]
  /// Steps in all; nil takes the stages as they are.
  var stepCount: Int? = 60

  static let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The job of which the project promises one state digest for any number of ranks: 20 steps of the
  /// auto-encoder, 40 of the flow.
  static let circles = RankJob(
    arguments: [repository.appendingPathComponent("configs/interlocked-circles.yaml").path])

  /// The same two stages and several epochs and validations, in a fraction of the time.
  static let small = circles.setting(
    "data.generator.train=1000", "data.generator.validation=333", "data.generator.test=100",
    "model.charts=6", "model.encoder.hidden=[16]", "model.flow.couplings=2",
    "model.flow.hidden=[16]", "training.globalBatchSize=64")

  /// The small job without an end, for faults at any moment on a machine of any speed: 200 steps of the
  /// auto-encoder, then the flow.
  static let endless: RankJob = {
    var job = small.setting(
      "training.autoencoder.steps=200", "training.flow.steps=50000000",
      "checkpoints.everySteps=0")
    job.stepCount = nil
    return job
  }()

  func setting(_ pairs: String...) -> RankJob { setting(pairs) }

  func setting(_ pairs: [String]) -> RankJob {
    var job = self
    job.arguments += pairs.flatMap { ["--set", $0] }
    return job
  }

  func steps(_ count: Int) -> RankJob {
    var job = self
    job.stepCount = count
    return job
  }

  /// Starts the job and waits for its end.
  ///
  /// - Parameter started: gets the process number of `mpirun`.
  @discardableResult
  func train(
    in run: String, ranks: Int, _ more: [String] = [], expecting code: Int32? = 0,
    environment: [String: String] = [:], started: (Int32) throws -> Void = { _ in }
  ) throws -> MPIRun.Outcome {
    // Worker threads block signals, and a launcher that inherits this would not hear one.
    var none = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, nil)
    let outcome = try MPIRun.run(
      "portolan",
      ["train"] + arguments + (stepCount.map { ["--steps", "\($0)"] } ?? [])
        + ["--output", run] + more,
      ranks: ranks, environment: environment, timeoutSeconds: 90, started: started)
    if let code {
      #expect(outcome.exitCode == code, "\(ranks) ranks \(more): \(outcome.errors)")
    }
    return outcome
  }
}

/// What a run left in its folder.
struct RankRun {
  let path: String

  var checkpoints: [String] {
    let names =
      (FileManager.default.enumerator(atPath: path + "/checkpoints")?.allObjects ?? [])
      .compactMap { $0 as? String }
    return names.filter { $0.hasPrefix("step-") && $0.hasSuffix(".h5") }.sorted()
      .map { "\(path)/checkpoints/\($0)" }
  }

  /// Step of the newest checkpoint; −1 without one.
  var newestStep: Int {
    guard let newest = checkpoints.last else { return -1 }
    return Int(newest.suffix(11).dropLast(3)) ?? -1
  }

  /// The digest that the newest checkpoint carries, after the program has verified the whole file.
  func verifiedDigest() throws -> String {
    let newest = try #require(checkpoints.last, "no checkpoint in \(path)")
    let verification = try MPIRun.runAlone("portolan", ["verify", newest])
    #expect(verification.exitCode == 0, "\(verification.errors)")
    let head = try #require(FileManager.default.contents(atPath: newest)?.prefix(4096))
    let lines = String(decoding: head, as: UTF8.self).split(separator: "\n")
    let line = try #require(lines.first { $0.hasPrefix("stateDigest: ") })
    return String(line.dropFirst("stateDigest: ".count))
  }

  /// `metrics.csv` without the columns that hold times.
  func metrics() throws -> [String] {
    let text = try String(contentsOfFile: path + "/metrics.csv", encoding: .utf8)
    let rows = text.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    let header = try #require(rows.first)
    let kept = header.indices.filter { !header[$0].hasSuffix("Seconds") }
    return rows.map { row in
      kept.map { $0 < row.count ? String(row[$0]) : "?" }.joined(separator: ",")
    }
  }

  /// Digest and metrics: what must not depend on ranks, stops and crashes.
  func result() throws -> RankResult {
    RankResult(digest: try verifiedDigest(), metrics: try metrics())
  }
}

struct RankResult: Equatable {
  let digest: String
  let metrics: [String]
}

extension RankJob {
  /// The result of the job on so many ranks, without any interruption.
  ///
  /// - Parameter stopAfter: the step that it is asked to stop after; nil runs to the end.
  func result(ranks: Int, stopAfter: Int? = nil) throws -> RankResult {
    let folder = try RankFolder()
    try train(
      in: folder.file("run"), ranks: ranks, stopAfter.map { ["--stop-after", "\($0)"] } ?? [],
      expecting: stopAfter == nil ? 0 : 75)
    return try RankRun(path: folder.file("run")).result()
  }
}
