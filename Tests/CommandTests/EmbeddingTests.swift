import Foundation
import TestSupport
import Testing

/// Runs with `model.embedding`, from the configuration to the score.
@Suite("Embedded models", .serialized)
struct EmbeddingTests {
  /// Data files and runs; removed when the process ends.
  private static let data = Result { try Inputs() }

  private struct Inputs {
    /// Projected normal points of mean (−1, −1, 0) on the unit sphere; points on a circle of radius 2.
    let sphere = EvaluateModel.newFile(".csv")
    let circle = EvaluateModel.newFile(".csv")

    init() throws {
      try FileManager.default.createDirectory(
        atPath: EvaluateModel.folder, withIntermediateDirectories: true)
      var random = SplitMix(state: 7)
      let sphere = (0..<4000).map { _ -> [Double] in
        let y = [random.normal() - 1, random.normal() - 1, random.normal()]
        let length = y.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return y.map { $0 / length }
      }
      try EmbeddingTests.write(sphere, ["x", "y", "z"], to: self.sphere)
      let circle = (0..<3000).map { _ -> [Double] in
        let angle = 0.8 * random.normal()
        return [1 + 2 * cos(angle), 3 + 2 * sin(angle)]
      }
      try EmbeddingTests.write(circle, ["x", "y"], to: self.circle)
    }
  }

  private static func write(_ rows: [[Double]], _ names: [String], to path: String) throws {
    let lines =
      [names.joined(separator: ",")] + rows.map { $0.map { "\($0)" }.joined(separator: ",") }
    try (lines.joined(separator: "\n") + "\n").write(
      toFile: path, atomically: true, encoding: .utf8)
  }

  private struct Scores: Decodable {
    struct Likelihood: Decodable { var mean: Double }
    struct Reconstruction: Decodable {
      var dimension: Int
      var meanSquaredDistance: Double
      var largestDistance: Double
    }
    var testLogLikelihood: Likelihood
    var reconstruction: Reconstruction?
    var controls: [Control]
    struct Control: Decodable {}
  }

  private func options(_ path: String, _ settings: [String]) -> [String] {
    (["data.source=csv", "data.path=\(path)", "training.globalBatchSize=256"] + settings)
      .flatMap { ["--set", $0] }
  }

  private func train(
    _ path: String, _ settings: [String], steps: Int, ranks: Int? = nil
  ) throws -> String {
    let run = EvaluateModel.newFile("")
    try EvaluateModel.portolan(
      ["train", "--output", run, "--steps", "\(steps)"] + options(path, settings), ranks: ranks)
    return run
  }

  private func scores(_ run: String) throws -> Scores {
    try JSONDecoder().decode(
      Scores.self, from: Data(try EvaluateModel.portolan(["evaluate", run, "--json"]).utf8))
  }

  private static let small = [
    "model.flow.hidden=[16]", "model.flow.couplings=4", "model.encoder.hidden=[16]",
  ]
  private static let sphere =
    small + [
      "model.embedding.kind=sphere", "model.embedding.base=sphere", "data.standardise=false",
    ]

  @Test(
    "A learnt sphere reaches the points, and evaluate says how nearly",
    arguments: ["joint", "sequential"])
  func conformal(fit: String) throws {
    let run = try train(
      Self.data.get().sphere,
      Self.small + [
        "model.charts=1", "model.embedding.kind=conformal", "model.embedding.fit=\(fit)",
        "model.embedding.reconstructionWeight=1e4", "training.flow.learningRate=5e-3",
        "training.embedding.epochs=300",
      ], steps: 1000)
    let scores = try scores(run)
    let reconstruction = try #require(scores.reconstruction)
    #expect(reconstruction.dimension == 2)
    #expect(reconstruction.meanSquaredDistance < 1e-3)
    #expect(reconstruction.largestDistance >= reconstruction.meanSquaredDistance.squareRoot())
    // No density exceeds the ceiling of −1.837 nats per unit of area beyond the error of 600 points.
    #expect(scores.testLogLikelihood.mean < -1.7 && scores.testLogLikelihood.mean > -2.4)
    let text = try EvaluateModel.portolan(["evaluate", run])
    #expect(text.contains("distance from the surface"))
    #expect(text.contains("surface of dimension 2"))
  }

  @Test("A curve of dimension one is learnt by a MAF")
  func circle() throws {
    let run = try train(
      Self.data.get().circle,
      [
        "model.charts=1", "model.embedding.kind=conformal", "model.embedding.dimension=1",
        "model.embedding.reconstructionWeight=1e4", "model.flow.kind=maf", "model.flow.blocks=2",
        "model.flow.hidden=[16]", "training.flow.learningRate=5e-3",
      ], steps: 900)
    let reconstruction = try #require(try scores(run).reconstruction)
    #expect(reconstruction.dimension == 1 && reconstruction.meanSquaredDistance < 4e-3)
  }

  @Test("The density of an atlas on the sphere integrates to one, and its samples lie there")
  func sphereAtlas() throws {
    let run = try train(Self.data.get().sphere, Self.sphere + ["model.charts=4"], steps: 600)
    let (heights, longitudes) = (240, 480)
    var grid: [[Double]] = []
    for i in 0..<heights {
      // Equal areas: midpoints in height.
      let z = -1 + (Double(i) + 0.5) * 2 / Double(heights)
      let radius = (1 - z * z).squareRoot()
      for j in 0..<longitudes {
        let phi = (Double(j) + 0.5) * 2 * Double.pi / Double(longitudes)
        grid.append([radius * cos(phi), radius * sin(phi), z])
      }
    }
    let (input, output) = (EvaluateModel.newFile(".csv"), EvaluateModel.newFile(".csv"))
    try Self.write(grid, ["x", "y", "z"], to: input)
    try EvaluateModel.portolan(["log-probability", run, "--input", input, "--output", output])
    let densities = try NumberTable(output).column("log_probability").map { exp($0) }
    let total = densities.reduce(0, +) * 4 * Double.pi / Double(grid.count)
    #expect(abs(total - 1) < 1e-3)

    let samples = EvaluateModel.newFile(".csv")
    try EvaluateModel.portolan(["sample", run, "--count", "500", "--output", samples])
    for row in try NumberTable(samples).rows {
      #expect(abs(row[0] * row[0] + row[1] * row[1] + row[2] * row[2] - 1) < 1e-5)
    }
    let scores = try scores(run)
    #expect(scores.testLogLikelihood.mean < -1.7 && scores.testLogLikelihood.mean > -2.2)
    #expect(try #require(scores.reconstruction).largestDistance < 1e-5)
  }

  @Test("Inferred base coordinates have the dimension of the surface")
  func inference() throws {
    let run = try train(Self.data.get().sphere, Self.sphere + ["model.charts=3"], steps: 20)
    let output = EvaluateModel.newFile(".csv")
    try EvaluateModel.portolan([
      "log-probability", run, "--input", Self.data.get().sphere, "--output", output,
      "--inference", "most-probable",
    ])
    #expect(
      try NumberTable(output).names == [
        "x", "y", "z", "log_probability", "chart", "chart_probability", "base_1", "base_2",
      ])
  }

  @Test("A sequential fit of several charts gives the same bits on three ranks, and resumes")
  func ranks() throws {
    let settings =
      Self.small + [
        "model.charts=4", "model.embedding.kind=conformal", "model.embedding.fit=sequential",
        "model.embedding.hidden=[6]",
      ]
    let path = try Self.data.get().sphere
    let alone = try train(path, settings, steps: 90)
    let three = try train(path, settings, steps: 90, ranks: 3)
    let stopped = EvaluateModel.newFile("")
    let arguments = ["train", "--output", stopped, "--steps", "90"] + options(path, settings)
    // The middle stage runs from about step 20 to step 36.
    let first = try MPIRun.run("portolan", arguments + ["--stop-after", "30"], ranks: 2)
    #expect(first.exitCode == 75)
    try EvaluateModel.portolan(arguments + ["--resume"])
    let digest = try digest(alone)
    #expect(try self.digest(three) == digest)
    #expect(try self.digest(stopped) == digest)
    let metrics = try String(contentsOfFile: "\(alone)/metrics.csv", encoding: .utf8)
    #expect(metrics.contains("embedding"))
  }

  private func digest(_ run: String) throws -> String {
    struct Inspection: Decodable { var stateDigest: String }
    let file = try EvaluateModel.checkpoint(of: run)
    let text = try EvaluateModel.portolan(["inspect", file, "--json"])
    return try JSONDecoder().decode(Inspection.self, from: Data(text.utf8)).stateDigest
  }

  @Test(
    "What cannot be embedded is refused with status 65 and the reason",
    arguments: [
      (["model.embedding.kind=sphere"], "data.standardise: expected false"),
      (
        ["model.embedding.kind=conformal", "model.embedding.dimension=1"],
        "model.embedding.dimension: expected at least 2, because model.flow.kind realNVP"
      ),
      (
        ["model.embedding.kind=conformal", "model.embedding.dimension=3"],
        "model.embedding.dimension: expected less than the 3 columns"
      ),
      (["model.embedding.base=sphere"], "model.embedding.base: expected normal"),
      (
        ["model.embedding.kind=sphere", "data.standardise=false", "data.columns=[x, y]"],
        "expected 3 columns, got 2"
      ),
      (["model.embedding.centre=[0, 0, 0]"], "model.embedding.centre: expected three numbers"),
    ])
  func refused(settings: [String], message: String) throws {
    let outcome = try MPIRun.runAlone(
      "portolan",
      ["train", "--output", EvaluateModel.newFile("")]
        + options(try Self.data.get().sphere, settings))
    #expect(outcome.exitCode == 65)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
  }

  @Test("Points beside the unit sphere are refused with their row")
  func besideTheSphere() throws {
    let path = EvaluateModel.newFile(".csv")
    try Self.write(
      (0..<100).map { [0, 0, $0 == 41 ? 1.2 : 1] }, ["x", "y", "z"], to: path)
    let outcome = try MPIRun.runAlone(
      "portolan",
      ["train", "--output", EvaluateModel.newFile("")]
        + options(
          path,
          Self.sphere + [
            "training.globalBatchSize=8", "data.testFraction=0", "data.validationFraction=0",
          ]))
    #expect(outcome.exitCode == 65)
    #expect(outcome.errors.contains("row 41"), "\(outcome.errors)")
  }
}

/// A small generator for test data (Steele, Lea & Flood, 2014).
private struct SplitMix {
  var state: UInt64

  mutating func uniform() -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Double((z ^ (z >> 31)) >> 11) * 0x1p-53
  }

  mutating func normal() -> Double {
    (-2 * log(1 - uniform())).squareRoot() * cos(2 * Double.pi * uniform())
  }
}
