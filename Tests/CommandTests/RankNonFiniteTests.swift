import Foundation
import TestSupport
import Testing

extension TrainingJobs {
  @Suite("A loss that is not finite ends the job, and no checkpoint holds it") struct NonFinite {
    /// Points of the plane on a ring; one of them is out of the range of squares in single precision.
    private func table(outlier: Int?, in folder: RankFolder) throws -> String {
      var text = "x,y\n"
      for i in 0..<400 {
        let angle = Double(i) * 2.399963
        let x = i == outlier ? 1e30 : cos(angle) + 0.01 * Double(i % 7)
        text += "\(x),\(sin(angle))\n"
      }
      let path = folder.file("points.csv")
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      return path
    }

    private func job(_ table: String) -> RankJob {
      RankJob.small.setting(
        "data.source=csv", "data.path=\(table)", "data.standardise=false",
        "data.validationFraction=0", "data.testFraction=0", "training.globalBatchSize=32",
        "model.charts=1", "model.flow.actNorm=false", "checkpoints.everySteps=1")
    }

    @Test("One outlier in a file: the same step, stage, layer and row, whichever rank holds it")
    func outlier() throws {
      let folder = try RankFolder()
      let job = job(try table(outlier: 100, in: folder))
      var messages = Set<String>()
      for ranks in 1...4 {
        let run = RankRun(path: folder.file("run-\(ranks)"))
        let outcome = try job.train(in: run.path, ranks: ranks, expecting: 65)
        let line = try #require(
          outcome.errors.split(separator: "\n").first { $0.contains("is not finite") },
          "\(outcome.errors)")
        #expect(outcome.errors.components(separatedBy: "is not finite").count == 2)
        let start = try #require(line.range(of: "step "))
        messages.insert(String(line[start.lowerBound...]))
        // The step before is saved, and it is sound.
        let step = Int(line[start.upperBound...].prefix { $0.isNumber }) ?? -1
        #expect(run.newestStep == step - 1 && step > 1, "\(line)")
        _ = try run.verifiedDigest()
        #expect(try isFinite(run, folder))
      }
      #expect(messages.count == 1, "\(messages)")
      let message = try #require(messages.first)
      #expect(message.contains("stage \"flow\""))
      // A square that is too large is met where the base density is taken.
      #expect(message.contains("first appeared in base"), "\(message)")
      #expect(message.contains("row 100 of the data"), "\(message)")
      let clean = try RankFolder()
      try self.job(try table(outlier: nil, in: clean)).train(in: clean.file("run"), ranks: 2)
    }

    @Test("A learning rate without measure: the broken weights are never saved")
    func learningRate() throws {
      for (ranks, rate) in [(1, "1e38"), (3, "1e38"), (2, "1e20")] {
        let folder = try RankFolder()
        let run = RankRun(path: folder.file("run"))
        let job = RankJob.small.setting(
          "training.flow.learningRate=\(rate)", "checkpoints.everySteps=1",
          "training.flow.schedule.warmUpFraction=0")
        let outcome = try job.train(in: run.path, ranks: ranks, expecting: 65)
        #expect(outcome.errors.contains("stage \"flow\""), "\(outcome.errors)")
        #expect(run.newestStep >= 14, "the first stage was sound")
        _ = try run.verifiedDigest()
        // A resume meets the same error: nothing is trained past it.
        try job.train(in: run.path, ranks: 2, ["--resume"], expecting: 65)
      }
    }

    /// Whether the densities that the newest checkpoint gives are finite.
    private func isFinite(_ run: RankRun, _ folder: RankFolder) throws -> Bool {
      let input = folder.file("origin.csv")
      let output = folder.file("density.csv")
      try Data("x,y\n0,0\n1,0.5\n".utf8).write(to: URL(fileURLWithPath: input))
      let scoring = try MPIRun.runAlone(
        "portolan", ["log-probability", run.path, "--input", input, "--output", output])
      #expect(scoring.exitCode == 0, "\(scoring.errors)")
      let rows = try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n")
      let values = rows.dropFirst().compactMap { Double($0.split(separator: ",").last ?? "") }
      return values.count == 2 && values.allSatisfy(\.isFinite)
    }
  }
}
