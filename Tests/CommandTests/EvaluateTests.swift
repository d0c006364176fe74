import Foundation
import TestSupport
import Testing

@Suite("portolan evaluate", .serialized)
struct EvaluateTests {
  /// What the contract promises of `--json`.
  struct Scores: Decodable {
    struct Likelihood: Decodable {
      var mean: Double
      var standardError: Double
      var count: Int
    }
    struct Control: Decodable {
      var name: String
      var testLogLikelihood: Likelihood
    }
    var testLogLikelihood: Likelihood
    var entropyCeiling: Likelihood?
    var divergence: Likelihood?
    var controls: [Control]
  }

  func scores(_ run: String, _ options: [String] = []) throws -> Scores {
    let text = try EvaluateModel.portolan(["evaluate", run, "--json"] + options)
    return try JSONDecoder().decode(Scores.self, from: Data(text.utf8))
  }

  @Test("The JSON object has the score, the ceiling and a control")
  func json() throws {
    let scores = try scores(EvaluateModel.circles.get())
    #expect(scores.testLogLikelihood.count == EvaluateModel.testRows)
    #expect(scores.testLogLikelihood.standardError > 0)
    #expect(scores.controls.map(\.name.first) == ["G", "a"], "the mixture, then one by charts")
    // Two circles of radius 4 with noise of deviation 0.1, by independent quadrature: 2.15 nats.
    let ceiling = try #require(scores.entropyCeiling)
    #expect(abs(ceiling.mean + 2.15) < 4 * ceiling.standardError + 0.01)
  }

  @Test("No score is above the ceiling beyond its standard error, and the model is not far below")
  func ceiling() throws {
    let scores = try scores(EvaluateModel.circles.get())
    let ceiling = try #require(scores.entropyCeiling)
    for score in [scores.testLogLikelihood] + scores.controls.map(\.testLogLikelihood) {
      let error = hypot(score.standardError, ceiling.standardError)
      #expect(score.mean <= ceiling.mean + 3 * error)
    }
    #expect(scores.testLogLikelihood.mean > ceiling.mean - 1.5)
    let divergence = try #require(scores.divergence)
    #expect(divergence.mean > 0)
  }

  @Test("The numbers are the same bytes on any number of ranks", arguments: [1, 2, 3])
  func ranks(_ ranks: Int) throws {
    let run = try EvaluateModel.circles.get()
    let alone = try EvaluateModel.portolan(["evaluate", run, "--json"])
    #expect(try EvaluateModel.portolan(["evaluate", run, "--json"], ranks: ranks) == alone)
  }

  @Test(
    "Other points are scored from a file, where no ceiling is known", arguments: [".csv", ".h5"])
  func otherPoints(_ suffix: String) throws {
    let run = try EvaluateModel.circles.get()
    let points = EvaluateModel.newFile(suffix)
    try EvaluateModel.portolan(["sample", run, "--count", "700", "--output", points])
    let scores = try scores(run, ["--data", points])
    #expect(scores.testLogLikelihood.count == 700)
    #expect(scores.entropyCeiling == nil)
  }

  @Test("The score of the run's end is the one of evaluate")
  func result() throws {
    let run = try EvaluateModel.circles.get()
    let result = try JSONDecoder().decode(
      RunResult.self,
      from: Data(contentsOf: URL(fileURLWithPath: "\(run)/result.json")))
    #expect(result.testLogLikelihood.mean == (try scores(run)).testLogLikelihood.mean)
  }

  @Test("A run folder that is not there is said so, with status 66")
  func missing() throws {
    let outcome = try MPIRun.runAlone("portolan", ["evaluate", "/nowhere/run"])
    #expect(outcome.exitCode == 66)
    #expect(outcome.errors.contains("/nowhere/run"))
  }
}

extension EvaluateTests {
  /// `result.json`.
  struct RunResult: Decodable { var testLogLikelihood: Scores.Likelihood }
}
