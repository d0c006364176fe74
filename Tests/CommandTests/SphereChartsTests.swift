import Foundation
import TestSupport
import Testing

extension TrainingJobs {
  @Suite("Independent charts on the sphere, from the command line") struct SphereCharts {
    /// Points around five directions of S², one of them a pole, with widths of their own.
    private static func table(in folder: RankFolder) throws -> String {
      let centres = [[0.0, 0, 1], [1, 0, 0], [-1, 0.3, 0.1], [0, -1, -0.5], [0.2, 1, -1]]
      var text = "x,y,z\n"
      var state: UInt64 = 7
      func uniform() -> Double {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (Double(state >> 11) + 0.5) * 0x1p-53
      }
      func normal() -> Double { (-2 * log(uniform())).squareRoot() * cos(2 * .pi * uniform()) }
      for i in 0..<3000 {
        let width = 0.05 + 0.06 * Double(i % 5)
        // A bent stripe in the first direction, so that a Gaussian is not the answer.
        let bend = i % 5 == 1 ? normal() : 0
        var x = centres[i % 5].map { $0 + width * normal() }
        x[1] += 0.5 * bend
        x[2] += 0.4 * bend * bend
        let length = x.reduce(0) { $0 + $1 * $1 }.squareRoot()
        text += x.map { "\($0 / length)" }.joined(separator: ",") + "\n"
      }
      let path = folder.file("points.csv")
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      return path
    }

    private static func job(_ table: String) -> RankJob {
      RankJob.charts.setting(
        "data.source=csv", "data.path=\(table)", "data.standardise=false",
        "model.embedding.kind=sphere", "model.charts=6", "model.background=0.01"
      ).steps(1200)
    }

    @Test(
      "One digest on 1 2 3 ranks; better than the start; one over S²; samples lie on it",
      arguments: [false, true])
    func sphere(withKernels: Bool) throws {
      let folder = try RankFolder()
      // Kernels that the grid below resolves.
      let job = Self.job(try Self.table(in: folder)).setting(
        withKernels ? ["model.kernels=true", "training.noise.floorDegrees=3"] : [])
      var results: [RankResult] = []
      for ranks in 1...3 {
        let run = RankRun(path: folder.file("run-\(ranks)"))
        try job.train(in: run.path, ranks: ranks)
        results.append(try run.result())
      }
      #expect(results[1] == results[0] && results[2] == results[0])
      let losses = results[0].metrics.filter { $0.contains(",atlas,") }.compactMap {
        Double($0.split(separator: ",", omittingEmptySubsequences: false)[4])
      }
      #expect(losses.count == 3)
      #expect(losses.min()! < losses[0] - 0.005, "\(losses)")

      let run = folder.file("run-1")
      let (angles, longitudes) = (400, 400)
      var grid = "x,y,z\n"
      var areas: [Double] = []
      for i in 0..<angles {
        let theta = (Double(i) + 0.5) * .pi / Double(angles)
        for j in 0..<longitudes {
          let phi = (Double(j) + 0.5) * 2 * .pi / Double(longitudes)
          grid += "\(sin(theta) * cos(phi)),\(sin(theta) * sin(phi)),\(cos(theta))\n"
          areas.append(sin(theta) * .pi / Double(angles) * 2 * .pi / Double(longitudes))
        }
      }
      let (points, densities) = (folder.file("grid.csv"), folder.file("density.csv"))
      try Data(grid.utf8).write(to: URL(fileURLWithPath: points))
      try EvaluateModel.portolan(["log-probability", run, "--input", points, "--output", densities])
      let values = try NumberTable(densities).column("log_probability")
      #expect(values.count == angles * longitudes && values.allSatisfy(\.isFinite))
      // The background alone.
      if !withKernels { #expect(values.min()! >= log(0.01 / (4 * .pi)) - 1e-3) }
      let total = zip(values, areas).reduce(0) { $0 + exp($1.0) * $1.1 }
      #expect(abs(total - 1) < 2e-3, "\(total)")

      let samples = folder.file("samples.csv")
      try EvaluateModel.portolan(["sample", run, "--count", "3000", "--output", samples])
      let drawn = try NumberTable(samples)
      for row in drawn.rows {
        #expect(abs(row.prefix(3).reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
      }
      // The seventh chart is the background: thirty points are expected. Kernels are the eighth.
      let drawnCharts = drawn.column("chart")
      let background = drawnCharts.count { $0 == 6 }
      #expect(background > (withKernels ? 0 : 8) && background < 60, "\(background)")
      #expect(drawnCharts.contains(7) == withKernels)
      // A model's mean log-density on its own samples is minus its entropy, by quadrature.
      let scored = folder.file("scored.csv")
      try EvaluateModel.portolan(
        [
          "log-probability", run, "--input", samples, "--output", scored, "--inference", "expected",
        ])
      let table = try NumberTable(scored)
      #expect(table.names.suffix(2) == ["base_1", "base_2"])
      let (mean, variance) = meanAndVariance(table.column("log_probability"))
      let entropy = -zip(values, areas).reduce(0) { $0 + exp($1.0) * $1.0 * $1.1 }
      #expect(abs(mean + entropy) < 5 * (variance / 3000).squareRoot(), "\(mean) \(entropy)")
      _ = try EvaluateModel.portolan(["evaluate", run])
      _ = try EvaluateModel.portolan(["report", run])
    }

    @Test("Stopped within a round and resumed on another number of ranks: the same bits")
    func resume() throws {
      let folder = try RankFolder()
      let job = Self.job(try Self.table(in: folder)).setting(
        "model.kernels=true", "training.noise.floorDegrees=3")
      let plain = RankRun(path: folder.file("plain"))
      try job.train(in: plain.path, ranks: 2)
      let run = RankRun(path: folder.file("run"))
      try job.train(in: run.path, ranks: 3, ["--stop-after", "500"], expecting: 75)
      try job.train(in: run.path, ranks: 1, ["--resume"])
      #expect(try run.result() == plain.result())
    }

    @Test("A conformal embedding, another base, or points beside the sphere are refused")
    func refused() throws {
      let folder = try RankFolder()
      let table = try Self.table(in: folder)
      for (settings, message) in [
        (["model.embedding.kind=conformal"], "because model.fit is independent"),
        (["model.embedding.base=sphere"], "because model.fit is independent"),
        (["model.background=1"], "expected a number ≥ 0 and < 1"),
        (["model.kernels=true", "model.fit=amortized"], "or model.fit independent and"),
        (["model.kernels=true", "training.noise.floorDegrees=0"], "because model.kernels is true"),
      ] {
        let outcome = try Self.job(table).setting(settings).train(
          in: folder.file("refused"), ranks: 1, expecting: 65)
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
      }
    }
  }
}
