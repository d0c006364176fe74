import Datasets
import Foundation
import Testing

@Suite("Exact densities")
struct EntropyCeilingTests {
  /// 40,000-sample values with standard errors of 0.005 (disjoint circles 0.0065).
  static let publishedCeilings: [(PointSet, Double)] = [
    (.helix, -0.135), (.knotted, -2.970), (.bentLissajous, -2.199), (.twistedEight, -2.138),
    (.interlockedCircles, -2.147), (.disjointCircles, -0.036),
  ]

  @Test("entropy ceilings agree with the reference table", arguments: publishedCeilings)
  func ceilingsMatch(set: PointSet, expected: Double) {
    let ceiling = EntropyCeiling(of: PointGenerator(set: set, seed: 11), count: 4000)
    let error = (ceiling.standardError * ceiling.standardError + 0.0065 * 0.0065).squareRoot()
    #expect(abs(ceiling.mean - expected) < 3 * error, "\(ceiling)")
    #expect(ceiling.standardError > 0.005 && ceiling.standardError < 0.03)
  }

  @Test("scaling curve and noise together shifts the ceiling by −3 log scale")
  func ceilingScales() {
    let small = PointGenerator(set: .twistedEight, scale: 1, noise: 0.02, seed: 4)
    let large = PointGenerator(set: .twistedEight, scale: 5, noise: 0.1, seed: 4)
    let shift =
      EntropyCeiling(of: small, count: 300).mean - EntropyCeiling(of: large, count: 300).mean
    #expect(abs(shift - 3 * log(5)) < 1e-9)
  }

  @Test("the density is a sum over all nodes, near the curve, between its parts and far away")
  func densityMatchesPlainSum() {
    let generator = PointGenerator(set: .interlockedCircles, seed: 1)
    let density = CurveDensity(generator)
    let nodes = 4000
    func plain(_ x: [Double]) -> Double {
      var exponents: [Double] = []
      for node in 0..<nodes {
        let t = -Double.pi + 2 * Double.pi * (Double(node) + 0.5) / Double(nodes)
        for p in [[4 * sin(t), 4 * cos(t), 0], [4 + 4 * sin(t), 0, 4 * cos(t)]] {
          exponents.append(-50 * zip(p, x).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) })
        }
      }
      let top = exponents.max()!
      let sum = exponents.reduce(0) { $0 + exp($1 - top) }
      return top + log(sum / Double(2 * nodes)) - 1.5 * log(2 * Double.pi * 0.01)
    }
    let points = [
      [4, 0, 0], [4.1, 0.05, -0.1], [0, 0, 0], [4.3, 0.2, 0.1], [2, 2, 2], [8.5, 0, 0.3],
      [100, -50, 3], [-4.39, 0.01, 0.02], [1e6, 0, 0],
    ]
    for point in points {
      let value = density.logProbability(of: point)[0]
      let expected = plain(point)
      #expect(abs(value - expected) < 1e-8 * max(1, abs(expected)), "at \(point)")
    }
  }

  @Test("the density integrates to one")
  func densityIntegratesToOne() {
    let density = CurveDensity(
      PointGenerator(set: .interlockedCircles, scale: 1, noise: 0.2, seed: 1))
    let (step, half) = (0.1, 25)
    var rows: [Double] = []
    for i in -half...half {
      for j in -half...half {
        for k in -half...half {
          rows += [0.5 + step * Double(i), step * Double(j), step * Double(k)]
        }
      }
    }
    let mass = density.logProbability(of: rows).reduce(0) { $0 + exp($1) } * step * step * step
    #expect(abs(mass - 1) < 1e-3)
  }

  @Test("10,000 exact log-densities take seconds at most", .timeLimit(.minutes(1)))
  func densityIsQuick() {
    let clock = ContinuousClock()
    let time = clock.measure {
      _ = EntropyCeiling(of: PointGenerator(set: .knotted, seed: 0), count: 10_000)
    }
    #expect(time < .seconds(10), "a hundredth of a second on a machine without other work")
  }
}
