import Datasets
import Foundation
import TestSupport
import Testing

/// Samples against the density, through the command line: for X from the sampler the highest-density
/// levels u = P(p(X') ≤ p(X)) are uniform if X' is from the density. P is computed from the density, not
/// from the sampler: by importance sampling from a mixture that is known.
@Suite("Quantiles of samples under the density", .serialized)
struct QuantileTests {
  private static let star = Result {
    try EvaluateModel.train(
      "star",
      ["--set", "data.generator.name=star", "--set", "model.charts=10", "--steps", "700"])
  }
  private static let plainStar = Result {
    try EvaluateModel.train(
      "plain-star",
      ["--set", "data.generator.name=star", "--set", "model.charts=1", "--steps", "150"])
  }

  private func samples(_ run: String, _ count: Int, seed: Int) throws -> [Double] {
    let path = EvaluateModel.newFile(".csv")
    try EvaluateModel.portolan(
      ["sample", run, "--count", "\(count)", "--seed", "\(seed)", "--output", path])
    return try NumberTable(path).rows.flatMap { $0.prefix(3) }
  }

  private func densities(_ run: String, _ points: [Double]) throws -> [Double] {
    let (input, output) = (EvaluateModel.newFile(".csv"), EvaluateModel.newFile(".csv"))
    let lines = stride(from: 0, to: points.count, by: 3).map {
      points[$0..<$0 + 3].map { "\($0)" }.joined(separator: ",")
    }
    try Data(("x,y,z\n" + lines.joined(separator: "\n") + "\n").utf8).write(
      to: URL(fileURLWithPath: input))
    try EvaluateModel.portolan(["log-probability", run, "--input", input, "--output", output])
    return try NumberTable(output).column("log_probability")
  }

  /// The distribution function of log p(X) for X of density p, by weighted points.
  private struct Levels {
    private let sorted: [(level: Double, weight: Double)]
    /// ∫ p, which should be one.
    let mass: Double
    let massError: Double
    /// As many plain samples would tell as much.
    let effectiveCount: Double

    init(levels: [Double], logWeights: [Double]) {
      let weights = logWeights.map { exp($0) }
      let count = Double(weights.count)
      let sum = weights.reduce(0, +)
      let squares = weights.reduce(0) { $0 + $1 * $1 }
      mass = sum / count
      massError = ((squares / count - mass * mass) / count).squareRoot()
      effectiveCount = sum * sum / squares
      sorted = zip(levels, weights).map { ($0, $1 / sum) }.sorted { $0.0 < $1.0 }
    }

    /// The Kolmogorov–Smirnov distance of the levels of samples.
    func distance(of samples: [Double]) -> Double {
      let own = samples.sorted()
      var (place, below, largest) = (0, 0.0, 0.0)
      for (rank, level) in own.enumerated() {
        while place < sorted.count, sorted[place].level <= level {
          below += sorted[place].weight
          place += 1
        }
        largest = max(
          largest, abs(below - Double(rank) / Double(own.count)),
          abs(below - Double(rank + 1) / Double(own.count)))
      }
      return largest
    }

    /// The distance that one case in a thousand exceeds by chance.
    func limit(count: Int) -> Double {
      1.95 * (1 / Double(count) + 1 / effectiveCount).squareRoot()
    }
  }

  /// The levels of a run's density.
  private func levels(_ run: String, seed: Int) throws -> Levels {
    let drawn = try samples(run, 4000, seed: seed)
    // Half from a mixture like the samples, half from one that reaches everywhere near them.
    let narrow = GaussianMixture.fit(
      to: drawn, dimension: 3, componentCount: 40, seed: 1, maximumIterations: 30)
    let wide = GaussianMixture.fit(
      to: drawn.map { 1.3 * $0 }, dimension: 3, componentCount: 6, seed: 1,
      regularisation: 0.02)
    let count = 8000
    let proposals = narrow.samples(count: count, seed: 2) + wide.samples(count: count, seed: 3)
    let logProposals = zip(
      narrow.logProbability(of: proposals), wide.logProbability(of: proposals)
    ).map { a, b in max(a, b) + log(0.5 * (1 + exp(-abs(a - b)))) }
    let own = try densities(run, proposals)
    return Levels(levels: own, logWeights: zip(own, logProposals).map { $0 - $1 })
  }

  @Test("Two curves: the sampler's levels are uniform, another model's are not", arguments: [0, 1])
  func levels(_ curve: Int) throws {
    let run = try (curve == 0 ? EvaluateModel.circles : Self.star).get()
    let other = try (curve == 0 ? EvaluateModel.plain : Self.plainStar).get()
    let levels = try levels(run, seed: 11)
    let place = "mass \(levels.mass) ± \(levels.massError), as \(levels.effectiveCount) samples"
    #expect(levels.effectiveCount > 1000, "\(place)")
    #expect(abs(levels.mass - 1) < 4 * levels.massError + 0.01, "\(place)")
    let count = 6000
    let distance = levels.distance(of: try densities(run, samples(run, count, seed: 13)))
    let wrong = levels.distance(of: try densities(run, samples(other, count, seed: 13)))
    let limit = levels.limit(count: count)
    print(
      "levels of samples, curve \(curve): \(distance), another model \(wrong), limit \(limit); \(place)"
    )
    #expect(distance < limit, "\(place)")
    #expect(wrong > 2 * limit, "\(place)")
  }
}
