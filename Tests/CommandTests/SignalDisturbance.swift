import Foundation
import TestSupport

/// How a signal was sent to a job, and what came of it.
struct Disturbance {
  let outcome: MPIRun.Outcome
  /// From the signal to the end of `mpirun`; nil if the job had ended before.
  let secondsToEnd: Double?
  /// From the signal to the end of the last rank, without what `mpirun` does afterwards.
  let secondsToRanksEnd: Double
}

extension RankJob {
  /// Trains, and sends a signal to one of its processes some time after training has begun.
  ///
  /// - Parameters:
  ///   - rank: which process; nil for `mpirun` itself.
  ///   - delaySeconds: counted from the moment when the run's log appears.
  func disturbed(
    in run: String, ranks: Int, _ more: [String] = [], signal: Int32, rank: Int?,
    delaySeconds: Double
  ) throws -> Disturbance {
    let log = run + "/metrics.csv"
    let before = modificationTime(of: log)
    var sent: Date?
    var secondsToRanksEnd = 0.0
    let outcome = try train(in: run, ranks: ranks, more, expecting: nil) { launcher in
      let limit = Date() + 30
      while modificationTime(of: log) == before, Date() < limit, isAlive(launcher) {
        usleep(1000)
      }
      // A machine that is busy may start the last rank long after the first one.
      while children(of: launcher).count < ranks, Date() < limit, isAlive(launcher) {
        usleep(1000)
      }
      let processes = children(of: launcher)
      usleep(UInt32(delaySeconds * 1e6))
      let target = rank.map { processes.count == ranks ? processes[$0] : -1 } ?? launcher
      if target > 0, isAlive(target), kill(target, signal) == 0 {
        let start = Date()
        sent = start
        while processes.contains(where: isAlive), Date() < start + 20 { usleep(2000) }
        secondsToRanksEnd = Date().timeIntervalSince(start)
      }
    }
    return Disturbance(
      outcome: outcome, secondsToEnd: sent.map { Date().timeIntervalSince($0) },
      secondsToRanksEnd: secondsToRanksEnd)
  }
}

/// Identity of a file that is replaced as a whole; nil without one.
private func modificationTime(of path: String) -> [UInt64]? {
  var status = stat()
  guard stat(path, &status) == 0 else { return nil }
  return [UInt64(status.st_ino), UInt64(status.st_mtim.tv_sec), UInt64(status.st_mtim.tv_nsec)]
}

/// Whether a process runs: it is there and no zombie.
private func isAlive(_ process: Int32) -> Bool {
  guard let text = FileManager.default.contents(atPath: "/proc/\(process)/stat") else {
    return false
  }
  let fields = String(decoding: text, as: UTF8.self).split(separator: ")").last ?? ""
  return !fields.hasPrefix(" Z")
}

/// The processes that another one started, in order of their numbers: the ranks of an `mpirun`.
func children(of process: Int32) -> [Int32] {
  var found: [Int32] = []
  let tasks = FileManager.default.enumerator(atPath: "/proc/\(process)/task")
  for case let task as String in tasks ?? .init() where !task.contains("/") {
    let path = "/proc/\(process)/task/\(task)/children"
    let text = FileManager.default.contents(atPath: path).map {
      String(decoding: $0, as: UTF8.self)
    }
    found += (text ?? "").split(separator: " ").compactMap { Int32($0) }
  }
  return found.sorted()
}

extension RankRun {
  var logIsMissing: Bool { !FileManager.default.fileExists(atPath: path + "/metrics.csv") }

  /// Whether a commit was under way.
  var holdsPartial: Bool {
    (FileManager.default.enumerator(atPath: path + "/checkpoints")?.allObjects ?? [])
      .contains { ($0 as? String)?.hasSuffix(".partial") ?? false }
  }
}

extension MPIRun.Outcome {
  /// The number behind the last of some words on standard error; −1 without them.
  private func number(after words: String) -> Int {
    guard let range = errors.range(of: words, options: .backwards) else { return -1 }
    return Int(errors[range.upperBound...].prefix { $0.isNumber }) ?? -1
  }

  var lastAnnouncedStep: Int { number(after: "checkpoint of step ") }
  var resumedStep: Int { number(after: "resuming from step ") }
}
