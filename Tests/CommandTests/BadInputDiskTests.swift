import Foundation
import TestSupport
import Testing

extension BadInput {
  @Suite("Full disks")
  struct FullDisk {
    /// A file system in memory of a given size; whoever may not mount one gets a limit on the size of
    /// each file in its place.
    final class SmallDisk {
      let folder: Scratch
      let isMounted: Bool
      private var kibibytes: Int

      init(kibibytes: Int) throws {
        folder = try Scratch()
        self.kibibytes = kibibytes
        let mount = try MPIRun.spawn(
          URL(fileURLWithPath: "/usr/bin/env"),
          ["mount", "-t", "tmpfs", "-o", "size=\(kibibytes)k,mode=755", "tmpfs", folder.path],
          timeoutSeconds: 10)
        isMounted = mount.exitCode == 0
      }

      deinit {
        guard isMounted else { return }
        do {
          _ = try MPIRun.spawn(
            URL(fileURLWithPath: "/usr/bin/env"), ["umount", folder.path], timeoutSeconds: 10)
        } catch { print(error) }
      }

      func grow(to kibibytes: Int) throws {
        self.kibibytes = kibibytes
        guard isMounted else { return }
        let outcome = try MPIRun.spawn(
          URL(fileURLWithPath: "/usr/bin/env"),
          ["mount", "-o", "remount,size=\(kibibytes)k", folder.path], timeoutSeconds: 10)
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
      }

      /// The program under the limits of this disk.
      func portolan(_ arguments: [String], ranks: Int, fileLimit: Int? = nil) throws
        -> MPIRun.Outcome
      {
        if isMounted { return try CommandTests.portolan(arguments, ranks: ranks) }
        let program = try MPIRun.program("portolan").path
        // One rank: the shared memory between several is a file too.
        return try MPIRun.spawn(
          URL(fileURLWithPath: "/bin/bash"),
          ["-c", "trap '' XFSZ; ulimit -f \(fileLimit ?? kibibytes); exec \"$@\"", "bash", program]
            + arguments, timeoutSeconds: 60)
      }
    }

    @Test(
      "A disk that fills up ends the job, keeps the last checkpoint, and the run goes on later",
      arguments: [1, 2])
    func duringCheckpoint(ranks: Int) throws {
      let reference = try Scratch()
      try reference.train("run")
      let digest = try portolan(
        ["verify", reference("run/checkpoints/step-00000006.h5")]
      ).output.split(separator: " ").last
      let committed = try reference.bytes("run/checkpoints/step-00000006.h5").count / 1024
      let reserved = try reservation() / 1024

      // The second checkpoint finds half of the first one's bytes missing.
      let disk = try SmallDisk(kibibytes: reserved + 16 + committed / 2)
      let folder = disk.folder
      let arguments = [
        "train", try reference.configuration(), "--output", folder("run"),
        "--set", "checkpoints.everySteps=2", "--set", "checkpoints.keepLast=5",
      ]
      if !disk.isMounted {
        // One sound checkpoint first; the limit then holds back the next.
        let begun = try portolan(arguments + ["--stop-after", "2"], ranks: ranks)
        #expect(begun.exitCode == 75, "\(begun.errors)")
      }
      let full = try disk.portolan(
        arguments + (disk.isMounted ? [] : ["--resume"]), ranks: ranks, fileLimit: 40)
      expectRefusal(full, 74, "step-00000004.h5.partial: no space for ", "hint: free space on this")
      #expect(try folder.names("run/checkpoints") == ["step-00000002.h5"])
      let sound = try portolan(["verify", folder("run/checkpoints/step-00000002.h5")])
      #expect(sound.exitCode == 0, "\(sound.errors)")

      try disk.grow(to: 4096)
      _ = try folder.file("run/checkpoints/step-00000004.h5.partial", "what a kill left behind")
      let resumed = try portolan(arguments + ["--resume"], ranks: ranks)
      #expect(resumed.exitCode == 0, "\(resumed.errors)")
      #expect(resumed.errors.contains("resuming from step 2"))
      #expect(
        try folder.names("run/checkpoints")
          == ["step-00000002.h5", "step-00000004.h5", "step-00000006.h5"])
      let verified = try portolan(["verify", folder("run/checkpoints/step-00000006.h5")])
      #expect(verified.output.split(separator: " ").last == digest)
    }

    @Test("A disk that is full from the start is refused", arguments: [1, 2])
    func fromTheStart(ranks: Int) throws {
      let disk = try SmallDisk(kibibytes: 16)
      let reference = try Scratch()
      let outcome = try disk.portolan(
        ["train", try reference.configuration(), "--output", disk.folder("run")], ranks: ranks)
      expectRefusal(outcome, 74, "step-00000006.h5.partial: no space for ")
      #expect(try disk.folder.names("run/checkpoints").isEmpty)
    }

    /// Bytes that a checkpoint of the small run sets aside, from the message of a disk without any.
    private func reservation() throws -> Int {
      let disk = try SmallDisk(kibibytes: 16)
      let reference = try Scratch()
      let outcome = try disk.portolan(
        ["train", try reference.configuration(), "--output", disk.folder("run")], ranks: 1)
      let words = outcome.errors.split(separator: " ")
      let place = try #require(words.firstIndex(of: "bytes:"), "\(outcome.errors)")
      return try #require(Int(words[place - 1]))
    }
  }
}
