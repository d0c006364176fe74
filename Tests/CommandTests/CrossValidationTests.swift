import Foundation
import TestSupport
import Testing

extension TrainingJobs {
  @Suite("portolan cross-validate") struct CrossValidations {
    @Test("The same digests on 1 2 3 4 10 ranks, and with several ranks a fold")
    func rankCounts() throws {
      let folder = try RankFolder()
      var job = FoldJob(
        folder,
        [
          "models.daily.kind=pade-daily", "models.daily.width=8", "models.daily.training.epochs=2",
          "models.daily.training.globalBatchSize=8",
        ])
      job.output = "one"
      let outcome = try job.run(ranks: 1)
      let (results, digests) = (try job.results(), try job.digests())
      #expect(digests.count == 60 && Set(digests.values).count == 60)
      #expect(digests.values.allSatisfy { $0.count == 64 })
      #expect(outcome.errors.contains("60 of 60 folds done"), "\(outcome.errors)")
      #expect(outcome.output.contains(try job.text))
      #expect(job.files("settings.txt").isEmpty, "runs of finished folds are removed")
      for ranks in [2, 3, 4, 10] {
        job.output = "ranks-\(ranks)"
        try job.run(ranks: ranks)
        #expect(try job.results() == results, "\(ranks) ranks")
      }
      // Two folds are left: a team of one rank and one of two, then two teams of four and two that wait.
      for (ranks, output) in [(3, "ranks-3"), (10, "ranks-10")] {
        job.output = output
        for fold in ["fold-03", "fold-07"] {
          try FileManager.default.removeItem(atPath: "\(job.path)/folds/H/ours/\(fold)")
        }
        try job.run(ranks: ranks, ["--resume"])
        #expect(try job.results() == results, "\(ranks) ranks for two folds")
      }
      // Nothing is left to do, and the table can be had again.
      let stamps = try job.stamps()
      let document = folder.file("docs/table.md")
      try job.run(ranks: 2, ["--resume", "--document", document])
      #expect(try job.stamps() == stamps)
      #expect(try String(contentsOfFile: document, encoding: .utf8) == job.text)
    }

    @Test(
      "Steps that each window chooses, the adjoint, a plane: the same digests on 1, 2 and 4 ranks")
    func models() throws {
      let folder = try RankFolder()
      let models = [
        "adaptive": ["kind=neural-ode", "width=12", "solver=dopri5", "tolerance=0.01"],
        "adjoint": ["kind=neural-ode", "width=12", "solver=dopri5", "gradient=adjoint"],
        "plane": ["kind=mwt-plane", "width=4", "modes=3"],
      ]
      var job = FoldJob(
        folder,
        ["training.epochs=2", "resampling.plans=[H]", "resampling.folds=2"]
          + models.flatMap { name, keys in
            (keys + ["depth=1", "residual=increments"]).map { "models.\(name).\($0)" }
          })
      job.output = "one"
      try job.run(ranks: 1)
      let digests = try job.digests()
      #expect(digests.count == 10 && Set(digests.values).count == 10)
      for ranks in [2, 4] {
        job.output = "ranks-\(ranks)"
        try job.run(ranks: ranks)
        #expect(try job.digests() == digests, "\(ranks) ranks")
      }
      // One fold is left: a team of all ranks.
      for name in models.keys {
        try FileManager.default.removeItem(atPath: "\(job.path)/folds/H/\(name)/fold-01")
        try job.run(ranks: 4, ["--resume"])
        #expect(try job.digests() == digests, "four ranks for one fold of \(name)")
      }
    }

    @Test("The table has all controls under both plans, and says who wins")
    func table() throws {
      let folder = try RankFolder()
      let job = FoldJob(folder)
      try job.run(ranks: 2)
      let text = try job.text
      for control in [
        "persistence", "slope", "damped-slope", "ridge", "nearest-window", "nearest-day",
      ] {
        #expect(text.components(separatedBy: "| *\(control)* |").count > 8, "\(control)")
      }
      for words in [
        "### Plan P: random folds", "### Plan H: contiguous blocks", "(leaks)", " wins with ",
        "paired by fold", "R is scored in", "Plan H, D, fold by fold",
        "40 of 40 folds are finished",
      ] { #expect(text.contains(words), "\(words)\n\(text)") }
      // Another setting is another training.
      let other = try job.run(
        ranks: 2, ["--resume", "--set", "training.learningRate=0.1"], expecting: 65)
      #expect(other.errors.contains("was trained with other settings"), "\(other.errors)")
      #expect(other.errors.contains("training.learningRate: 0.1 here"))
      // One more model is not.
      let more = try job.run(
        ranks: 2,
        ["--resume", "--set", "models.third.kind=linear", "--set", "models.third.residual=slope"])
      #expect(more.errors.contains("60 folds, 40 of them finished before"), "\(more.errors)")
      let again = try job.run(ranks: 1, expecting: 65)
      #expect(again.errors.contains("already holds a cross-validation"))
      #expect(again.errors.contains("hint: add --resume"))
    }

    @Test("SIGTERM stops all folds under way, code 75; --resume goes on to the same digests")
    func stop() throws {
      let folder = try RankFolder()
      var job = FoldJob(folder, ["training.epochs=200", "resampling.plans=[H]"])
      job.output = "whole"
      try job.run(ranks: 2)
      let digests = try job.digests()
      #expect(digests.count == 20)
      var stops = 0
      for ranks in [1, 3] {
        job.output = "stopped-\(ranks)"
        let outcome = try job.run(ranks: ranks, expecting: nil) { launcher in
          let limit = Date() + 60
          while job.files("result.json").count < 2, Date() < limit { usleep(1000) }
          if let rank = children(of: launcher).last { _ = kill(rank, SIGTERM) }
        }
        let stamps = try job.stamps()
        if outcome.exitCode == 75 {
          stops += 1
          #expect(stamps.count < 20)
        } else {
          #expect(outcome.exitCode == 0, "\(outcome.errors)")
        }
        try job.run(ranks: 3 - ranks == 2 ? 2 : 1, ["--resume"])
        #expect(try job.digests() == digests)
        for (file, stamp) in try job.stamps() where stamps[file] != nil {
          #expect(stamp == stamps[file], "\(file) was trained again")
        }
      }
      #expect(stops > 0, "the folds are too short")
    }

    @Test("kill -9 of a random rank at a random moment costs no digest")
    func kills() throws {
      let folder = try RankFolder()
      var job = FoldJob(
        folder, ["training.epochs=400", "resampling.plans=[H]", "checkpoints.everySteps=20"])
      job.output = "whole"
      try job.run(ranks: 1)
      let digests = try job.digests()
      var random = SystemRandomNumberGenerator()
      var crashes = 0
      for attempt in 0..<repetitions(3, torture: 40) {
        job.output = "killed-\(attempt)"
        let ranks = Int.random(in: 2...3, using: &random)
        let delay = UInt32.random(in: 100_000...1_500_000, using: &random)
        let outcome = try job.run(ranks: ranks, expecting: nil) { launcher in
          let limit = Date() + 60
          while !FileManager.default.fileExists(atPath: job.path + "/cross-validation.yaml"),
            Date() < limit
          { usleep(1000) }
          usleep(delay)
          let processes = children(of: launcher)
          if processes.count == ranks { _ = kill(processes[Int.random(in: 0..<ranks)], SIGKILL) }
        }
        if outcome.exitCode != 0 { crashes += 1 }
        try job.run(ranks: Int.random(in: 1...3, using: &random), ["--resume"])
        #expect(try job.digests() == digests, "\(ranks) ranks, killed after \(delay) µs")
      }
      #expect(crashes > 0, "every job had ended before it was killed")
    }

    @Test("A fold that fails is told with its reason, the others go on, and the code is 0")
    func failure() throws {
      let folder = try RankFolder()
      // With 24 windows on both sides free, the middle blocks have none left to train on; and the rate of
      // one model lets its numbers overflow.
      var job = FoldJob(
        folder,
        [
          "data.syntheticDays=70", "resampling.gap=28", "models.ours.training.learningRate=1e37",
          "training.schedule.warmUpFraction=0",
        ])
      var results: NSDictionary?
      for ranks in [1, 2, 5] {
        job.output = "ranks-\(ranks)"
        let outcome = try job.run(ranks: ranks)
        let text = try job.text
        #expect(text.contains("of them failed"), "\(text)")
        #expect(text.contains("plan H, linear, fold 5: no window is left to train on"), "\(text)")
        #expect(text.contains("plan P, ours, fold 1: "))
        #expect(text.contains("not finite"))
        #expect(outcome.errors.contains("warning: plan H, linear, fold 5 failed: no window"))
        // Folds at both ends have windows, and are scored.
        #expect(try job.digests().keys.contains("folds/H/linear/fold-00/result.json"))
        #expect(try job.digests().keys.contains("folds/P/linear/fold-04/result.json"))
        if let results { #expect(try job.results() == results) }
        results = try job.results()
      }
    }

    @Test("The report draws forecasts, errors by horizon and by state, and needs no other file")
    func report() throws {
      let folder = try RankFolder()
      let job = FoldJob(folder)
      try job.run(ranks: 2)
      let outcome = try MPIRun.runAlone("portolan", ["report", job.path])
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      let page = try String(contentsOfFile: job.path + "/report/index.html", encoding: .utf8)
      // California and Massachusetts, C D and R where it is known; horizons; states; two plans.
      let pictures = page.components(separatedBy: "<svg").count - 1
      #expect(pictures >= 2 * (4 + 3 + 3) && pictures <= 2 * (6 + 3 + 3), "\(pictures)")
      for words in [
        "California, confirmed", "Massachusetts, deaths", "Error by horizon, plan H", "★",
      ] {
        #expect(page.contains(words), "\(words)")
      }
      let fetches = try Regex(#"(src|href)\s*=\s*["']|url\(|@import|<script|<link|<use"#)
      #expect(page.firstMatch(of: fetches) == nil)
    }
  }
}
