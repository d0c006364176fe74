import Distributed
import Foundation
import MPI

/// The last rank sleeps for `arguments[0]` seconds instead of coming to step 7; the deadline is 4 s.
func deadlineScenario(_ arguments: [String]) throws {
  let seconds = arguments.first.flatMap { Double($0) } ?? 0
  try Probe.run(deadlineSeconds: 4) { group, _ in
    try group.barrier()
    group.step = 7
    if group.rank == group.size - 1 { usleep(UInt32(seconds * 1e6)) }
    _ = try group.treeSum(shardValues: group.ownShards.indices.map { [Float($0)] })
    if group.isRoot { print("complete") }
  }
}

/// The last rank goes to another operation, count, type or step, by `arguments[0]`.
func desynchronisedScenario(_ arguments: [String]) throws {
  try Probe.run { group, _ in
    let fault = group.rank == group.size - 1 ? arguments.first : nil
    group.step = fault == "step" ? 4 : 3
    var values = [Float](repeating: 1, count: 100_000)
    var doubles = [Double](repeating: 1, count: 100_000)
    switch fault {
    case "operation": try group.barrier()
    case "count": try group.gatherSlices(&values, count: 99_000)
    case "type": try group.gatherSlices(&doubles, count: 100_000)
    default: try group.gatherSlices(&values, count: 100_000)
    }
    if group.isRoot { print("complete") }
  }
}

/// The last rank is killed in step 20 (unless "off"), in the midst of reductions: short ones, or, with
/// "long", of 100,000 elements in memory that ranks read from each other. With "watch" the others look
/// for dead ranks themselves and outlive the launcher's SIGTERM, as training does.
func deathScenario(_ arguments: [String]) throws {
  let count = arguments.contains("long") ? 100_000 : 1
  try Probe.run { group, _ in
    if arguments.contains("watch") {
      try group.watchLocalPeers()
      StopSignals.install()
    }
    let subtrees = group.ownSubtrees.count
    let memory = try group.makeExchangeMemory(byteCount: 4 * count * subtrees)
    let base = memory.pointer.bindMemory(to: Float.self, capacity: count * subtrees)
    let partials = (0..<subtrees).map { UnsafePointer(base + $0 * count) }
    let own = SliceLayout(count: count, ranks: group.size)[group.rank]
    try withExtendedLifetime(memory) {
      for step in 1...40 {
        group.step = step
        try group.treeReduce(partials: partials, count: count, into: base + own.lowerBound)
        try group.gatherSlices(base, count: count)
        if step == 20, group.rank == group.size - 1, arguments.first != "off" {
          print("killed at \(Date().timeIntervalSince1970)")
          fflush(nil)
          usleep(100_000)
          kill(getpid(), SIGKILL)
        }
      }
    }
    if group.isRoot { print("complete") }
  }
}

/// Prints how many shared windows this job has mapped, and how many of those still have a name.
func windowScenario(_ arguments: [String]) throws {
  try Probe.run { group, _ in
    let memory = try group.makeExchangeMemory(byteCount: 1 << 20)
    // Its length is not known before it is read.
    let maps = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/proc/self/maps")).readToEnd()
    let text = String(decoding: maps ?? Data(), as: UTF8.self)
    let windows = text.split(separator: "\n").filter { $0.contains("/osc_sm.") }
    let named = windows.filter { !$0.hasSuffix("(deleted)") }
    try withExtendedLifetime(memory) {
      try Probe.printAll("\(memory.isShared) \(windows.count) windows, \(named.count) named", group)
    }
  }
}

/// All ranks but the last enter a blocking collective, which the last one never does (unless "off").
func watchdogScenario(_ arguments: [String]) throws {
  try Probe.run { group, world in
    let watchdog = Watchdog(rank: group.rank, size: group.size, limitSeconds: 3)
    if group.rank == group.size - 1, arguments.first != "off" { usleep(15_000_000) }
    try watchdog.guarding("write checkpoint step 200") { try world.barrier() }
    if group.isRoot { print("complete") }
  }
}
