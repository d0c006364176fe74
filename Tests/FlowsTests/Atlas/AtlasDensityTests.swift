import Flows
import Foundation
import TestSupport
import Tensors
import Testing

private func logSumExp(_ values: [Double]) -> Double {
  let largest = values.max()!
  return largest + log(values.reduce(0) { $0 + exp($1 - largest) })
}

@Suite("Density of an atlas")
struct AtlasDensityTests {
  private static let rules = [
    ChartRule(), ChartRule(neighbours: 2), ChartRule(neighbours: 1, overlap: 0.4),
    ChartRule(neighbours: 3, overlap: 0.2),
  ]

  private func check<Scalar: TensorScalar>(
    _ rule: ChartRule, _ type: Scalar.Type, tolerance: Double
  ) {
    // The second chart has no points, so no point lies on it.
    let fixture = AtlasFixture(charts: 5, rule: rule, points: [4, 0, 3, 1, 2])
    let x = AtlasFixture.points(60)
    let joint = fixture.joint(x)
    let held = fixture.plainCharts(x)
    let holding = fixture.density(x, .holding, in: type)
    let all = fixture.density(x, .all, in: type)
    for row in x.indices {
      let truncated = logSumExp(held[row].map { joint[$0][row] })
      let total = logSumExp([0, 2, 3, 4].map { joint[$0][row] })
      #expect(abs(holding[row] - truncated) < tolerance * (1 + abs(truncated)))
      #expect(abs(all[row] - total) < tolerance * (1 + abs(total)))
      #expect(all[row] >= holding[row] - tolerance * (1 + abs(total)))
    }
    #expect(zip(all, holding).filter { $0 > $1 + 1e-3 }.count > 10)
    // Without overlap the places are full unless charts are shut out.
    let chosen = fixture.charts(x, .holding)
    #expect(chosen.map { $0.filter { $0 >= 0 } } == held)
  }

  @Test(
    "Densities are sums over the charts, one flow each, and all charts give at least the held ones")
  func sums() {
    for rule in Self.rules {
      check(rule, Double.self, tolerance: 1e-12)
      check(rule, Float.self, tolerance: 2e-5)
    }
  }

  @Test("With one neighbour a drawn chart is the chart that holds the point")
  func sampledIsHolding() {
    let fixture = AtlasFixture()
    let x = AtlasFixture.points(50)
    let uniform = x.indices.map { Double($0) / 50 }
    #expect(
      fixture.density(x, .sampled, uniform: uniform, in: Double.self)
        == fixture.density(x, .holding, in: Double.self))
  }

  @Test("Charts are drawn by the prior restricted to the charts that hold the point")
  func restrictedPrior() {
    let fixture = AtlasFixture(
      charts: 5, rule: ChartRule(neighbours: 3), points: [4, 0, 3, 1, 2])
    for point in AtlasFixture.points(8) {
      let held = fixture.plainCharts([point])[0]
      let copies = Array(repeating: point, count: 1000)
      let uniform = copies.indices.map { (Double($0) + 0.5) / 1000 }
      let drawn = fixture.charts(copies, .sampled, uniform: uniform).map { $0[0] }
      let total = held.reduce(0) { $0 + Double(fixture.atlas.chartPoints[$1]) }
      #expect(held.count == 3)
      for k in 0..<5 {
        let share = held.contains(k) ? Double(fixture.atlas.chartPoints[k]) / total : 0
        #expect(abs(Double(drawn.filter { $0 == k }.count) / 1000 - share) < 1.5e-3)
      }
      let density = fixture.density(copies, .sampled, uniform: uniform, in: Double.self)
      let joint = fixture.joint([point])
      for (value, k) in zip(density, drawn) { #expect(abs(value - joint[k][0]) < 1e-12) }
    }
  }

  @Test("Chart weights sum to one, zero where there are no points")
  func weights() {
    let atlas = AtlasFixture(charts: 5, points: [4, 0, 3, 1, 2]).atlas
    #expect(abs(atlas.chartWeights.reduce(0, +) - 1) < 1e-15)
    #expect(atlas.chartWeights == [0.4, 0, 0.3, 0.1, 0.2])
    #expect(atlas.logChartWeights[1] == -.infinity)
    #expect(abs(atlas.logChartWeights[2] - Float(log(0.3))) < 1e-7)
    atlas.setChartPoints([7, 7, 0, 0, 7])
    #expect(abs(atlas.perplexity - 3) < 1e-12)
  }

  @Test("Without conditioning weights an atlas has the density of its plain flow")
  func plainFlow() {
    let fixture = AtlasFixture(charts: 3, couplings: 4)
    let plain = AtlasFixture(charts: 1, couplings: 4)
    #expect(plain.atlas.quantizer == nil && plain.atlas.quantizerRange.isEmpty)
    for entry in plain.atlas.layout.entries {
      let twin = fixture.atlas.layout.entries.first { $0.path == entry.path }!
      // The columns of the context come last among a conditioner's inputs.
      for i in 0..<twin.count {
        fixture.buffer[twin.offset + i] = i < entry.count ? plain.buffer[entry.offset + i] : 0
      }
    }
    let x = AtlasFixture.points(40)
    let expected = plain.density(x, .all, in: Double.self)
    for (value, density) in zip(fixture.density(x, .all, in: Double.self), expected) {
      // log p_k is stored in single precision.
      #expect(abs(value - density) < 1e-7)
    }
    #expect(plain.density(x, .holding, in: Double.self) == expected)
  }

  /// Midpoint rule; cells of 0.1 leave an error of about a cell along the edges of charts.
  @Test("The total density integrates to one, the truncated one to one minus the leak rate")
  func integral() {
    let fixture = AtlasFixture(charts: 3)
    let (extent, cells) = (24.0, 480)
    let width = 2 * extent / Double(cells)
    var (total, truncated) = (0.0, 0.0)
    for i in 0..<cells {
      let line = (0..<cells).map {
        [(Double(i) + 0.5) * width - extent, (Double($0) + 0.5) * width - extent]
      }
      total += fixture.density(line, .all, in: Double.self).reduce(0) { $0 + exp($1) }
      truncated += fixture.density(line, .holding, in: Double.self).reduce(0) { $0 + exp($1) }
    }
    #expect(abs(total * width * width - 1) < 1e-2)
    let count = 20_000
    let leak = leakRate(of: fixture, samples: count)
    #expect(leak > 0.1 && leak < 0.9)
    let error = (leak * (1 - leak) / Double(count)).squareRoot()
    #expect(abs(1 - truncated * width * width - leak) < 4 * error + 5e-3)
  }

  /// The share of samples x = f⁻¹(z; v_k), k ~ p, that do not lie on the chart they come from.
  ///
  /// Half of `samples` for each chart, weighted: no worse than so many with charts drawn by p.
  private func leakRate(of fixture: AtlasFixture, samples: Int) -> Double {
    let atlas = fixture.atlas
    var leaked = 0.0
    for k in 0..<atlas.chartCount {
      let base = (0..<samples / 2).map { sample in
        var random = SampleRandom(seed: UInt64(k), purpose: .sampling, sample: UInt64(sample))
        return atlas.flow.baseDistribution.sample(using: &random)
      }
      let tape = Tape<Double>(shardCount: 1, parameters: fixture.buffer)
      let context = tape.matrix(base.map { _ in fixture.codes[k] })
      let x = tape.keep(
        atlas.flow.bijection.forward(tape.matrix(base), context: context, on: tape).value)
      tape.run()
      let values = tape.elements(of: x)
      let points = base.indices.map { Array(values[2 * $0..<2 * $0 + 2]) }
      let outside = fixture.charts(points, .holding).filter { !$0.contains(k) }.count
      leaked += atlas.chartWeights[k] * Double(outside) / Double(base.count)
    }
    return leaked
  }
}
