import Foundation
import TestSupport
import Testing

extension RankJob {
  /// Sixteen charts, two rounds of ten steps each.
  static let charts = RankJob(
    arguments: [repository.appendingPathComponent("configs/independent-charts.yaml").path],
    stepCount: 320
  ).setting(
    "data.generator.train=2000", "data.generator.validation=333", "data.generator.test=100",
    "model.flow.couplings=2", "model.flow.hidden=[16]", "training.globalBatchSize=64",
    "training.charts.rounds=2", "training.charts.learningRate=0.01")
}

extension TrainingJobs {
  @Suite("Independent charts, from the command line") struct Charts {
    @Test("16 charts: one digest and one metrics.csv for 1 2 3 4 8 ranks")
    func rankCounts() throws {
      let reference = try RankJob.charts.result(ranks: 1)
      // The header, the start, then sixteen charts and the atlas a round.
      #expect(reference.metrics.count == 2 + 2 * 17)
      for ranks in [2, 3, 4, 8] {
        let result = try RankJob.charts.result(ranks: ranks)
        #expect(result == reference, "\(ranks) ranks")
      }
      print("digest of 16 independent charts, 1 2 3 4 8 ranks: \(reference.digest)")
      let other = try RankJob.charts.setting("seed=2").result(ranks: 2)
      #expect(other.digest != reference.digest && other.metrics != reference.metrics)
    }

    @Test(
      "A stop in a round, at its end and at the last chart; resumed on other ranks, the same bits")
    func resume() throws {
      let reference = try RankJob.charts.result(ranks: 1)
      let folder = try RankFolder()
      // A stop waits for the chart by which so many steps are reached: ten each.
      for (stop, step, ranks) in [
        (1, 10, 1), (45, 50, 3), (160, 160, 2), (231, 240, 4), (320, 320, 2),
      ] {
        let run = RankRun(path: folder.file("run-\(stop)"))
        try RankJob.charts.train(
          in: run.path, ranks: ranks, ["--stop-after", "\(stop)"], expecting: 75)
        #expect(run.newestStep == step)
        let digest = try run.verifiedDigest()
        // What is done at a stop does not depend on the ranks either.
        let twin = RankRun(path: folder.file("twin-\(stop)"))
        try RankJob.charts.train(
          in: twin.path, ranks: 1, ["--stop-after", "\(stop)"], expecting: 75)
        #expect(try twin.verifiedDigest() == digest)
        // A half-finished round leaves a whole atlas.
        #expect(try MPIRun.runAlone("portolan", ["evaluate", run.path]).exitCode == 0)
        try RankJob.charts.train(in: run.path, ranks: 5 - ranks, ["--resume"])
        #expect(try run.result() == reference, "stopped after \(stop)")
      }
    }

    @Test("A signal to one rank of several stops all; the resumed run has the same bits")
    func signals() throws {
      let job = RankJob.charts.steps(32_000)
      let reference = try job.result(ranks: 2)
      var stops = 0
      for (attempt, signal) in [SIGTERM, SIGINT, SIGUSR1, SIGTERM].enumerated() {
        let folder = try RankFolder()
        let run = RankRun(path: folder.file("run"))
        let disturbance = try job.disturbed(
          in: run.path, ranks: 2, signal: signal, rank: attempt % 2,
          delaySeconds: 0.05 + 0.15 * Double(attempt))
        if disturbance.outcome.exitCode == 75 {
          stops += 1
          #expect(disturbance.secondsToRanksEnd < patienceSeconds)
          try job.train(in: run.path, ranks: 3, ["--resume"])
        } else {
          #expect(disturbance.outcome.exitCode == 0, "\(disturbance.outcome.errors)")
        }
        #expect(try run.result() == reference, "signal \(signal) to rank \(attempt % 2)")
      }
      #expect(stops >= 2, "\(stops) stops: the job is too short")
    }

    @Test("A killed rank ends the job, also while the others fit charts; a resume loses no round")
    func killed() throws {
      let job = RankJob.charts.steps(24_000)
      let reference = try job.result(ranks: 2)
      var crashes = 0
      for rank in [0, 1] {
        let folder = try RankFolder()
        let run = RankRun(path: folder.file("run"))
        let disturbance = try job.disturbed(
          in: run.path, ranks: 2, signal: SIGKILL, rank: rank, delaySeconds: 0.3)
        if let seconds = disturbance.secondsToEnd, disturbance.outcome.exitCode != 0 {
          crashes += 1
          #expect(seconds < patienceSeconds)
        }
        try job.train(in: run.path, ranks: 3, ["--resume"])
        #expect(try run.result() == reference, "killed rank \(rank)")
      }
      #expect(crashes > 0, "the job is too short")
    }

    @Test("Every setting of the charts keeps the promise")
    func variants() throws {
      let plain = try RankJob.charts.result(ranks: 1)
      for settings in [
        ["training.charts.averageDecay=0.9", "training.charts.gradientClipNorm=0.5"],
        ["model.flow.kind=maf", "model.flow.blocks=2", "model.charts=3"],
        ["model.flow.transform=spline", "model.flow.linear=permutation"],
        ["model.charts=1", "model.flow.actNorm=true"],
      ] {
        let job = RankJob.charts.setting(settings)
        let reference = try job.result(ranks: 1)
        #expect(try job.result(ranks: 3) == reference, "\(settings)")
        #expect(reference.metrics != plain.metrics, "\(settings)")
      }
    }

    @Test("Fewer places than charts: empty charts are reported and leave the atlas, code 0")
    func emptyCharts() throws {
      let folder = try RankFolder()
      var text = "x,y\n"
      for i in 0..<600 { text += "\(i % 5),\((i % 5) * (i % 5))\n" }
      let table = folder.file("points.csv")
      try Data(text.utf8).write(to: URL(fileURLWithPath: table))
      let job = RankJob.charts.setting(
        "data.source=csv", "data.path=\(table)", "model.charts=8", "training.charts.rounds=1")
      var digests = Set<String>()
      for ranks in [1, 3] {
        let run = RankRun(path: folder.file("run-\(ranks)"))
        let outcome = try job.train(in: run.path, ranks: ranks)
        #expect(outcome.errors.components(separatedBy: "no point belongs to it").count == 4)
        digests.insert(try run.verifiedDigest())
        let scores = try EvaluateModel.portolan(["evaluate", run.path])
        #expect(scores.contains("charts in use: 5 of 8"), "\(scores)")
      }
      #expect(digests.count == 1)
    }

    @Test("Without a round the atlas is the Gaussian mixture of the control")
    func mixture() throws {
      let folder = try RankFolder()
      let run = folder.file("run")
      try RankJob.charts.setting("training.charts.rounds=0", "data.standardise=false").train(
        in: run, ranks: 2)
      let json = try EvaluateModel.portolan(["evaluate", run, "--json"])
      let scores = try JSONDecoder().decode(ScoresOfTest.self, from: Data(json.utf8))
      let control = try #require(scores.controls.first)
      // Both are EM on the same points from the same seed.
      #expect(abs(scores.testLogLikelihood.mean - control.testLogLikelihood.mean) < 1e-4)
    }

    @Test("evaluate, log-probability, sample, inspect and report work on such a run, on any ranks")
    func use() throws {
      let folder = try RankFolder()
      let run = folder.file("run")
      try RankJob.charts.steps(3200).train(in: run, ranks: 2)
      var tables = Set<String>()
      for ranks in [1, 3] {
        let (samples, densities) = (folder.file("s\(ranks).csv"), folder.file("d\(ranks).csv"))
        try EvaluateModel.portolan(
          ["sample", run, "--count", "2000", "--output", samples], ranks: ranks)
        try EvaluateModel.portolan(
          [
            "log-probability", run, "--input", samples, "--output", densities, "--inference",
            "most-probable",
          ], ranks: ranks)
        tables.insert(try String(contentsOfFile: densities, encoding: .utf8))
      }
      #expect(tables.count == 1)
      let drawn = try NumberTable(folder.file("s1.csv"))
      let scored = try NumberTable(folder.file("d1.csv"))
      // The drawn chart is the most probable one for nearly every point of charts that hardly overlap.
      let agreeing = zip(drawn.column("chart"), scored.column("chart")).filter { $0 == $1 }.count
      #expect(agreeing > 1800, "\(agreeing)")
      #expect(Set(drawn.column("chart")).count == 16)
      // Base points of drawn points are standard normal.
      for axis in ["base_x", "base_y", "base_z"] {
        let (mean, variance) = meanAndVariance(scored.column(axis))
        #expect(abs(mean) < 0.12 && abs(variance - 1) < 0.15, "\(axis) \(mean) \(variance)")
      }
      let checkpoint = try #require(RankRun(path: run).checkpoints.last)
      let inspection = try EvaluateModel.portolan(["inspect", checkpoint, "--json"])
      #expect(inspection.contains("/parameters/charts/15/flow.0.coupling"))
      #expect(inspection.contains("/model/charts/weights"))
      let page = try EvaluateModel.portolan(["report", run])
      #expect(page.contains("index.html"))
    }
  }
}

private struct ScoresOfTest: Decodable {
  struct Score: Decodable { var mean: Double }
  struct Control: Decodable { var testLogLikelihood: Score }
  var testLogLikelihood: Score
  var controls: [Control]
}
