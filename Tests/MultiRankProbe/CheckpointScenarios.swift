import Checkpoints
import Distributed
import Foundation

private struct InjectedError: Error, CustomStringConvertible {
  var description: String { "injected" }
}

/// FOLDER STEP [LARGE [STAGE kill|fail RANK]]: commits one checkpoint; prints its digest, the speed, and
/// the milliseconds after which root reached each stage.
func checkpointWriteScenario(_ arguments: [String]) throws {
  let folder = CheckpointFolder(path: arguments[0])
  let large = arguments.count > 2 ? Int(arguments[2])! : 1000
  let state = CheckpointState(step: Int(arguments[1])!, large: large)
  try Probe.run { group, _ in
    try folder.prepare(on: group)
    var writer = CheckpointWriter(folder: folder, group: group)
    var stages: [String] = []
    try state.withContent(rank: group.rank, ranks: group.size) { content in
      try group.barrier()
      let start = Date()
      writer.onStage = { stage in
        stages.append("\(stage.rawValue) \(Int(Date().timeIntervalSince(start) * 1000))")
        guard arguments.count > 3, stage.rawValue == arguments[3],
          group.rank == Int(arguments[5])!
        else { return }
        if arguments[4] == "fail" { throw InjectedError() }
        kill(getpid(), SIGKILL)
      }
      let header: CheckpointHeader
      do { header = try writer.commit(content) } catch {
        // All ranks have the error; the launcher ends the others when the first one leaves.
        try Probe.printAll("\(error)", group)
        throw error
      }
      let seconds = Date().timeIntervalSince(start)
      guard group.isRoot else { return }
      print("digest \(header.stateDigest)")
      print("rate \(Int(Double(header.fileBytes) / 1e6 / seconds)) MB/s, \(seconds) s")
      print(stages.joined(separator: ", "))
    }
  }
}

/// FOLDER [LARGE [HIDDEN]]: finds the newest checkpoint that verifies, reads it on each rank.
func checkpointReadScenario(_ arguments: [String]) throws {
  try Probe.run { group, _ in
    let latest = try CheckpointFolder(path: arguments[0]).latestVerified(on: group)
    for rejection in latest.skipped where group.isRoot { print("skipped \(rejection.reason)") }
    guard let (path, header) = latest.checkpoint else {
      if group.isRoot { print("none") }
      return
    }
    let state = CheckpointState(
      step: header.step, large: arguments.count > 1 ? Int(arguments[1])! : 1000,
      hidden: arguments.count > 2 ? Int(arguments[2])! : 33)
    let wrong = try group.agreed {
      let reader = try CheckpointReader(path, verified: header)
      let expected = state.layout.map {
        ArraySpecification(path: "/parameters/\($0.name)", shape: $0.shape, type: .float32)
      }
      try reader.requireLayout(expected, in: ["/parameters"])
      return try state.differences(in: reader, rank: group.rank, ranks: group.size)
    }
    var sum = [Int64(wrong)]
    try group.sumIntegers(&sum)
    if group.isRoot { print("step \(header.step) wrong \(sum[0]) digest \(header.stateDigest)") }
  }
}

/// FOLDER LAST STEP…: commits the steps, keeping the LAST newest and step 2.
func checkpointRetentionScenario(_ arguments: [String]) throws {
  let folder = CheckpointFolder(path: arguments[0])
  try Probe.run { group, _ in
    try folder.prepare(on: group)
    let writer = CheckpointWriter(folder: folder, group: group)
    for step in arguments.dropFirst(2).map({ Int($0)! }) {
      _ = try CheckpointState(step: step).withContent(rank: group.rank, ranks: group.size) {
        try writer.commit($0)
      }
      try folder.retain(
        keepLast: Int(arguments[1])!, keeping: [2], committedStep: step, on: group)
    }
    if group.isRoot { print(try folder.files().map { "\($0.step)" }.joined(separator: " ")) }
  }
}

/// FOLDER [hold FILE]: takes the lock of a run folder; holds it until FILE is there.
func runLockScenario(_ arguments: [String]) throws {
  try Probe.run { group, _ in
    let lock = try RunFolderLock(folder: arguments[0], on: group)
    if group.isRoot { print("locked") }
    if arguments.count > 2 {
      try Data().write(to: URL(fileURLWithPath: arguments[2] + ".held"))
      for _ in 0..<2000 where !FileManager.default.fileExists(atPath: arguments[2]) {
        usleep(10_000)
      }
    }
    _ = consume lock
  }
}
