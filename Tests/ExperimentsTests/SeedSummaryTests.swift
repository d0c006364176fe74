import Datasets
import Experiments
import Foundation
import Testing

@Suite("Numbers over seeds, and distances of samples")
struct SeedSummaryTests {
  @Test(
    "Quantiles of Student's t are those of the tables",
    arguments: [
      (1, 12.7062), (2, 4.30265), (3, 3.18245), (4, 2.77645), (9, 2.26216), (30, 2.04227),
      (1000, 1.96234),
    ])
  func quantiles(degrees: Int, expected: Double) {
    let t = StudentT.quantile(0.975, degreesOfFreedom: degrees)
    #expect(abs(t / expected - 1) < 3e-6, "\(t)")
    #expect(abs(StudentT.cumulative(t, degreesOfFreedom: degrees) - 0.975) < 1e-12)
    #expect(abs(StudentT.cumulative(-t, degreesOfFreedom: degrees) - 0.025) < 1e-12)
    #expect(StudentT.cumulative(0, degreesOfFreedom: degrees) == 0.5)
  }

  @Test("One degree of freedom is the Cauchy distribution")
  func cauchy() {
    for t in [0.01, 0.5, 1, 3, 100] {
      let expected = 0.5 + atan(t) / .pi
      #expect(abs(StudentT.cumulative(t, degreesOfFreedom: 1) - expected) < 1e-12)
    }
  }

  @Test("A summary has mean, deviation and interval; one seed has no interval")
  func summary() throws {
    let summary = SeedSummary(of: [1, 2, 3, 4, 5])
    #expect(summary.mean == 3 && abs(summary.deviation - 2.5.squareRoot()) < 1e-14)
    // 2.77645 · 1.58114 / √5
    #expect(abs(try #require(summary.halfInterval) - 1.96324) < 1e-4)
    #expect(summary.isAboveZero)
    let one = SeedSummary(of: [7])
    #expect(one.mean == 7 && one.deviation == 0 && one.interval == nil && !one.isAboveZero)
    let back = try JSONDecoder().decode(SeedSummary.self, from: JSONEncoder().encode(summary))
    #expect(back == summary)
  }

  @Test("Paired differences see what means alone do not")
  func paired() {
    let first = [1.0, 5, 9, 2, 7]
    let second = first.map { $0 - 0.1 }
    let difference = SeedSummary.paired(first, minus: second)
    #expect(abs(difference.mean - 0.1) < 1e-12 && difference.isAboveZero)
    #expect(!SeedSummary.paired(second, minus: first).isAboveZero)
    #expect(SeedSummary(of: first).halfInterval! > 1)
  }

  @Test("An interval holds the mean in 95 of 100 cases")
  func coverage() {
    var random = SystemIndependent(state: 5)
    var hits = 0
    for _ in 0..<2000 {
      let values = (0..<5).map { _ in random.normal() }
      if SeedSummary(of: values).interval!.contains(0) { hits += 1 }
    }
    // Binomial(2000, 0.95): four standard deviations are 39.
    #expect(abs(hits - 1900) < 40)
  }

  @Test("The sliced distance of a shift is the shift's mean projection; equal samples have none")
  func sliced() {
    let points = (0..<600).map { sin(Double($0 * $0)) }
    let moved = points.enumerated().map { $0.offset % 3 == 1 ? $0.element + 2 : $0.element }
    let sliced = SlicedWasserstein(dimension: 3, directions: 400)
    #expect(sliced.distance(points, points) == 0)
    // Directions are uniform: the mean of (2 u_y)² is 4/3.
    let distance = sliced.distance(points, moved)
    #expect(abs(distance / (4.0 / 3).squareRoot() - 1) < 0.1)
    #expect(distance == sliced.distance(moved, points))
    let one = SlicedWasserstein(dimension: 1, directions: 3)
    #expect(abs(one.distance([3, 1, 2], [12, 11, 13]) - 10) < 1e-12)
    #expect(one.distance([], [1]) == 0)
  }

  @Test("True points score like the oracle; a collapsed model scores well and covers nothing")
  func sampleScores() {
    let generator = PointGenerator(set: .interlockedCircles, track: .a, seed: 3)
    func points(_ split: DatasetSplit, _ count: Int) -> [Double] {
      (0..<count).flatMap { generator.row($0, of: split) }
    }
    func scores(_ samples: [Double]) -> SampleScores {
      SampleScores(
        samples: samples, training: points(.train, 3000), test: points(.test, 1000),
        generator: generator, bandwidth: nil, directions: 32)
    }
    let own = scores(points(.validation, 1000))
    #expect(own.bandwidth == 0.1 && own.count == 1000)
    for pair in [own.exactLogDensity, own.kernelLogDensity, own.coverage] {
      let error = hypot(pair.model.standardError, pair.oracle.standardError)
      #expect(abs(pair.model.mean - pair.oracle.mean) < 4 * error)
    }
    #expect(abs(own.exactLogDensity.oracle.mean + 2.15) < 0.15)
    #expect(own.shareOffManifold.model < 0.01)
    #expect(own.slicedWasserstein.model < 3 * own.slicedWasserstein.oracle + 0.2)

    let collapsed = scores((0..<3000).map { $0 % 3 == 1 ? 4 : 0 })
    #expect(collapsed.exactLogDensity.model.mean > own.exactLogDensity.model.mean)
    #expect(collapsed.coverage.model.mean < own.coverage.model.mean - 100)
    #expect(collapsed.slicedWasserstein.model > 10 * own.slicedWasserstein.oracle)
    let far = scores(points(.validation, 1000).map { $0 + 5 })
    #expect(far.shareOffManifold.model > 0.9)
    #expect(far.exactLogDensity.model.mean < -100)
  }
}

/// Normal numbers by the sum of twelve uniform ones (SplitMix64; Steele, Lea, Flood, 2014).
private struct SystemIndependent {
  var state: UInt64

  mutating func normal() -> Double {
    (0..<12).reduce(-6) { sum, _ in
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return sum + Double((z ^ (z >> 31)) >> 11) * 0x1p-53
    }
  }
}
