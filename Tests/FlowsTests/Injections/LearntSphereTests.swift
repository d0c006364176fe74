import Flows
import Foundation
import TestSupport
import Tensors
import Testing

/// The acceptance test of conformal embedding flows: scale, shift, rotation and special conformal map
/// after a padding are a stereographic projection, so they can learn S² exactly, and a flow on the plane
/// any density of it.
@Suite("A learnt sphere")
struct LearntSphereTests {
  private let truth = ProjectedNormal(mean: [-1, -1, 0])
  private let rows = 256

  @Test("The projected normal integrates to one, with the known mean log-density")
  func closedForm() {
    let grid = SphereGrid()
    for (mean, expected) in [([0.0, 0, 0], -2.531024), ([-1, -1, 0], -1.836919)] {
      let density = ProjectedNormal(mean: mean)
      let logs = grid.points.map(density.logDensity)
      #expect(abs(grid.integral(logs.map { exp($0) }) - 1) < 1e-9)
      #expect(abs(grid.integral(logs.map { exp($0) * $0 }) - expected) < 1e-6)
    }
  }

  @Test("Surface and density of the projected normal are learnt together")
  func joint() {
    var layout = ParameterLayout()
    let injection = layout.scoped("embedding") { ConformalInjection(from: 2, to: 3, in: &$0) }
    let chain = layout.scoped("flow") {
      RealNVP(
        couplings: 4, widths: [24, 24], activation: .tanh,
        transform: .spline(SplineSettings(bins: 8, bound: 5))
      ).chain(dimension: 2, contextDimension: 0, seed: 1, in: &$0)
    }
    let flow = Flow(base: StandardNormal(dimension: 2), bijection: chain, injection: injection)
    let parameters = ParameterBuffer<Float>(layout: layout, seed: 1)
    fit(flow, parameters, steps: 500, learningRate: 2e-2) { distance, _, _ in distance }
    fit(flow, parameters, steps: 2500, learningRate: 5e-3) { distance, logProbability, tape in
      tape.subtract(tape.scale(distance, by: 1e5), logProbability)
    }

    let grid = SphereGrid(heights: 48, longitudes: 96)
    let tape = Tape<Double>(shardCount: 1, parameters: parameters.converted(to: Double.self))
    let x = tape.matrix(grid.points)
    let inferred = flow.infer(x, on: tape)
    let errors = tape.keep(
      tape.rowSquaredSums(tape.subtract(x, inferred.reconstruction)))
    tape.keep(inferred.logProbability)
    tape.run()
    let model = tape.elements(of: inferred.logProbability)
    let exact = grid.points.map(truth.logDensity)
    let divergence = grid.integral(zip(exact, model).map { exp($0) * ($0 - $1) })
    let error = grid.integral(
      zip(exact, tape.elements(of: errors)).map { exp($0) * $1 })
    let total = grid.integral(model.map { exp($0) })
    #expect(error < 1e-7)
    #expect(divergence > -1e-3 && divergence < 0.02)
    #expect(abs(total - 1) < 5e-3)
  }

  @Test("The surface alone is learnt to rounding")
  func surface() {
    var layout = ParameterLayout()
    let injection = ConformalInjection(from: 2, to: 3, in: &layout)
    let flow = Flow(
      base: StandardNormal(dimension: 2), bijection: Chain(dimension: 2, []), injection: injection)
    let parameters = ParameterBuffer<Float>(layout: layout, seed: 1)
    fit(flow, parameters, steps: 800, learningRate: 2e-2) { distance, _, _ in distance }
    let tape = Tape<Float>(shardCount: 1, parameters: parameters)
    let x = tape.matrix((0..<500).map { truth.sample($0, seed: 5) })
    let error = tape.keep(
      tape.rowSquaredSums(
        tape.subtract(x, injection.reconstruct(x, context: nil, on: tape))))
    tape.run()
    let mean = tape.elements(of: error).reduce(0, +) / 500
    #expect(mean < 1e-10)
  }

  /// Adam on a function of |x − x̂|² and log p, fresh points in every step, cosine schedule.
  private func fit(
    _ flow: Flow, _ parameters: ParameterBuffer<Float>, steps: Int, learningRate: Double,
    objective: (Value, Value, Tape<Float>) -> Value
  ) {
    let tape = Tape<Float>(shardCount: 1, parameters: parameters)
    let x = tape.input(rows, 3)
    let inferred = flow.infer(x, on: tape)
    let distance = tape.rowSquaredSums(tape.subtract(x, inferred.reconstruction))
    let loss = tape.sum(
      tape.scale(objective(distance, inferred.logProbability, tape), by: 1 / Double(rows)))
    let count = parameters.count
    let sink = TestSink<Float>(count: count, subtrees: [0..<1])
    tape.sink = sink.sink
    tape.backward(loss, parameterRange: 0..<count)
    var (first, second) = (
      [Double](repeating: 0, count: count), [Double](repeating: 0, count: count)
    )
    for step in 0..<steps {
      let memory = tape.pointer(to: x, shard: 0)
      for row in 0..<rows {
        for (j, value) in truth.sample(step * rows + row, seed: 4).enumerated() {
          memory[3 * row + j] = Float(value)
        }
      }
      if tape.hasRun { tape.replay() } else { tape.run() }
      let progress = Double(step) / Double(steps)
      let rate = learningRate * (0.5 + 0.5 * cos(Double.pi * progress)) + 1e-6
      let corrections = (1 - pow(0.9, Double(step + 1)), 1 - pow(0.999, Double(step + 1)))
      for i in 0..<count {
        let gradient = Double(sink.buffers[0][i])
        first[i] = 0.9 * first[i] + 0.1 * gradient
        second[i] = 0.999 * second[i] + 0.001 * gradient * gradient
        let scale = (second[i] / corrections.1).squareRoot() + 1e-8
        parameters[i] -= Float(rate * first[i] / corrections.0 / scale)
      }
    }
  }
}
