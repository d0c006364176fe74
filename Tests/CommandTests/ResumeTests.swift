import Foundation
import TestSupport
import Testing

extension TrainingJobs {
  @Suite("A stopped training goes on to the same bits, on any number of ranks") struct Resume {
    /// Copies a stopped run, so that it can be resumed in several ways.
    private func copy(_ run: String, to other: String) throws -> RankRun {
      try FileManager.default.copyItem(atPath: run, toPath: other)
      return RankRun(path: other)
    }

    @Test("Stopped after step 30 of 60 on N ranks, resumed on M, for all N and M in 1 2 3 4")
    func everyPair() throws {
      let reference = try RankJob.circles.result(ranks: 1)
      let folder = try RankFolder()
      for before in 1...4 {
        let stopped = folder.file("stopped-\(before)")
        try RankJob.circles.train(
          in: stopped, ranks: before, ["--stop-after", "30"], expecting: 75)
        #expect(RankRun(path: stopped).newestStep == 30)
        for after in 1...4 {
          let run = try copy(stopped, to: folder.file("\(before)-\(after)"))
          try RankJob.circles.train(in: run.path, ranks: after, ["--resume"])
          #expect(try run.result() == reference, "\(before) ranks, then \(after)")
        }
      }
    }

    @Test(
      "A stop in the first stage, at its end, before and after validation, and at the last step")
    func everyPlace() throws {
      let job = RankJob.small.setting(
        "training.flow.averageDecay=0.9", "training.flow.gradientClipNorm=0.5")
      let reference = try job.result(ranks: 1)
      let folder = try RankFolder()
      for step in isTorture ? Array(1...60) : [1, 13, 14, 15, 30, 31, 46, 59, 60] {
        let run = RankRun(path: folder.file("run-\(step)"))
        try job.train(in: run.path, ranks: 2, ["--stop-after", "\(step)"], expecting: 75)
        #expect(run.newestStep == step)
        try job.train(in: run.path, ranks: 3, ["--resume"])
        #expect(try run.result() == reference, "stopped after \(step)")
      }
    }

    @Test("Several stops in a row, with other numbers of ranks, one of them twice at one place")
    func severalStops() throws {
      let reference = try RankJob.small.result(ranks: 1)
      let folder = try RankFolder()
      let run = RankRun(path: folder.file("run"))
      for (step, ranks) in [(3, 1), (14, 4), (14, 2), (15, 3), (40, 8), (60, 2)] {
        try RankJob.small.train(
          in: run.path, ranks: ranks, ["--resume", "--stop-after", "\(step)"], expecting: 75)
        #expect(run.newestStep == step)
      }
      try RankJob.small.train(in: run.path, ranks: 5, ["--resume"])
      #expect(try run.result() == reference)
    }

    @Test("An early end of a stage survives a stop at every place around it")
    func earlyStopping() throws {
      let job = RankJob.small.setting(
        "training.flow.earlyStopping.patienceEpochs=1",
        "training.flow.earlyStopping.minimumImprovement=100")
      let folder = try RankFolder()
      let plain = RankRun(path: folder.file("plain"))
      try job.train(in: plain.path, ranks: 1)
      let reference = try plain.result()
      let last = plain.newestStep
      try #require(last > 15 && last < 60, "the stage must end early, ended at \(last)")
      for step in [last - 1, last] {
        let run = RankRun(path: folder.file("stop-\(step)"))
        try job.train(in: run.path, ranks: 3, ["--stop-after", "\(step)"], expecting: 75)
        try job.train(in: run.path, ranks: 2, ["--resume"])
        #expect(try run.result() == reference, "stopped after \(step)")
      }
    }

    @Test("A resume of a finished run changes nothing, and one without a run starts it")
    func finished() throws {
      let folder = try RankFolder()
      let run = RankRun(path: folder.file("run"))
      try RankJob.small.train(in: run.path, ranks: 2, ["--resume"])
      let result = try run.result()
      try RankJob.small.train(in: run.path, ranks: 3, ["--resume"])
      #expect(try run.result() == result)
    }

    @Test("A resume with other numbers is refused, so that no digest is of two experiments")
    func otherExperiment() throws {
      let folder = try RankFolder()
      let run = RankRun(path: folder.file("run"))
      try RankJob.small.train(in: run.path, ranks: 2, ["--stop-after", "20"], expecting: 75)
      try RankJob.small.setting("training.flow.learningRate=0.001").train(
        in: run.path, ranks: 2, ["--resume"], expecting: 65)
      #expect(run.newestStep == 20)
    }
  }
}
