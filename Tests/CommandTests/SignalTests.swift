import Foundation
import TestSupport
import Testing

extension TrainingJobs {
  @Suite("A signal leads to a committed checkpoint and code 75") struct Signals {
    /// Without an end, and with checkpoints only where a stop asks for one.
    private let job = RankJob.endless

    @Test("SIGTERM, SIGINT or SIGUSR1 to one random rank at a random moment")
    func randomRank() throws {
      var random = SystemRandomNumberGenerator()
      var worst = 0.0
      for attempt in 0..<repetitions(6, torture: 50) {
        let ranks = Int.random(in: 1...4, using: &random)
        let folder = try RankFolder()
        let run = RankRun(path: folder.file("run"))
        let signal = [SIGTERM, SIGINT, SIGUSR1][attempt % 3]
        let rank = Int.random(in: 0..<ranks, using: &random)
        let delay = Double.random(in: 0...0.7, using: &random)
        let disturbance = try job.disturbed(
          in: run.path, ranks: ranks, signal: signal, rank: rank, delaySeconds: delay)
        let place = "signal \(signal) to rank \(rank) of \(ranks) after \(delay) s"
        #expect(disturbance.outcome.exitCode == 75, "\(place): \(disturbance.outcome.errors)")
        worst = max(worst, disturbance.secondsToRanksEnd)
        // `mpirun` takes one or two seconds more for itself after the last rank.
        #expect(disturbance.secondsToRanksEnd < patienceSeconds / 2, "\(place)")
        try expectSameRunFurther(run, random: &random, place)
      }
      print("signals to one rank, longest time to the end: \(worst) s")
    }

    @Test("SIGTERM to mpirun itself")
    func launcher() throws {
      var random = SystemRandomNumberGenerator()
      for attempt in 0..<repetitions(2, torture: 10) {
        let folder = try RankFolder()
        let run = RankRun(path: folder.file("run"))
        // mpirun hands the signal on after a second.
        let disturbance = try job.disturbed(
          in: run.path, ranks: 2, signal: SIGTERM, rank: nil,
          delaySeconds: 0.1 + 0.2 * Double(attempt))
        // Open MPI answers a signal to itself by its own code, 1, and may drop the ranks' last words;
        // the ranks still save.
        #expect(disturbance.outcome.exitCode == 1, "\(disturbance.outcome.errors)")
        try expectSameRunFurther(run, random: &random, "attempt \(attempt)")
      }
    }

    @Test("A second signal does not cut the checkpoint short")
    func twoSignals() throws {
      let folder = try RankFolder()
      let run = RankRun(path: folder.file("run"))
      let outcome = try job.train(in: run.path, ranks: 2, expecting: nil) { launcher in
        let limit = Date() + 30
        while run.logIsMissing, Date() < limit { usleep(1000) }
        usleep(100_000)
        for _ in 0..<5 {
          for rank in children(of: launcher) { _ = kill(rank, SIGTERM) }
          usleep(3000)
        }
      }
      #expect(outcome.exitCode == 75, "\(outcome.errors)")
      _ = try run.verifiedDigest()
    }

    /// The stopped run, taken some steps further on other ranks, is the run that nobody stopped.
    private func expectSameRunFurther(
      _ run: RankRun, random: inout SystemRandomNumberGenerator, _ place: String
    ) throws {
      try #require(run.newestStep >= 0, "\(place): no checkpoint")
      _ = try run.verifiedDigest()
      let end = run.newestStep + 30
      try job.train(
        in: run.path, ranks: Int.random(in: 1...4, using: &random),
        ["--resume", "--stop-after", "\(end)"], expecting: 75)
      #expect(
        try run.result() == job.result(ranks: 1, stopAfter: end), "\(place), until step \(end)")
    }
  }
}
