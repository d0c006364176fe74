import Flows
import Foundation
import TestSupport
import Tensors
import Testing

/// Three charts in the plane with frames of their own; one of them may be out of use.
private struct Fixture {
  static let means: [[Double]] = [[0, 0], [3, -1], [-2, 2.5]]
  /// Lower Cholesky factors, row after row.
  static let factors: [[Double]] = [[1, 0, 0.5, 0.8], [0.4, 0, -0.3, 1.2], [0.7, 0, 0.1, 0.3]]

  let atlas: IndependentAtlas
  let buffer: ParameterBuffer<Double>

  init(
    _ flow: any FlowArchitecture = RealNVP(couplings: 2, widths: [8], activation: .tanh),
    weights: [Double] = [0.5, 0.2, 0.3], isTrained: Bool = true
  ) {
    atlas = IndependentAtlas(
      frames: zip(Self.means, Self.factors).map { mean, factor in
        let frame = GaussianFrame(dimension: 2)
        frame.set(mean: mean, factor: factor)
        return frame
      }, flow: flow, seed: 4)
    atlas.setWeights(weights)
    if isTrained {
      buffer = ParameterCollection.randomised(atlas.layout)
    } else {
      buffer = ParameterBuffer(count: atlas.layout.count)
      for (k, chart) in atlas.charts.enumerated() {
        let start = atlas.start(ofChart: k, seed: 4, attempt: 0)
        for i in 0..<start.count {
          buffer[chart.parameterRange.lowerBound + i] = Double(start[i])
        }
      }
    }
  }

  func density<Scalar: TensorScalar>(_ x: [[Double]], in type: Scalar.Type) -> [Double] {
    let tape = Tape<Scalar>(shardCount: 1, parameters: buffer.converted(to: type))
    let density = tape.keep(atlas.logProbability(of: tape.matrix(x), on: tape))
    tape.run()
    return tape.elements(of: density).map { Double($0) }
  }

  /// log Σ w_k N(x; μ_k, L_k L_kᵀ) by forward substitution.
  func mixture(_ x: [Double]) -> Double {
    let terms = atlas.chartWeights.indices.map { k -> Double in
      let (mean, l) = (Self.means[k], Self.factors[k])
      let first = (x[0] - mean[0]) / l[0]
      let second = (x[1] - mean[1] - l[2] * first) / l[3]
      return atlas.chartWeights[k] / (2 * .pi * l[0] * l[3])
        * exp(-0.5 * (first * first + second * second))
    }
    return log(terms.reduce(0, +))
  }
}

@Suite("An atlas of charts that share nothing")
struct IndependentAtlasTests {
  private let x = AtlasFixture.points(60)

  @Test(
    "Before training it is the Gaussian mixture of its frames, whatever the flow",
    arguments: [
      RealNVP(couplings: 3, widths: [8]),
      RealNVP(couplings: 3, widths: [8], hasActNorm: false, mixing: .orthogonal),
      RealNVP(
        couplings: 2, widths: [8], transform: .spline(SplineSettings(bins: 4, bound: 3)),
        mixing: .full),
      MAF(blocks: 2, widths: [8]),
      MAF(
        blocks: 2, widths: [8], transform: .spline(SplineSettings(bins: 4, bound: 3)),
        mixing: .permutation),
    ] as [any FlowArchitecture])
  func start(_ flow: any FlowArchitecture) {
    let fixture = Fixture(flow, isTrained: false)
    let exact = x.map(fixture.mixture)
    // The frames' numbers are stored in single precision.
    for (value, expected) in zip(fixture.density(x, in: Double.self), exact) {
      #expect(abs(value - expected) < 2e-6 * max(1, abs(expected)))
    }
    for (value, expected) in zip(fixture.density(x, in: Float.self), exact) {
      #expect(abs(value - expected) < 2e-5 * max(1, abs(expected)))
    }
    let trained = Fixture(flow)
    #expect(zip(trained.density(x, in: Double.self), exact).contains { abs($0 - $1) > 0.01 })
  }

  /// Midpoint rule on cells that are small beside every chart.
  @Test("The density integrates to one")
  func integral() {
    let fixture = Fixture()
    let (extent, cells) = (20.0, 1000)
    let width = 2 * extent / Double(cells)
    var total = 0.0
    for i in 0..<cells {
      let line = (0..<cells).map {
        [(Double(i) + 0.5) * width - extent, (Double($0) + 0.5) * width - extent]
      }
      total += fixture.density(line, in: Double.self).reduce(0) { $0 + exp($1) }
    }
    #expect(abs(total * width * width - 1) < 1e-3, "\(total * width * width)")
  }

  @Test("A chart without weight changes nothing and is never inferred")
  func unused() {
    let fixture = Fixture(weights: [0.5, 0, 0.5])
    let moved = Fixture(weights: [0.5, 0, 0.5])
    for i in fixture.atlas.charts[1].parameterRange { moved.buffer[i] *= 3 }
    #expect(fixture.density(x, in: Double.self) == moved.density(x, in: Double.self))
    #expect(fixture.atlas.chartWeights == [0.5, 0, 0.5])
    for point in inferred(fixture, .mostProbable) { #expect(point.chart != 1) }
    #expect(abs(fixture.atlas.perplexity - 2) < 1e-12)
  }

  private func inferred(_ fixture: Fixture, _ mode: Inference) -> [InferredPoint] {
    let tape = Tape<Double>(shardCount: 1, parameters: fixture.buffer)
    let recording = fixture.atlas.recordInference(of: tape.matrix(x), on: tape)
    tape.run()
    return x.indices.map { row in
      var random = SampleRandom(seed: 4, purpose: .chart, sample: UInt64(row))
      return fixture.atlas.inferred(
        recording, row: row, shard: 0, mode: mode, random: &random, on: tape)
    }
  }

  @Test("Sampling is the way back of inference: base → point → the same base, on each chart")
  func roundTrip() {
    let fixture = Fixture()
    let tape = Tape<Double>(shardCount: 1, parameters: fixture.buffer)
    let sampling = fixture.atlas.recordSampling(rows: x.count, on: tape)
    for (row, base) in x.enumerated() {
      for j in 0..<2 { tape.pointer(to: sampling.base, shard: 0)[2 * row + j] = base[j] }
      sampling.setChart(row, row % 3)
    }
    tape.run()
    let points = tape.elements(of: sampling.points)
    for (row, base) in x.enumerated() {
      // All charts hold every point; here the drawn one alone has weight.
      fixture.atlas.setWeights((0..<3).map { $0 == row % 3 ? 1 : 0 })
      let alone = Tape<Double>(shardCount: 1, parameters: fixture.buffer)
      let one = fixture.atlas.recordInference(
        of: alone.matrix([Array(points[2 * row..<2 * row + 2])]), on: alone)
      alone.run()
      var random = SampleRandom(seed: 4, purpose: .chart, sample: 0)
      let point = fixture.atlas.inferred(
        one, row: 0, shard: 0, mode: .mostProbable, random: &random, on: alone)
      #expect(point.chart == row % 3)
      for j in 0..<2 { #expect(abs(point.base[j] - base[j]) < 1e-5 * max(1, abs(base[j]))) }
    }
  }

  @Test("Every chart and every attempt starts from other numbers, the same in any atlas")
  func starts() {
    let atlas = Fixture().atlas
    func numbers(_ chart: Int, _ attempt: Int) -> [Float] {
      let start = atlas.start(ofChart: chart, seed: 4, attempt: attempt)
      return (0..<start.count).map { start[$0] }
    }
    let starts = [numbers(0, 0), numbers(1, 0), numbers(0, 1), numbers(2, 0)]
    #expect(Set(starts).count == 4)
    let frames = (0..<9).map { _ in GaussianFrame(dimension: 2) }
    let larger = IndependentAtlas(
      frames: frames, flow: RealNVP(couplings: 2, widths: [8], activation: .tanh), seed: 4)
    let other = larger.start(ofChart: 1, seed: 4, attempt: 0)
    #expect((0..<other.count).map { other[$0] } == numbers(1, 0))
    #expect(atlas.charts[1].parameterRange == starts[0].count..<2 * starts[0].count)
    #expect(atlas.layout.entries[0].path.hasPrefix("charts/0/flow.0.coupling"))
  }
}
