import Checkpoints
import Foundation
import TestSupport
import Testing

@Suite("Faults during a commit", .serialized)
struct FaultTests {
  @Test(
    "A kill at any stage leaves a valid latest checkpoint, and the next commit works",
    arguments: CommitStage.allCases, [0, 1])
  func kill(stage: CommitStage, rank: Int) throws {
    // Only root passes these stages.
    if rank == 1 && [.created, .headed, .renamed].contains(stage) { return }
    try withTemporaryFolder { folder in
      try Probe.placeCheckpoint(in: folder)
      let killed = try Probe.write(folder, step: 2, ranks: 2, [stage.rawValue, "kill", "\(rank)"])
      #expect(killed.exitCode == 137, "\(killed.output)\(killed.errors)")
      let latest = try CheckpointFolder(path: folder).latestVerified()
      #expect(latest.checkpoint?.header.step == (stage == .renamed ? 2 : 1))
      #expect(latest.skipped.isEmpty)
      let next = try Probe.write(folder, step: 3)
      #expect(next.exitCode == 0, "\(next.output)\(next.errors)")
      #expect(try names(in: folder).allSatisfy { !$0.hasSuffix(".partial") })
    }
  }

  @Test(
    "An error of one rank is thrown on all, the partial file goes, older files stay",
    arguments: CommitStage.allCases.filter { $0 != .renamed })
  func failure(stage: CommitStage) throws {
    let rank = [.created, .headed].contains(stage) ? 0 : 1
    try withTemporaryFolder { folder in
      try Probe.placeCheckpoint(in: folder)
      let failed = try Probe.write(folder, step: 2, ranks: 2, [stage.rawValue, "fail", "\(rank)"])
      #expect(failed.exitCode == 70 && failed.seconds < 30, "\(failed.output)\(failed.errors)")
      let expected = (0..<2).map { "rank \($0): rank \(rank): injected" }
      #expect(failed.lines.prefix(2) == expected[...], "\(failed.output)")
      #expect(try names(in: folder) == ["step-00000001.h5"])
      #expect(try CheckpointFolder(path: folder).latestVerified().checkpoint?.header.step == 1)
    }
  }

  @Test(
    "A full disk is one clear error on all ranks, within seconds",
    .enabled(if: SmallDisk.isPossible))
  func fullDisk() throws {
    try SmallDisk.with(megabytes: 4) { folder in
      #expect(try Probe.write(folder, step: 1, ranks: 2).exitCode == 0)
      let failed = try Probe.write(folder, step: 2, ranks: 2, large: 2_000_000)
      #expect(failed.exitCode == 74 && failed.seconds < 30, "\(failed.output)\(failed.errors)")
      #expect(failed.text.contains("No space left on device"))
      #expect(failed.text.contains("hint: free space"))
      #expect(try names(in: folder) == ["step-00000001.h5"])
      #expect(try CheckpointFolder(path: folder).latestVerified().checkpoint?.header.step == 1)
    }
  }

  @Test("A folder that cannot be made is one clear error on all ranks")
  func unwritable() throws {
    try withTemporaryFolder { folder in
      try write([], to: folder + "/file")
      let failed = try Probe.write(folder + "/file/checkpoints", step: 1, ranks: 2)
      #expect(failed.exitCode == 74)
      #expect(failed.text.contains("cannot create the folder"))
      #expect(failed.text.contains("hint: choose an output folder"))
      // Not writable even for root: the kernel's own file system.
      let refused = try Probe.write("/proc/sys", step: 1, ranks: 2)
      #expect(refused.exitCode == 74 && refused.text.contains("hint: "), "\(refused.output)")
    }
  }

  @Test("Retention keeps the last ones, the named ones, and always the one just committed")
  func retention() throws {
    try withTemporaryFolder { folder in
      let arguments = ["checkpoint-retention", folder]
      let two = try MPIRun.run(
        "MultiRankProbe", arguments + ["2", "1", "2", "3", "4", "5"], ranks: 2)
      #expect(two.lines == ["2 4 5"], "\(two.output)\(two.errors)")
      // Resumed from step 2: later files are not touched, earlier ones go.
      let one = try MPIRun.run("MultiRankProbe", arguments + ["1", "3"], ranks: 1)
      #expect(one.lines == ["2 3 4 5"], "\(one.output)\(one.errors)")
    }
  }

  @Test("Two jobs on one run folder: the second is refused and told who holds it")
  func lock() throws {
    try withTemporaryFolder { folder in
      let done = folder + "/done"
      let first = try MPIRun.runAlone(
        "MultiRankProbe", ["run-lock", folder, "hold", done]
      ) { holder in
        for _ in 0..<1000 where !FileManager.default.fileExists(atPath: done + ".held") {
          usleep(10_000)
        }
        let second = try MPIRun.run("MultiRankProbe", ["run-lock", folder], ranks: 2)
        #expect(second.exitCode == 74)
        #expect(
          second.text.contains(
            "two jobs on one run folder: \(folder) is in use by process \(holder) on"),
          "\(second.output)\(second.errors)")
        try write([], to: done)
      }
      #expect(first.exitCode == 0 && first.lines == ["locked"], "\(first.errors)")
      #expect(try MPIRun.runAlone("MultiRankProbe", ["run-lock", folder]).exitCode == 0)
    }
  }
}

/// A file system of a few megabytes in memory. Needs the right to mount.
private enum SmallDisk {
  static let isPossible: Bool = {
    do {
      try with(megabytes: 1) { _ in }
      return true
    } catch {
      print("skipped: a small tmpfs cannot be mounted here (needs root)")
      return false
    }
  }()

  struct MountError: Error {}

  static func with(megabytes: Int, _ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let mounted = try MPIRun.spawn(
        URL(fileURLWithPath: "/usr/bin/env"),
        ["mount", "-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", folder], timeoutSeconds: 10)
      guard mounted.exitCode == 0 else { throw MountError() }
      let outcome = Result { try body(folder) }
      let unmounted = try MPIRun.spawn(
        URL(fileURLWithPath: "/usr/bin/env"), ["umount", folder], timeoutSeconds: 10)
      #expect(unmounted.exitCode == 0)
      try outcome.get()
    }
  }
}
