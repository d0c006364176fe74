import Flows
import Foundation
import TestSupport
import Tensors
import Testing

@Suite("Inference in an atlas")
struct InferenceTests {
  private let fixture = AtlasFixture(
    charts: 5, rule: ChartRule(neighbours: 3, overlap: 0.1), points: [4, 0, 3, 1, 2])
  private let x = AtlasFixture.points(20)

  private func inferred(
    _ fixture: AtlasFixture, _ mode: Inference, draws: Int = 1
  ) -> [[InferredPoint]] {
    let tape = Tape<Double>(shardCount: 1, parameters: fixture.buffer)
    let recording = fixture.atlas.recordInference(of: tape.matrix(x), on: tape)
    tape.run()
    return x.indices.map { row in
      (0..<draws).map { draw in
        var random = SampleRandom(
          seed: 4, purpose: .chart, step: UInt32(draw), sample: UInt64(row))
        return fixture.atlas.inferred(
          recording, row: row, shard: 0, mode: mode, random: &random, on: tape)
      }
    }
  }

  /// p(k | x) over the charts that hold x, and f_k(x), by one pass of the flow a chart.
  private func posterior(_ row: Int) -> (shares: [Double], bases: [[Double]]) {
    let joint = fixture.joint([x[row]]).map { $0[0] }
    let held = fixture.plainCharts([x[row]])[0]
    let total = held.reduce(0) { $0 + exp(joint[$1]) }
    let bases = fixture.codes.map { code in
      let tape = Tape<Double>(shardCount: 1, parameters: fixture.buffer)
      let base = tape.keep(
        fixture.atlas.flow.bijection.inverse(
          tape.matrix([x[row]]), context: tape.matrix([code]), on: tape
        ).value)
      tape.run()
      return tape.elements(of: base)
    }
    return ((0..<5).map { held.contains($0) ? exp(joint[$0]) / total : 0 }, bases)
  }

  @Test("The most probable chart has the largest p(k | x), and its base coordinates")
  func mostProbable() {
    for (row, points) in inferred(fixture, .mostProbable).enumerated() {
      let (shares, bases) = posterior(row)
      let best = shares.indices.max { shares[$0] < shares[$1] }!
      #expect(points[0].chart == best)
      #expect(abs(points[0].probability - shares[best]) < 1e-12)
      #expect(zip(points[0].base, bases[best]).allSatisfy { abs($0 - $1) < 1e-12 })
    }
  }

  @Test("The expected base coordinates are the mean over p(k | x)")
  func expected() {
    for (row, points) in inferred(fixture, .expected).enumerated() {
      let (shares, bases) = posterior(row)
      for j in 0..<2 {
        let mean = shares.indices.reduce(0) { $0 + shares[$1] * bases[$1][j] }
        #expect(abs(points[0].base[j] - mean) < 1e-12)
      }
      #expect(points[0].chart == shares.indices.max { shares[$0] < shares[$1] }!)
    }
  }

  @Test("Drawn charts come as often as p(k | x) says")
  func stochastic() {
    let draws = 2000
    var several = 0
    for (row, points) in inferred(fixture, .stochastic, draws: draws).enumerated() {
      let (shares, bases) = posterior(row)
      several += shares.max()! < 0.9 ? 1 : 0
      for k in 0..<5 {
        let drawn = points.filter { $0.chart == k }
        let error = (shares[k] * (1 - shares[k]) / Double(draws)).squareRoot()
        #expect(abs(Double(drawn.count) / Double(draws) - shares[k]) < 4.5 * error + 1e-3)
        guard let first = drawn.first else { continue }
        #expect(abs(first.probability - shares[k]) < 1e-12)
        #expect(zip(first.base, bases[k]).allSatisfy { abs($0 - $1) < 1e-12 })
      }
    }
    #expect(several > 3)
  }

  @Test(
    "A plain flow has one chart of probability one in every mode", arguments: Inference.allCases)
  func plain(mode: Inference) {
    for points in inferred(AtlasFixture(charts: 1), mode) {
      #expect(points[0].chart == 0 && points[0].probability == 1)
      #expect(points[0].base.allSatisfy { $0.isFinite })
    }
  }
}
