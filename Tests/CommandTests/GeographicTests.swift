import Foundation
import TestSupport
import Testing

extension TrainingJobs {
  @Suite("Places on the globe, from a table to samples") struct Geographic {
    /// Events along two arcs, some of them at one place.
    static let events: String = {
      var text = "time,latitude,longitude\n"
      for row in 0..<400 {
        let t = Double(row / 2) / 200
        let (north, east) =
          row % 4 < 2 ? (60 * t - 30, 40 * sin(6 * t)) : (50 - 20 * t, 150 + 60 * t)
        text += "t\(row),\((1000 * north).rounded() / 1000),\((1000 * east).rounded() / 1000)\n"
      }
      return text
    }()

    /// Runs on a table of these events with neighbour noise, in whole cells.
    static func job(_ folder: RankFolder) throws -> RankJob {
      try Data(events.utf8).write(to: URL(fileURLWithPath: folder.file("events.csv")))
      return RankJob.small.setting(
        "data.source=csv", "data.path=\(folder.file("events.csv"))", "data.geographic=true",
        "data.grouping=cells", "data.cellDegrees=4", "training.noise.kind=neighbour",
        "evaluation.mixtureComponents=6")
    }

    @Test("Grouping and noise give one digest and one metrics.csv, on 1, 2 and 3 ranks")
    func ranks() throws {
      let folder = try RankFolder()
      let job = try Self.job(folder)
      let reference = try job.result(ranks: 1)
      for ranks in [2, 3] { #expect(try job.result(ranks: ranks) == reference, "\(ranks) ranks") }
      // Without noise, other losses: the noise is there.
      let quiet = try job.setting("training.noise.kind=none").result(ranks: 1)
      #expect(quiet.metrics != reference.metrics)
    }

    @Test("A run with noise that is stopped and resumed ends with the bits of one that is not")
    func resume() throws {
      let folder = try RankFolder()
      let job = try Self.job(folder)
      let reference = try job.result(ranks: 1)
      let run = folder.file("run")
      try job.train(in: run, ranks: 2, ["--stop-after", "37"], expecting: 75)
      try job.train(in: run, ranks: 3, ["--resume"])
      #expect(try RankRun(path: run).result().digest == reference.digest)
    }

    @Test(
      "A model on the sphere is scored per unit area beside the controls, and its ceiling holds")
    func sphere() throws {
      let folder = try RankFolder()
      let sphere = ["model.embedding.kind=sphere", "model.embedding.base=sphere"]
      let run = folder.file("events")
      try Self.job(folder).setting(sphere).train(in: run, ranks: 2)
      func scores(_ run: String) throws -> EvaluateTests.Scores {
        let json = try EvaluateModel.portolan(["evaluate", run, "--json"])
        return try JSONDecoder().decode(EvaluateTests.Scores.self, from: Data(json.utf8))
      }
      let events = try scores(run)
      let own = try #require(events.negativeLogLikelihood)
      #expect(events.densityMeasure == "area" && own.mean == -events.testLogLikelihood.mean)
      #expect(own.mean < 4)
      // Blobs have a known density on the sphere.
      let blobs = folder.file("blobs")
      try RankJob.small.setting(
        sphere + [
          "data.generator.name=spherical-blobs", "data.generator.scale=1",
          "data.generator.noise=0.2",
          "data.standardise=false", "data.generator.test=2000",
        ]
      ).steps(600).train(in: blobs, ranks: 1)
      let known = try scores(blobs)
      let divergence = try #require(known.divergence)
      #expect(divergence.mean > -3 * divergence.standardError && divergence.mean < 1)
      for control in known.controls {
        let gap = try #require(control.divergence)
        #expect(gap.mean > -3 * gap.standardError, "\(control.name)")
      }
      let samples = try #require(known.samples)
      #expect(samples.shareOffManifold.model == 0)
      #expect(samples.exactLogDensity.model.mean < samples.exactLogDensity.oracle.mean + 0.1)
    }

    @Test("Charts that are fitted apart get the noise as well, on any number of ranks")
    func independentCharts() throws {
      let folder = try RankFolder()
      let job = try Self.job(folder).setting(
        "model.fit=independent", "model.embedding.kind=sphere", "model.flow.actNorm=false",
        "training.charts.rounds=2")
      let reference = try job.result(ranks: 1)
      #expect(try job.result(ranks: 3) == reference)
      let quiet = try job.setting("training.noise.kind=none").result(ranks: 1)
      #expect(quiet.metrics != reference.metrics)
    }

    @Test("A surface in space is not scored against a density per unit volume")
    func surfaces() throws {
      let folder = try RankFolder()
      let run = folder.file("run")
      try RankJob.small.setting("model.embedding.kind=conformal").train(in: run, ranks: 1)
      let json = try EvaluateModel.portolan(["evaluate", run, "--json"])
      let scores = try JSONDecoder().decode(EvaluateTests.Scores.self, from: Data(json.utf8))
      #expect(scores.divergence == nil && scores.gap == nil && scores.entropyCeiling != nil)
      #expect(scores.controls.allSatisfy { $0.divergence != nil })
    }

    @Test("Samples and log-densities are written by latitude and longitude")
    func tables() throws {
      let folder = try RankFolder()
      let run = folder.file("run")
      try Self.job(folder).train(in: run, ranks: 1)
      let samples = folder.file("samples.csv")
      try EvaluateModel.portolan(["sample", run, "--count", "300", "--output", samples], ranks: 2)
      let drawn = try NumberTable(samples)
      #expect(drawn.names == ["latitude", "longitude", "chart"] && drawn.rows.count == 300)
      #expect(drawn.column("latitude").allSatisfy { abs($0) <= 90 })
      #expect(drawn.column("longitude").allSatisfy { $0 >= -180 && $0 < 180 })
      let densities = folder.file("densities.csv")
      try EvaluateModel.portolan([
        "log-probability", run, "--input", folder.file("events.csv"), "--output", densities,
        "--inference", "most-probable",
      ])
      let table = try NumberTable(densities)
      #expect(
        table.names == [
          "latitude", "longitude", "log_probability", "chart", "chart_probability", "base_x",
          "base_y", "base_z",
        ])
      #expect(table.rows.count == 400)
      // The file's own digits, not those of a journey through x, y, z.
      #expect(table.rows[0][0] == -30 && table.rows[0][1] == 0)
      let text = try EvaluateModel.portolan(["evaluate", run, "--data", folder.file("events.csv")])
      #expect(text.contains("400 points"))
      #expect(text.contains("negative log-likelihood in nats per unit area of the sphere"))
      #expect(text.contains("it cannot be compared with these"))
      let json = try EvaluateModel.portolan(["evaluate", run, "--json"])
      #expect(try EvaluateModel.portolan(["evaluate", run, "--json"], ranks: 3) == json)
      let scores = try JSONDecoder().decode(EvaluateTests.Scores.self, from: Data(json.utf8))
      #expect(scores.densityMeasure == "volume" && scores.negativeLogLikelihood == nil)
      #expect(scores.controls.map { $0.name.prefix(5) } == ["von M", "multi", "a von"])
      for control in scores.controls {
        // Better than the uniform density, 2.531, on two arcs.
        let value = try #require(control.negativeLogLikelihood)
        #expect(value.mean < 2.6 && value.mean == -control.testLogLikelihood.mean)
      }
    }
  }
}

extension BadInput {
  @Suite("Bad places")
  struct Places {
    @Test(
      "Latitudes out of range, text, and missing columns are refused with line and column",
      arguments: [
        (
          "latitude,longitude\n1,2\n95,3\n",
          "t.csv:3: column 'latitude': expected a latitude from -90 to 90 degrees, got 95.0"
        ),
        (
          "latitude,longitude\n1,2\nN4,3\n",
          "t.csv:3: column 'latitude': expected a number, got 'N4'"
        ),
        ("latitude,east\n1,2\n4,3\n", "longitude"),
      ], [1, 2])
    func refused(bad: (text: String, message: String), ranks: Int) throws {
      let folder = try Scratch()
      let file = try folder.file("t.csv", bad.text)
      let configuration = try folder.configuration(
        "data: {source: csv, path: \"\(file)\", geographic: true}")
      let outcome = try portolan(["train", configuration, "--output", folder("run")], ranks: ranks)
      #expect(outcome.exitCode == 65)
      #expect(outcome.errors.contains(bad.message), "\(outcome.errors)")
      #expect(!folder.exists("run"))
    }

    @Test("A grouping that leaves a part empty is refused")
    func emptyPart() throws {
      let folder = try Scratch()
      let file = try folder.file(
        "t.csv", "latitude,longitude\n" + String(repeating: "1.5,1.5\n", count: 80))
      let configuration = try folder.configuration(
        "data: {source: csv, path: \"\(file)\", geographic: true, grouping: places}")
      let outcome = try portolan(["train", configuration, "--output", folder("run")], ranks: 2)
      expectRefusal(outcome, 65, "data.grouping places makes 1 group of 80 rows")
    }
  }
}
