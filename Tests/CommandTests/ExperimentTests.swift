import Foundation
import TestSupport
import Testing

/// A table of few small cells in a folder of its own.
private struct TableJob {
  var table = "curves-a"
  let folder: RankFolder
  var output = "table"
  var arguments: [String]

  /// Cells of a fraction of a second.
  static let small = [
    "data.generator.train=300", "data.generator.validation=60", "data.generator.test=80",
    "model.encoder.hidden=[8]", "model.flow.couplings=2", "model.flow.hidden=[8]",
    "training.globalBatchSize=64", "evaluation.mixtureComponents=3",
    "evaluation.mixtureIterations=5", "evaluation.ceilingSamples=100",
  ]

  init(
    _ folder: RankFolder, sets: String = "helix,star", models: String = "RealNVP,VQ-RealNVP",
    seeds: Int = 2, _ settings: [String] = ["training.totalSteps=40"]
  ) {
    self.folder = folder
    arguments =
      ["--sets", sets, "--models", models, "--seeds", "\(seeds)"]
      + (Self.small + settings).flatMap { ["--set", $0] }
  }

  var path: String { folder.file(output) }

  @discardableResult
  func run(
    ranks: Int, _ more: [String] = [], expecting code: Int32? = 0,
    started: (Int32) throws -> Void = { _ in }
  ) throws -> MPIRun.Outcome {
    // Worker threads block signals, and a launcher that inherits this would not hear one.
    var none = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, nil)
    let outcome = try MPIRun.run(
      "portolan", ["experiment", table, "--output", path] + arguments + more, ranks: ranks,
      timeoutSeconds: 120, started: started)
    if let code { #expect(outcome.exitCode == code, "\(ranks) ranks \(more): \(outcome.errors)") }
    return outcome
  }

  /// Paths of files of one name below the table's folder.
  func files(_ name: String) -> [String] {
    let all = (FileManager.default.enumerator(atPath: path)?.allObjects ?? [])
      .compactMap { $0 as? String }
    return all.filter { $0.hasSuffix("/" + name) }.sorted()
  }

  var text: String {
    get throws { try String(contentsOfFile: path + "/table.md", encoding: .utf8) }
  }

  /// Each finished cell without the time that it took.
  func cells() throws -> NSDictionary {
    let cells = NSMutableDictionary()
    for file in files("cell.json") {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(file)"))
      let json = try #require(
        try JSONSerialization.jsonObject(with: bytes, options: .mutableContainers)
          as? NSMutableDictionary)
      #expect((json["seconds"] as? Double ?? 0) > 0)
      json.removeObject(forKey: "seconds")
      cells[file] = json
    }
    return cells
  }

  /// Identity and time of the files of one name: those of finished cells.
  func stamps(_ name: String = "cell.json") throws -> [String: String] {
    var stamps: [String: String] = [:]
    for file in files(name) {
      let facts = try FileManager.default.attributesOfItem(atPath: "\(path)/\(file)")
      stamps[file] = "\(facts[.systemFileNumber] ?? "") \(facts[.modificationDate] ?? "")"
    }
    return stamps
  }
}

extension TrainingJobs {
  @Suite("portolan experiment") struct Experiments {
    @Test("The same table and the same cells on 1 2 3 ranks; finished cells stay as they are")
    func rankCounts() throws {
      let folder = try RankFolder()
      var job = TableJob(folder)
      job.output = "one"
      let outcome = try job.run(ranks: 1)
      let (cells, text) = (try job.cells(), try job.text)
      #expect(cells.count == 8)
      #expect(outcome.output.contains(text))
      #expect(outcome.errors.contains("8 of 8 cells done"))
      #expect(job.files("configuration.yaml").isEmpty, "runs of finished cells are removed")
      for ranks in [2, 3] {
        job.output = "ranks-\(ranks)"
        try job.run(ranks: ranks)
        #expect(try job.cells() == cells, "\(ranks) ranks")
        #expect(try job.text == text, "\(ranks) ranks")
      }
      // Nothing is left to do: neither cells nor the table change.
      let stamps = try job.stamps()
      let document = folder.file("docs/table.md")
      let again = try job.run(ranks: 2, ["--document", document])
      #expect(!again.errors.contains("cells done"))
      #expect(try job.stamps() == stamps)
      #expect(try String(contentsOfFile: document, encoding: .utf8) == text)
      // Parents are as large as their atlases, also where those are no columns.
      job.arguments = TableJob(folder, sets: "helix", models: "RealNVP", seeds: 1).arguments
      job.output = "one"
      try job.run(ranks: 1)
      // Another setting is another experiment.
      let other = try job.run(
        ranks: 2, ["--set", "training.flow.learningRate=0.002"], expecting: 65)
      #expect(other.errors.contains("was trained with other settings"))
      #expect(other.errors.contains("training.flow.learningRate=0.002 here"))
      #expect(other.errors.contains("hint: "))
    }

    @Test("SIGTERM to any rank stops every cell under way, code 75; the same command goes on")
    func stop() throws {
      let folder = try RankFolder()
      // Without an end, and with checkpoints only where a stop asks for one.
      var job = TableJob(
        folder, models: "VQ-RealNVP conditional", seeds: 1,
        ["training.autoencoder.steps=50", "training.flow.steps=50000000"])
      job.arguments += ["--set", "model.charts=4"]
      var before = [-1, -1]
      // Three ranks make a team of one and a team of two.
      for (attempt, ranks) in [2, 3, 2].enumerated() {
        let logs = try job.stamps("metrics.csv")
        let outcome = try job.run(ranks: ranks, expecting: 75) { launcher in
          let limit = Date() + 60
          // Both cells are under way: each has a log, and not the one of the attempt before.
          while Date() < limit {
            let now = try job.stamps("metrics.csv")
            if now.count == 2, now.allSatisfy({ logs[$0.key] != $0.value }),
              children(of: launcher).count == ranks
            {
              break
            }
            usleep(2000)
          }
          usleep(1_000_000)
          let processes = children(of: launcher)
          if processes.count == ranks { _ = kill(processes[attempt % ranks], SIGTERM) }
        }
        // The launcher may drop the last words of the ranks.
        #expect(!outcome.errors.contains("portolan: error"), "\(outcome.errors)")
        // Each team has saved where it was, and went on from there.
        let steps = ["helix", "star"].map { set in
          RankRun(path: "\(job.path)/\(set)/VQ-RealNVP conditional/seed-1/run").newestStep
        }
        for (step, last) in zip(steps, before) { #expect(step > last, "\(steps) after \(before)") }
        before = steps
      }
      #expect(job.files("cell.json").isEmpty)
      // What was begun is not taken for another experiment's, nor recorded as failed.
      let other = try job.run(ranks: 2, ["--set", "model.charts=5"], expecting: 65)
      #expect(other.errors.contains("holds another experiment"), "\(other.errors)")
      #expect(job.files("cell.json").isEmpty)
    }

    @Test("A stop between cells loses none: the finished ones are not trained again")
    func stopAndGoOn() throws {
      let folder = try RankFolder()
      var job = TableJob(folder, models: "RealNVP", seeds: 3, ["training.totalSteps=600"])
      job.output = "whole"
      try job.run(ranks: 1)
      let (cells, text) = (try job.cells(), try job.text)
      var stops = 0
      for ranks in [1, 2] {
        job.output = "stopped-\(ranks)"
        let outcome = try job.run(ranks: ranks, expecting: nil) { launcher in
          let limit = Date() + 60
          while job.files("cell.json").isEmpty, Date() < limit { usleep(1000) }
          if let rank = children(of: launcher).last { _ = kill(rank, SIGTERM) }
        }
        let stamps = try job.stamps()
        #expect(!stamps.isEmpty)
        if outcome.exitCode == 75 {
          stops += 1
          #expect(stamps.count < 6)
          #expect(try job.text != text)
        } else {
          // All cells were done before the signal was.
          #expect(outcome.exitCode == 0, "\(outcome.errors)")
        }
        try job.run(ranks: 3 - ranks)
        #expect(try job.cells() == cells && job.text == text)
        for (file, stamp) in try job.stamps() where stamps[file] != nil {
          #expect(stamp == stamps[file], "\(file) was trained again")
        }
      }
      #expect(stops > 0, "the cells are too short")
    }

    @Test("A cell that fails is in the table with its reason, and the others go on")
    func failure() throws {
      let folder = try RankFolder()
      // Only models of several charts have an auto-encoder.
      var job = TableJob(
        folder, models: "RealNVP,VQ-RealNVP conditional", seeds: 1,
        [
          "training.totalSteps=40", "training.autoencoder.learningRate=1e38",
          "training.autoencoder.schedule.warmUpFraction=0",
        ])
      var texts: Set<String> = []
      for ranks in [1, 2, 5] {
        job.output = "ranks-\(ranks)"
        let outcome = try job.run(ranks: ranks)
        let text = try job.text
        texts.insert(text)
        #expect(text.contains("4 of 4 cells are finished, 2 of them failed"), "\(text)")
        for set in ["helix", "star"] {
          #expect(text.contains("- \(set)/VQ-RealNVP conditional/seed-1: "), "\(outcome.errors)")
        }
        #expect(text.contains("is not finite"))
        let scored = try job.cells().allValues.filter {
          ($0 as? NSDictionary)?["scores"] != nil
        }
        #expect(scored.count == 2)
      }
      #expect(texts.count == 1, "\(texts)")
    }

    @Test("Missing data is one error of the whole table, before anything is trained")
    func missingData() throws {
      let folder = try RankFolder()
      var job = TableJob(folder)
      job.table = "earth"
      job.arguments = ["--data", folder.file("nowhere"), "--seeds", "2"]
      for ranks in [1, 3] {
        let outcome = try job.run(ranks: ranks, expecting: 66)
        #expect(outcome.errors.contains("nowhere/volcano.csv"), "\(outcome.errors)")
        #expect(outcome.errors.contains("hint: --data"))
        #expect(outcome.errors.components(separatedBy: "error:").count == 2, "\(outcome.errors)")
        #expect(job.files("cell.json").isEmpty && job.files("configuration.yaml").isEmpty)
      }
      // The table of what is there needs no data.
      #expect(try job.run(ranks: 2, ["--table-only"]).output.contains("0 of 96 cells"))
    }

    @Test(
      "Names that do not exist are refused with those that do, code 64",
      arguments: [
        (["curves-z"], "there are curves-a, curves-b, earth"),
        (["curves-a", "--sets", "helix,square"], "--sets: the table has no square"),
        (["curves-a", "--models", "GPT"], "it has RealNVP, VQ-RealNVP"),
        (["curves-a", "--seeds", "0"], "--seeds: expected 1 to 1000, got 0"),
        (["curves-a", "--set", "seed=4"], "--seeds n takes the seeds 1 to n"),
      ])
    func refused(_ arguments: [String], _ message: String) throws {
      let folder = try RankFolder()
      let outcome = try MPIRun.runAlone(
        "portolan", ["experiment"] + arguments + ["--output", folder.file("table")])
      #expect(outcome.exitCode == 64)
      #expect(outcome.errors.contains(message), "\(outcome.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder.file("table")))
    }

    @Test("--table-only trains nothing and shows what is there")
    func tableOnly() throws {
      let folder = try RankFolder()
      var job = TableJob(folder, models: "RealNVP", seeds: 1)
      try job.run(ranks: 1)
      let stamps = try job.stamps()
      job.arguments = TableJob(folder, models: "RealNVP", seeds: 3).arguments
      let outcome = try job.run(ranks: 2, ["--table-only"])
      #expect(outcome.output.contains("2 of 6 cells are finished"))
      #expect(try job.stamps() == stamps)
      // One seed tells nothing of others.
      #expect(!outcome.output.contains("| helix") || !outcome.output.contains(" ± 0."))
    }

    @Test("A table of events on the Earth: lower is better, beside the same controls in each cell")
    func earth() throws {
      let folder = try RankFolder()
      for (number, name) in ["volcano", "fire"].enumerated() {
        let rows = (0..<300).map { row -> String in
          let (u, v) = (Double(row * 7919 % 300) / 300, Double(row * 104_729 % 300) / 300)
          return "\(20 * u - 5 + Double(number)),\(60 * v + 10 * u)"
        }
        try Data(("latitude,longitude\n" + rows.joined(separator: "\n") + "\n").utf8).write(
          to: URL(fileURLWithPath: folder.file("\(name).csv")))
      }
      var job = TableJob(
        folder, sets: "volcano-P,volcano-H,fire-P", models: "one conditional flow,one chart",
        seeds: 2,
        [
          "training.totalSteps=40", "evaluation.sphere.mixtureComponents=8",
          "model.flow.splineBound=4", "model.charts=5",
        ])
      job.table = "earth"
      job.arguments += ["--data", folder.path]
      try job.run(ranks: 2)
      let text = try job.text
      #expect(text.contains("12 of 12 cells are finished. "), "\(text)")
      #expect(text.contains("lower is better"))
      #expect(text.contains("(negative: the first is better)"))
      #expect(text.contains("one conditional flow − one chart"))
      #expect(text.contains("von Mises-Fisher mixture, ") && text.contains("multi-scale kernel"))
      #expect(!text.contains("†"))
      // One column for each control, however many components the cells have chosen.
      let header = try #require(
        text.split(separator: "\n").first { $0.hasPrefix("| set | ceiling") })
      #expect(header.split(separator: "|").count { $0.contains("mixture") } == 1, "\(header)")
    }
  }
}
