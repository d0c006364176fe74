import Foundation
import TestSupport
import Testing

extension TrainingJobs {
  @Suite("A stage ends with its best weights") struct BestWeights {
    @Test("After an early stop the model is that of the step with the best validation")
    func earlyStopping() throws {
      let job = RankJob.small.setting(
        "training.flow.averageDecay=0", "training.flow.earlyStopping.patienceEpochs=1",
        "training.flow.earlyStopping.minimumImprovement=100")
      let folder = try RankFolder()
      let run = RankRun(path: folder.file("run"))
      try job.train(in: run.path, ranks: 2)
      // No later validation is better by the demanded amount, so the first one stays the best.
      let validated = try run.validatedSteps(of: "flow")
      #expect(validated == [36, 52])
      let points = folder.file("points.csv")
      let sampling = try MPIRun.runAlone(
        "portolan", ["sample", run.path, "--count", "50", "--output", points])
      #expect(sampling.exitCode == 0, "\(sampling.errors)")
      let density = try densities(of: run.path, points)
      for (step, isSame) in [(36, true), (52, false)] {
        let stopped = folder.file("stopped-\(step)")
        try job.train(in: stopped, ranks: 3, ["--stop-after", "\(step)"], expecting: 75)
        #expect(try (densities(of: stopped, points) == density) == isSame, "step \(step)")
      }
    }

    private func densities(of run: String, _ points: String) throws -> Data {
      let output = run + "-density.csv"
      let scoring = try MPIRun.runAlone(
        "portolan", ["log-probability", run, "--input", points, "--output", output])
      #expect(scoring.exitCode == 0, "\(scoring.errors)")
      return try Data(contentsOf: URL(fileURLWithPath: output))
    }
  }
}

extension RankRun {
  /// Steps of a stage that a validation followed, by `metrics.csv`: step, stage, epoch, loss,
  /// validationLoss, …
  func validatedSteps(of stage: String) throws -> [Int] {
    try metrics().compactMap { row in
      let fields = row.split(separator: ",", omittingEmptySubsequences: false)
      guard fields[1] == stage, !fields[4].isEmpty else { return nil }
      return Int(fields[0])
    }
  }
}
