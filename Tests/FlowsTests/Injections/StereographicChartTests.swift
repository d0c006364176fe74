import Flows
import Foundation
import TestSupport
import Tensors
import Testing

/// Known answers on the sphere, without training.
@Suite("Stereographic charts")
struct StereographicChartTests {
  private static let centres: [[Double]] = [
    [0, 0, 1], [0, 0, -1], [1, 0, 0], [-0.4, 0.8, -0.2], [3, -2, 5],
  ]

  private func identity(_ dimension: Int) -> Chain { Chain(dimension: dimension, []) }

  private func density<Scalar: TensorScalar>(
    _ flow: Flow, _ x: [[Double]], in type: Scalar.Type
  ) -> [Double] {
    let tape = Tape<Scalar>(shardCount: 1, parameters: ParameterBuffer(count: 1))
    let result = tape.keep(flow.logProbability(of: tape.matrix(x), on: tape))
    tape.run()
    return tape.elements(of: result).map { Double($0) }
  }

  @Test("The uniform density of the sphere is 1/4π at every point, the poles included")
  func uniform() {
    let far = [[0, 0, -1.0], [0, 0, 1], [1e-9, 0, -1], [0, -1, 0], [-1e-20, 1e-12, -1]]
    for centre in Self.centres {
      let flow = Flow(
        base: StereographicVonMisesFisher(), bijection: identity(2),
        injection: StereographicChart(centre: centre))
      let x = SphereGrid(heights: 16, longitudes: 16).points + far + [centre.map { -$0 }]
      for value in density(flow, x, in: Double.self) {
        #expect(abs(value + log(4 * .pi)) < 1e-9)
      }
      // Near the pole |u| takes up the rounding of x, but density and volume term move together.
      for value in density(flow, x, in: Float.self) {
        #expect(abs(value + log(4 * .pi)) < 2e-5)
      }
    }
  }

  @Test("The chart of scale 2 is x = (2u, |u|² − 1)/(1 + |u|²), and its volume element λ²")
  func pointwise() {
    // x = (2u, |u|² − 1)/(1 + |u|²), λ = 2/(1 + |u|²), q = 1/(π (1 + |u|²)²): the chart of scale 2.
    let chart = StereographicChart(centre: [0, 0, -1], scale: 2)
    let tape = Tape<Double>(shardCount: 1)
    let points = [[0.0, 0], [0.3, -0.2], [4, 1], [-20, 35]]
    let surface = chart.embed(tape.matrix(points), context: nil, on: tape)
    tape.keep(surface.value)
    tape.keep(surface.logVolumeElement!)
    tape.run()
    for (row, u) in points.enumerated() {
      let squared = u[0] * u[0] + u[1] * u[1]
      let x = Array(tape.elements(of: surface.value)[3 * row..<3 * row + 3])
      #expect(abs(x[2] - (squared - 1) / (1 + squared)) < 1e-14)
      #expect(abs(x[0] * x[0] + x[1] * x[1] + x[2] * x[2] - 1) < 1e-14)
      let logVolume = tape.elements(of: surface.logVolumeElement!)[row]
      #expect(abs(logVolume - 2 * log(2 / (1 + squared))) < 1e-13)
      let q = 1 / (Double.pi * (1 + squared) * (1 + squared))
      #expect(abs(q * exp(-logVolume) - 1 / (4 * .pi)) < 1e-15)
    }
  }

  @Test("A von Mises–Fisher base gives that density of the sphere", arguments: [0, 0.3, 4, 60])
  func vonMisesFisher(concentration: Double) {
    let centre = [2.0 / 3, -1.0 / 3, 2.0 / 3]
    let flow = Flow(
      base: StereographicVonMisesFisher(concentration: concentration), bijection: identity(2),
      injection: StereographicChart(centre: centre))
    let grid = SphereGrid()
    let values = density(flow, grid.points, in: Double.self)
    for (x, value) in zip(grid.points, values) {
      let height = zip(x, centre).map(*).reduce(0, +)
      let normaliser =
        concentration == 0 ? 1 / (4 * .pi) : concentration / (4 * .pi * sinh(concentration))
      #expect(abs(value - log(normaliser) - concentration * height) < 1e-9)
    }
    #expect(abs(grid.integral(values.map { exp($0) }) - 1) < 1e-9)
  }

  @Test(
    "Draws of the base have the mean height of a von Mises–Fisher density", arguments: [0, 0.3, 4])
  func draws(concentration: Double) {
    let base = StereographicVonMisesFisher(concentration: concentration)
    let chart = StereographicChart(centre: [0, 0, 1])
    let count = 20_000
    let draws = (0..<UInt64(count)).map { sample in
      var random = SampleRandom(seed: 3, purpose: .sampling, sample: sample)
      return base.sample(using: &random)
    }
    let tape = Tape<Double>(shardCount: 1)
    let x = tape.keep(chart.embed(tape.matrix(draws), context: nil, on: tape).value)
    tape.run()
    let values = tape.elements(of: x)
    let expected = concentration == 0 ? 0 : 1 / tanh(concentration) - 1 / concentration
    let means = (0..<3).map { j in
      stride(from: j, to: values.count, by: 3).reduce(0) { $0 + values[$1] } / Double(count)
    }
    let bound = 5 / Double(count).squareRoot()
    #expect(abs(means[0]) < bound && abs(means[1]) < bound && abs(means[2] - expected) < bound)
    #expect(draws.allSatisfy { $0.allSatisfy(\.isFinite) })
  }

  @Test(
    "Densities of flows on the plane integrate to one over the sphere", arguments: [false, true])
  func integral(isSpherical: Bool) {
    var layout = ParameterLayout()
    let chain = RealNVP(
      couplings: 4, widths: [8], activation: .tanh, transform: .affine(logScaleBound: 1)
    ).chain(dimension: 2, contextDimension: 0, seed: 1, in: &layout)
    let buffer: ParameterBuffer<Double> = ParameterCollection.randomised(layout, deviation: 0.2)
    let base: any Distribution =
      isSpherical ? StereographicVonMisesFisher(concentration: 1) : StandardNormal(dimension: 2)
    let flow = Flow(
      base: base, bijection: chain,
      injection: StereographicChart(centre: [0.6, 0, 0.8], scale: 0.7))
    let grid = SphereGrid(heights: 400, longitudes: 800)
    let tape = Tape<Double>(shardCount: 1, parameters: buffer)
    let x = tape.matrix(grid.points)
    let result = tape.keep(flow.logProbability(of: x, on: tape))
    tape.run()
    let total = grid.integral(tape.elements(of: result).map { exp($0) })
    #expect(abs(total - 1) < 1e-3)
  }

  @Test("What is drawn has the density that its draw says, and its base point comes back")
  func agreement() {
    var layout = ParameterLayout()
    let chain = MAF(blocks: 2, widths: [8], transform: .affine(logScaleBound: 1)).chain(
      dimension: 2, contextDimension: 0, seed: 1, in: &layout)
    let buffer: ParameterBuffer<Double> = ParameterCollection.randomised(layout, deviation: 0.2)
    let base = StereographicVonMisesFisher(concentration: 2)
    let chart = StereographicChart(centre: [-0.4, 0.8, -0.2], scale: 0.5)
    let flow = Flow(base: base, bijection: chain, injection: chart)
    let draws = (0..<200 as Range<UInt64>).map { sample in
      var random = SampleRandom(seed: 3, purpose: .sampling, sample: sample)
      return base.sample(using: &random)
    }
    let tape = Tape<Double>(shardCount: 1, parameters: buffer, keepsEverything: true)
    let z = tape.matrix(draws)
    let u = chain.forward(z, context: nil, on: tape)
    let surface = chart.embed(u.value, context: nil, on: tape)
    let x = flow.forward(z, on: tape)
    let inferred = flow.infer(x, on: tape)
    let expected = tape.subtract(
      tape.subtract(base.logProbability(of: z, on: tape), u.logAbsDetJacobian!),
      surface.logVolumeElement!)
    tape.run()
    #expect(tape.elements(of: x) == tape.elements(of: surface.value))
    for (value, wanted) in zip(
      tape.elements(of: inferred.logProbability), tape.elements(of: expected))
    {
      #expect(abs(value - wanted) < 1e-9 * (1 + abs(wanted)))
    }
    for (value, wanted) in zip(tape.elements(of: inferred.base), draws.flatMap { $0 }) {
      #expect(abs(value - wanted) < 1e-8 * (1 + abs(wanted)))
    }
    for (value, wanted) in zip(tape.elements(of: inferred.reconstruction), tape.elements(of: x)) {
      #expect(abs(value - wanted) < 1e-14)
    }
  }
}
