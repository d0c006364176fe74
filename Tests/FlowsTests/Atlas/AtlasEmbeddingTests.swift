import Flows
import Foundation
import TestSupport
import Tensors
import Testing

@Suite("Atlas of embedded charts")
struct AtlasEmbeddingTests {
  private static let rule = ChartRule(neighbours: 2, overlap: 0.3)

  private func fixture(_ embedding: ChartEmbedding, charts: Int = 5) -> AtlasFixture {
    AtlasFixture(
      charts: charts, dimension: 3, rule: Self.rule, points: [4, 0, 3, 1, 2], embedding: embedding)
  }

  /// Density and reconstruction of each point under each chart alone, [K][B].
  private func plain(_ fixture: AtlasFixture, _ x: [[Double]]) -> (
    joint: [[Double]], errors: [[Double]]
  ) {
    let errors = fixture.codes.map { code -> [Double] in
      let tape = Tape<Double>(shardCount: 1, parameters: fixture.buffer)
      let points = tape.matrix(x)
      let back = fixture.atlas.flow.injection!.reconstruct(
        points, context: tape.matrix(x.map { _ in code }), on: tape)
      let error = tape.keep(tape.rowSquaredSums(tape.subtract(points, back)))
      tape.run()
      return tape.elements(of: error)
    }
    return (fixture.joint(x), errors)
  }

  @Test("Density and distance are those of the charts that hold a point, one pass each")
  func fit() {
    let fixture = fixture(.conformal(dimension: 2, widths: [4]))
    let x = AtlasFixture.points(40, dimension: 3)
    let (joint, errors) = plain(fixture, x)
    let held = fixture.plainCharts(x)
    #expect(held.contains { $0.count > 2 })
    let tape = Tape<Double>(shardCount: 1, parameters: fixture.buffer)
    let points = tape.matrix(x)
    let both = fixture.atlas.fit(of: points, over: .holding, on: tape)
    let density = fixture.atlas.logProbability(of: points, over: .holding, on: tape)
    let error = fixture.atlas.reconstructionError(of: points, over: .holding, on: tape)!
    let values = [both.logProbability, both.reconstructionError!, density, error].map {
      tape.keep($0)
    }
    tape.run()
    let numbers = values.map { tape.elements(of: $0) }
    #expect(numbers[0] == numbers[2] && numbers[1] == numbers[3])
    for row in x.indices {
      let total = held[row].reduce(0) { $0 + exp(joint[$1][row]) }
      #expect(abs(numbers[0][row] - log(total)) < 1e-11 * (1 + abs(log(total))))
      let points = held[row].map { Double(fixture.atlas.chartPoints[$0]) }
      let mean =
        zip(held[row], points).reduce(0) { $0 + errors[$1.0][row] * $1.1 } / points.reduce(0, +)
      // log p_k is stored in single precision.
      #expect(abs(numbers[1][row] - mean) < 1e-6 * (1 + mean))
    }
  }

  @Test("New points are scored by all charts on one surface, else by those that hold them")
  func testSelection() {
    #expect(fixture(.none).atlas.testSelection == .all)
    #expect(fixture(.sphere(centre: [0, 0, 1])).atlas.testSelection == .all)
    #expect(fixture(.conformal(dimension: 2, widths: [])).atlas.testSelection == .holding)
    let one = fixture(.conformal(dimension: 2, widths: []), charts: 1).atlas
    #expect(one.testSelection == .all && one.flow.chartDimension == 2 && one.flow.dimension == 3)
    #expect(fixture(.none).atlas.embeddingRange.isEmpty)
    #expect(fixture(.sphere(centre: [0, 0, 1])).atlas.embeddingRange.isEmpty)
  }

  @Test("The total density of an atlas of the sphere integrates to one over it")
  func integral() {
    let fixture = fixture(.sphere(centre: [0, 0, 1]))
    let grid = SphereGrid(heights: 300, longitudes: 600)
    var total = 0.0
    for start in stride(from: 0, to: grid.points.count, by: 6000) {
      let points = Array(grid.points[start..<start + 6000])
      let densities = fixture.density(points, .all, in: Double.self)
      total += zip(grid.weights[start..<start + 6000], densities).reduce(0) {
        $0 + $1.0 * exp($1.1)
      }
    }
    #expect(abs(total - 1) < 1e-3)
  }

  @Test("What a chart draws has the density that the draw says", arguments: [0, 2, 4])
  func draws(chart: Int) {
    for embedding in [
      ChartEmbedding.conformal(dimension: 2, widths: []), .sphere(centre: [0, 0, 1]),
    ] {
      let fixture = fixture(embedding)
      let flow = fixture.atlas.flow
      let draws = (0..<50 as Range<UInt64>).map { sample in
        var random = SampleRandom(seed: 3, purpose: .sampling, sample: sample)
        return flow.baseDistribution.sample(using: &random)
      }
      let tape = Tape<Double>(shardCount: 1, parameters: fixture.buffer)
      let (z, context) = (tape.matrix(draws), tape.matrix(draws.map { _ in fixture.codes[chart] }))
      let u = fixture.atlas.chain.forward(z, context: context, on: tape)
      let surface = flow.injection!.embed(u.value, context: context, on: tape)
      let expected = tape.subtract(
        tape.subtract(
          flow.baseDistribution.logProbability(of: z, on: tape), u.logAbsDetJacobian!),
        surface.logVolumeElement!)
      let density = flow.logProbability(
        of: flow.forward(z, context: context, on: tape), context: context, on: tape)
      let deviation = tape.keep(tape.subtract(density, expected))
      tape.keep(expected)
      tape.run()
      for (error, size) in zip(tape.elements(of: deviation), tape.elements(of: expected)) {
        #expect(abs(error) < 1e-8 * (1 + abs(size)))
      }
    }
  }
}
