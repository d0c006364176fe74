import TestSupport
import Testing

/// Preparation of stages and evaluation in a job of its own, on several numbers of ranks.
@Suite("Preparation and evaluation in a job", .serialized)
struct StagePreparationTests {
  /// The lines of the scenario, by their first word; the same word may come several times.
  private struct Report {
    let lines: [String]

    init(ranks: Int, _ overrides: [String] = []) throws {
      let outcome = try MPIRun.run("MultiRankProbe", ["atlas"] + overrides, ranks: ranks)
      try #require(outcome.exitCode == 0, "\(outcome.errors)")
      lines = outcome.lines
    }

    func numbers(_ name: String) -> [[Double]] {
      lines.filter { $0.hasPrefix(name + " ") }.map { line in
        line.split(separator: " ").dropFirst().compactMap { Double($0) }
      }
    }
  }

  @Test("One rank: charts are counted, norms started, charts drawn by weight, chunks do not matter")
  func oneRank() throws {
    let report = try Report(ranks: 1)
    let distances = report.numbers("code-distances")[0]
    #expect(distances[0] < 0.5 * distances[1])
    let points = report.numbers("chart-points")[0]
    #expect(points == report.numbers("nearest-codes")[0])
    #expect(points.reduce(0, +) == 1003 && points.allSatisfy { $0 > 0 })

    let means = report.numbers("norm-means")
    #expect(means.count == 3)
    for mean in means.flatMap({ $0 }) { #expect(abs(mean) < 1e-5) }
    for square in report.numbers("norm-squares").flatMap({ $0 }) { #expect(abs(square - 1) < 1e-5) }

    // χ² of five degrees of freedom stays below 25.7 in all but one case in ten thousand.
    let drawn = report.numbers("sampled-charts")[0]
    #expect(drawn.reduce(0, +) == 6000)
    let terms = zip(drawn, points).map { drawn, points in
      let expected = 6000 * points / 1003
      return (drawn - expected) * (drawn - expected) / expected
    }
    #expect(terms.reduce(0, +) < 25.7)

    #expect(report.numbers("density-difference")[0][0] < 1e-4)
    #expect(report.numbers("sample-difference")[0][0] < 1e-4)
    #expect(report.lines.contains("same-charts true"))
  }

  @Test("Every number is the same, bit for bit, on three ranks")
  func threeRanks() throws {
    let one = try Report(ranks: 1)
    #expect(one.lines.count == 18)
    #expect(try Report(ranks: 3).lines == one.lines)
  }

  @Test("With several neighbours a point counts once on each of its charts")
  func neighbours() throws {
    let report = try Report(ranks: 1, ["model.neighbours=2"])
    #expect(report.numbers("chart-points")[0].reduce(0, +) == 2006)
    for square in report.numbers("norm-squares").flatMap({ $0 }) { #expect(abs(square - 1) < 1e-5) }
  }
}
