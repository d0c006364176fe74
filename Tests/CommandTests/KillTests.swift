import Foundation
import TestSupport
import Testing

extension TrainingJobs {
  @Suite("A crash costs no more than the steps since the last checkpoint") struct Kills {
    /// Without an end, and with checkpoints so often that many crashes fall into one.
    private let job = RankJob.endless.setting(
      "checkpoints.everySteps=5", "checkpoints.keepLast=3")

    @Test("kill -9 of a random rank at a random moment")
    func randomRank() throws {
      var random = SystemRandomNumberGenerator()
      let count = repetitions(8, torture: 100)
      var worst = 0.0
      var partials = 0
      for _ in 0..<count {
        let ranks = Int.random(in: 2...4, using: &random)
        let folder = try RankFolder()
        let run = RankRun(path: folder.file("run"))
        let rank = Int.random(in: 0..<ranks, using: &random)
        let delay = Double.random(in: 0...1.5, using: &random)
        let place = "rank \(rank) of \(ranks) after \(delay) s"
        let disturbance = try job.disturbed(
          in: run.path, ranks: ranks, signal: SIGKILL, rank: rank, delaySeconds: delay)
        #expect(disturbance.outcome.exitCode == 137, "\(place): \(disturbance.outcome.errors)")
        let seconds = try #require(disturbance.secondsToEnd, "\(place): ended without the fault")
        worst = max(worst, seconds)
        // About 1.3 s, of which mpirun takes one; 2.03 s where a survivor sits inside a library call and
        // mpirun has to kill it.
        #expect(seconds < patienceSeconds, "\(place)")
        let announced = disturbance.outcome.lastAnnouncedStep
        if run.holdsPartial { partials += 1 }
        let end = max(0, run.newestStep) + 30
        let resumed = try job.train(
          in: run.path, ranks: Int.random(in: 1...4, using: &random),
          ["--resume", "--stop-after", "\(end)"], expecting: 75)
        let start = resumed.resumedStep
        #expect(start >= announced, "\(place): announced \(announced), resumed from \(start)")
        // Each file was whole or had another name: none had to be skipped.
        #expect(!resumed.errors.contains("skipped"), "\(resumed.errors)")
        let reference = try RankJob.endless.result(ranks: 1, stopAfter: end)
        #expect(try run.result() == reference, "\(place), until step \(end)")
      }
      print(
        "kills: \(count), within a commit: \(partials), longest time to the end: \(worst) s")
    }

    @Test("Without the fault the job ends with code 0, so a crash is told from none")
    func noFault() throws {
      let job = RankJob.small.steps(400).setting(
        "checkpoints.everySteps=5", "checkpoints.keepLast=3")
      let folder = try RankFolder()
      let disturbance = try job.disturbed(
        in: folder.file("run"), ranks: 2, signal: 0, rank: 1, delaySeconds: 0.1)
      #expect(disturbance.secondsToEnd != nil)
      #expect(disturbance.outcome.exitCode == 0)
      #expect(disturbance.outcome.lastAnnouncedStep == 400)
    }

    @Test("A checkpoint that lost its end is skipped, and the one before it leads to the same bits")
    func damagedCheckpoint() throws {
      let job = RankJob.small.steps(400).setting(
        "checkpoints.everySteps=5", "checkpoints.keepLast=3")
      let reference = try job.result(ranks: 1)
      let folder = try RankFolder()
      let run = RankRun(path: folder.file("run"))
      try job.train(in: run.path, ranks: 2, ["--stop-after", "52"], expecting: 75)
      let newest = try #require(run.checkpoints.last)
      #expect(truncate(newest, 20_000) == 0)
      let resumed = try job.train(in: run.path, ranks: 3, ["--resume"])
      #expect(resumed.errors.contains("skipped"))
      #expect(resumed.resumedStep == 50)
      #expect(try run.result() == reference)
    }
  }
}
