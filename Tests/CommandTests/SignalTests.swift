import Foundation
import TestSupport
import Testing

extension TrainingJobs {
  @Suite("A signal leads to a committed checkpoint and code 75") struct Signals {
    /// Long enough to be met by a signal, also where the machine is busier when the length is
    /// measured than afterwards, with checkpoints only where a stop asks for one.
    private let job = RankJob.small.steps(12_000).setting(
      "checkpoints.everySteps=0")

    @Test("SIGTERM, SIGINT or SIGUSR1 to one random rank at a random moment")
    func randomRank() throws {
      var random = SystemRandomNumberGenerator()
      let reference = try job.result(ranks: 1)
      let duration = try job.secondsOfTraining(ranks: 2)
      var worst = 0.0
      var stops = 0
      let count = repetitions(6, torture: 50)
      for attempt in 0..<count {
        let ranks = Int.random(in: 1...4, using: &random)
        let folder = try RankFolder()
        let run = RankRun(path: folder.file("run"))
        let signal = [SIGTERM, SIGINT, SIGUSR1][attempt % 3]
        let rank = Int.random(in: 0..<ranks, using: &random)
        let delay = Double.random(in: 0...0.5, using: &random) * duration
        let disturbance = try job.disturbed(
          in: run.path, ranks: ranks, signal: signal, rank: rank, delaySeconds: delay)
        let place = "signal \(signal) to rank \(rank) of \(ranks) after \(delay) s"
        if disturbance.outcome.exitCode == 75 {
          stops += 1
          worst = max(worst, disturbance.secondsToRanksEnd)
          // `mpirun` takes one or two seconds more for itself after the last rank.
          #expect(disturbance.secondsToRanksEnd < 1, "\(place)")
          #expect(run.newestStep >= 0)
          _ = try run.verifiedDigest()
          try job.train(
            in: run.path, ranks: Int.random(in: 1...4, using: &random), ["--resume"])
        } else {
          // The training was over before it looked at the signal.
          #expect(disturbance.outcome.exitCode == 0, "\(place): \(disturbance.outcome.errors)")
        }
        #expect(try run.result() == reference, "\(place)")
      }
      #expect(stops * 2 >= count, "\(stops) stops in \(count) signals: the job is too short")
      print("signals to one rank: \(count), stops: \(stops), longest time to the end: \(worst) s")
    }

    @Test("SIGTERM to mpirun itself")
    func launcher() throws {
      // mpirun hands the signal on after a second.
      let steps = 50_000
      let job = job.steps(steps)
      let reference = try job.result(ranks: 1)
      let duration = try job.secondsOfTraining(ranks: 2)
      for attempt in 0..<repetitions(2, torture: 10) {
        let folder = try RankFolder()
        let run = RankRun(path: folder.file("run"))
        let disturbance = try job.disturbed(
          in: run.path, ranks: 2, signal: SIGTERM, rank: nil,
          delaySeconds: duration * (0.1 + 0.03 * Double(attempt)))
        // Open MPI answers a signal to itself by its own code, 1, and may drop the ranks' last words;
        // the ranks still save.
        #expect(disturbance.outcome.exitCode == 1, "\(disturbance.outcome.errors)")
        #expect((0..<steps).contains(run.newestStep))
        _ = try run.verifiedDigest()
        try job.train(in: run.path, ranks: 3, ["--resume"])
        #expect(try run.result() == reference)
        print("SIGTERM to mpirun: code \(disturbance.outcome.exitCode ?? -1)")
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
  }
}
