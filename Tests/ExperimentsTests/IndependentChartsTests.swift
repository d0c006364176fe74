import Experiments
import Foundation
import TestSupport
import Testing

/// The training of charts that share nothing, in a job of its own.
@Suite("Charts that are fitted apart", .serialized)
struct IndependentChartsTests {
  /// What the scenario says.
  private struct Report {
    let lines: [String]

    init(ranks: Int, broken: Int = -1, _ settings: [String] = []) throws {
      let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
      defer { _ = Result { try FileManager.default.removeItem(atPath: folder) } }
      let outcome = try MPIRun.run(
        "MultiRankProbe", ["charts", folder, "\(broken)"] + settings, ranks: ranks)
      try #require(outcome.exitCode == 0, "\(outcome.errors)")
      lines = outcome.lines
    }

    /// Hash of each chart's numbers, [K].
    var charts: [String] {
      lines.filter { $0.hasPrefix("chart ") }.map { String($0.split(separator: " ")[2]) }
    }

    var weights: [String] {
      lines.filter { $0.hasPrefix("chart ") }.map { String($0.split(separator: " ")[4]) }
    }

    /// The last number of the lines that begin with a word.
    func numbers(_ word: String) -> [Double] {
      lines.filter { $0.hasPrefix(word + " ") }.compactMap {
        Double($0.split(separator: " ").last ?? "")
      }
    }
  }

  @Test("Sixteen charts on 1 2 3 4 5 ranks: one result, bit for bit, over two rounds")
  func rankCounts() throws {
    let one = try Report(ranks: 1, ["training.charts.rounds=2"])
    #expect(one.charts.count == 16 && Set(one.charts).count == 16)
    for ranks in 2...5 {
      #expect(try Report(ranks: ranks, ["training.charts.rounds=2"]).lines == one.lines, "\(ranks)")
    }
  }

  @Test("More ranks than charts: several ranks fit one chart, to the same bits")
  func manyRanks() throws {
    let settings = ["model.charts=3", "training.charts.averageDecay=0.9"]
    let one = try Report(ranks: 1, settings)
    for ranks in [2, 5, 8] {
      #expect(try Report(ranks: ranks, settings).lines == one.lines, "\(ranks)")
    }
  }

  @Test(
    "One chart fails twice: it keeps its Gaussian, the other fifteen have the bits of a sound job")
  func oneFails() throws {
    let sound = try Report(ranks: 1)
    let start = try Report(ranks: 1, ["training.charts.rounds=0"])
    #expect(zip(sound.charts, start.charts).allSatisfy { $0 != $1 })
    var reports: [String] = []
    for ranks in [1, 2, 3] {
      let broken = try Report(ranks: ranks, broken: 5)
      #expect(broken.lines.contains("outcome finished"))
      for k in 0..<16 { #expect(broken.charts[k] == (k == 5 ? start : sound).charts[k], "\(k)") }
      #expect(broken.weights == sound.weights)
      let report = try #require(broken.lines.first { $0.hasPrefix("reported ") })
      #expect(report.hasPrefix("reported 5 failed"))
      #expect(report.components(separatedBy: "is not finite").count == 3, "\(report)")
      reports.append(report)
      let ends = (broken.numbers("end")[0], sound.numbers("end")[0])
      #expect(ends.0.isFinite && ends.0 < ends.1 && ends.0 > start.numbers("end")[0])
    }
    #expect(Set(reports).count == 1, "\(reports)")
    #expect(!sound.lines.contains { $0.hasPrefix("reported ") })
  }

  @Test("A rate without measure fails in every chart: the atlas stays the mixture that it was")
  func allFail() throws {
    let report = try Report(ranks: 2, ["training.charts.learningRate=1e30"])
    #expect(report.lines.filter { $0.hasPrefix("reported ") }.count == 16)
    #expect(abs(report.numbers("end")[0] - report.numbers("start")[0]) < 1e-4)
  }

  @Test("No round lowers the likelihood of the training points, not even with a poor rate")
  func monotone() throws {
    for rate in ["0.005", "0.3"] {
      let report = try Report(
        ranks: 2,
        [
          "training.charts.rounds=5", "training.charts.epochs=3",
          "training.charts.learningRate=\(rate)",
        ])
      let rounds = report.lines.filter { $0.hasPrefix("round ") }.compactMap {
        Double($0.split(separator: " ")[2])
      }
      #expect(rounds.count == 6)
      // Responsibilities below a ten-thousandth train nothing, so the promise holds but for that.
      for (before, after) in zip(rounds, rounds.dropFirst()) { #expect(after > before - 1e-4) }
      #expect(rounds[5] > rounds[0])
    }
  }

  @Test("The result is the atlas with the lowest validation loss, not that of the last round")
  func best() throws {
    // Few points and many passes: charts learn their points by heart.
    let report = try Report(
      ranks: 2,
      [
        "data.generator.train=300", "training.charts.rounds=4", "training.charts.epochs=100",
        "model.charts=4", "data.standardise=false",
      ])
    let train = report.lines.filter { $0.hasPrefix("round ") }.compactMap {
      Double($0.split(separator: " ")[2])
    }
    let validation = report.lines.filter { $0.hasPrefix("round ") }.compactMap {
      Double($0.split(separator: " ")[3])
    }
    let best = try #require(validation.indices.max { validation[$0] < validation[$1] })
    #expect(best < 4, "the last round is the best: this shows nothing")
    #expect(abs(report.numbers("end")[0] - train[best]) < 1e-4)
  }

  @Test("The state of an amortized atlas does not tell of independent charts, and theirs does")
  func stateText() throws {
    let amortized = try Configuration(overrides: ["training.charts.rounds=7"]).stateYAML
    #expect(!amortized.contains("model.fit") && !amortized.contains("training.charts."))
    let independent = try Configuration(overrides: ["model.fit=independent"]).stateYAML
    #expect(independent.contains("model.fit: independent\n"))
    #expect(independent.contains("training.charts.rounds: 3\n"))
  }

  @Test(
    "What cannot be is refused",
    arguments: [
      (["model.fit=both"], "expected one of amortized, independent, got both"),
      (
        ["training.charts.earlyStopping.patienceEpochs=3"],
        "expected 0, because a chart by itself has no validation points, got 3"
      ),
      (["training.charts.weightDecay=1"], "weightDecay needs optimizer adamw"),
      (["training.charts.rounds=-1"], "expected an integer from 0 to 10000, got -1"),
      (
        ["model.fit=independent", "data.generator.train=300", "model.charts=301"],
        "expected at most data.generator.train (300), a point a chart, got 301"
      ),
    ])
  func refused(_ overrides: [String], _ message: String) {
    #expect {
      try Configuration(overrides: overrides)
    } throws: { "\($0)".contains(message) }
  }
}
