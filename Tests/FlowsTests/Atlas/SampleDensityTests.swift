import Flows
import Foundation
import TestSupport
import Tensors
import Testing

/// What every atlas promises of its samples: drawn on chart k from base point z, x has the density
/// log q(z) − ½ log det JᵀJ, with J = ∂x/∂z by central differences of the sampler itself.
@Suite("A sample has the density with which it was drawn")
struct SampleDensityTests {
  /// A model, by its sampler and its density, with one chart in use.
  private struct Model {
    let name: String
    let atlas: any AtlasDensity
    let buffer: ParameterBuffer<Double>
    /// Leaves a chart alone in use.
    let use: (_ chart: Int) -> Void
    /// log q of a chart's base distribution.
    let base: (_ chart: Int) -> any Distribution

    func points(_ z: [[Double]], chart: Int) -> [[Double]] {
      let tape = Tape<Double>(shardCount: 1, parameters: buffer)
      let sampling = atlas.recordSampling(rows: z.count, on: tape)
      let memory = tape.pointer(to: sampling.base, shard: 0)
      for (place, value) in z.joined().enumerated() { memory[place] = value }
      for row in z.indices { sampling.setChart(row, chart) }
      tape.run()
      let values = tape.elements(of: sampling.points)
      let width = atlas.dimension
      return z.indices.map { Array(values[$0 * width..<($0 + 1) * width]) }
    }

    func densities(_ x: [[Double]]) -> [Double] {
      let tape = Tape<Double>(shardCount: 1, parameters: buffer)
      let density = tape.keep(atlas.logProbability(of: tape.matrix(x), on: tape))
      tape.run()
      return tape.elements(of: density)
    }

    func baseDensities(_ z: [[Double]], chart: Int) -> [Double] {
      let tape = Tape<Double>(shardCount: 1)
      let density = tape.keep(base(chart).logProbability(of: tape.matrix(z), on: tape))
      tape.run()
      return tape.elements(of: density)
    }

    /// ½ log det JᵀJ of each row.
    func logVolumes(_ z: [[Double]], chart: Int) -> [Double] {
      let step = 1e-5
      let columns = z[0].indices.map { column -> [[Double]] in
        let moved = [step, -step].map { shift in
          points(
            z.map { row in row.indices.map { row[$0] + ($0 == column ? shift : 0) } },
            chart: chart)
        }
        return zip(moved[0], moved[1]).map { zip($0, $1).map { ($0 - $1) / (2 * step) } }
      }
      return z.indices.map { row in
        let gram = columns.map { a in
          columns.map { b in zip(a[row], b[row]).map(*).reduce(0, +) }
        }
        return 0.5 * NumericalLinearAlgebra.logAbsDeterminant(gram)
      }
    }
  }

  private static func amortized(
    _ name: String, dimension: Int, charts: Int, _ embedding: ChartEmbedding = .none
  ) -> Model {
    let fixture = AtlasFixture(
      charts: charts, dimension: dimension, rule: ChartRule(neighbours: 2, overlap: 0.2),
      points: Array(repeating: 1, count: charts), embedding: embedding)
    return Model(
      name: name, atlas: fixture.atlas, buffer: fixture.buffer,
      use: { chart in
        guard charts > 1 else { return }
        fixture.atlas.setChartPoints((0..<charts).map { $0 == chart ? 5 : 0 })
      }, base: { _ in fixture.atlas.flow.baseDistribution })
  }

  private static func independent(
    _ name: String, _ flow: any FlowArchitecture, isSphere: Bool = false
  ) -> Model {
    let frames = (0..<3).map { chart -> any ChartFrame in
      let shift = Double(chart) - 1
      if isSphere {
        let frame = SphereFrame()
        frame.set(centre: [0, 0.6, 0.8], mean: [0.1 * shift, 0.2], factor: [0.5, 0, 0.1, 0.3])
        return frame
      }
      let frame = GaussianFrame(dimension: 2)
      frame.set(mean: [shift, 2 * shift], factor: [0.7, 0, -0.3, 1.1])
      return frame
    }
    let atlas = IndependentAtlas(frames: frames, flow: flow, seed: 2)
    return Model(
      name: name, atlas: atlas, buffer: ParameterCollection.randomised(atlas.layout),
      use: { chart in atlas.setWeights((0..<3).map { $0 == chart ? 1 : 0 }) },
      base: { atlas.charts[$0].flow.baseDistribution })
  }

  private static var models: [Model] {
    let spline = SplineSettings(bins: 4, bound: 3)
    return [
      amortized("plain flow", dimension: 3, charts: 1),
      amortized("atlas", dimension: 3, charts: 4),
      amortized("plane in space", dimension: 3, charts: 1, .conformal(dimension: 2, widths: [])),
      amortized(
        "surfaces in space", dimension: 3, charts: 4, .conformal(dimension: 2, widths: [4])),
      amortized("sphere, one chart", dimension: 3, charts: 1, .sphere(centre: [0.6, 0, 0.8])),
      amortized("sphere", dimension: 3, charts: 4, .sphere(centre: [0, 0, 1])),
      independent("independent RealNVP", RealNVP(couplings: 2, widths: [8], activation: .tanh)),
      independent("independent MAF", MAF(blocks: 2, widths: [8])),
      independent(
        "independent IAF",
        MAF(blocks: 2, widths: [8], activation: .tanh, isInverted: true)),
      independent(
        "independent splines",
        RealNVP(couplings: 2, widths: [8], transform: .spline(spline), mixing: .full)),
      independent(
        "independent, on the sphere", RealNVP(couplings: 2, widths: [8], activation: .tanh),
        isSphere: true),
    ]
  }

  /// Central differences of step 1e-5 are good to about 1e-8 but at knots and kinks, where the second
  /// derivative jumps: a few rows may be worse there. Frames hold numbers in single precision.
  @Test("Every atlas, by the Jacobian of its own sampler", arguments: 0..<models.count)
  func samplers(_ number: Int) throws {
    let model = Self.models[number]
    for chart in 0..<model.atlas.chartCount {
      model.use(chart)
      let z = (0..<40 as Range<UInt64>).map { sample in
        var random = SampleRandom(seed: 6, purpose: .sampling, sample: sample)
        return model.atlas.baseSample(ofChart: chart, using: &random)
      }
      let densities = model.densities(model.points(z, chart: chart))
      let bases = model.baseDensities(z, chart: chart)
      let volumes = model.logVolumes(z, chart: chart)
      let errors = z.indices.map { row in
        abs(densities[row] - bases[row] + volumes[row]) / (1 + abs(densities[row]))
      }
      #expect(errors.count { !($0 < 1e-5) } <= 2, "\(model.name), chart \(chart): \(errors)")
      #expect(errors.allSatisfy { $0 < 1e-2 }, "\(model.name), chart \(chart): \(errors)")
      // Without its volume term the density is another one.
      #expect(volumes.contains { abs($0) > 0.05 }, "\(model.name)")
    }
  }
}
