import Foundation
import TestSupport
import Testing

extension TrainingJobs {
  @Suite("A stage ends with its best weights") struct BestWeights {
    @Test("After an early stop the model is that of the step with the lowest validation loss")
    func earlyStopping() throws {
      let job = RankJob.small.setting(
        "training.flow.earlyStopping.patienceEpochs=1", "training.flow.learningRate=0.3")
      let folder = try RankFolder()
      let run = RankRun(path: folder.file("run"))
      try job.train(in: run.path, ranks: 2)
      // Columns: step, stage, epoch, loss, validationLoss, …
      let validations = try run.metrics().map {
        $0.split(separator: ",", omittingEmptySubsequences: false)
      }
      .filter { $0[1] == "flow" && Double($0[4]) != nil }
      .map { (step: Int($0[0]) ?? -1, loss: Double($0[4]) ?? .nan) }
      let best = try #require(validations.min { $0.loss < $1.loss })
      let last = try #require(validations.last)
      #expect(best.step < last.step && last.step < 60)
      let points = folder.file("points.csv")
      let sampling = try MPIRun.runAlone(
        "portolan", ["sample", run.path, "--count", "50", "--output", points])
      #expect(sampling.exitCode == 0, "\(sampling.errors)")
      let density = try densities(of: run.path, points)
      for (step, isSame) in [(best.step, true), (last.step, false)] {
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
