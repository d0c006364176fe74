import Foundation
import Layers
import Operators
import TestSupport
import Tensors
import Testing

@Suite("Differential equations")
struct SolverTests {
  /// z′ = (−z₂, z₁): a turn.
  private static func turn(_ z: Value, _ tape: Tape<Double>) -> Value {
    tape.matmul(z, tape.constant(2, 2, [0, 1, -1, 0]))
  }

  /// The last output, for some starts.
  private func end(
    _ steps: ODESolver.Steps, outputs: Int = 1, from start: [[Double]] = [[1, 0]],
    _ field: @escaping (Value, Tape<Double>) -> Value = Self.turn
  ) -> [Double] {
    let tape = Tape<Double>(shardCount: 1)
    let solver = ODESolver(outputs: outputs, steps: steps)
    let result = tape.keep(
      solver.solve(from: tape.matrix(start), parameters: [], on: tape, field).last!)
    tape.run()
    return tape.elements(of: result)
  }

  @Test(
    "Both methods converge at their order",
    arguments: [RungeKutta.classical, .dormandPrince])
  func order(method: RungeKutta) {
    func error(_ steps: Int) -> Double {
      let z = end(.fixed(method, perOutput: steps))
      return hypot(z[0] - cos(1), z[1] - sin(1))
    }
    let ratio = log2(error(4) / error(8))
    #expect(abs(ratio - Double(method.order)) < 0.5, "observed order \(ratio)")
  }

  @Test("Adaptive steps come nearer for a smaller tolerance, as near as the tolerance says")
  func tolerance() {
    func error(_ tolerance: Double) -> Double {
      let z = end(.adaptive(tolerance: tolerance), outputs: 2)
      return hypot(z[0] - cos(1), z[1] - sin(1))
    }
    let errors = [1e-3, 1e-5, 1e-7].map(error)
    #expect(errors[0] > errors[1] && errors[1] > errors[2], "\(errors)")
    for (error, tolerance) in zip(errors, [1e-3, 1e-5, 1e-7]) {
      #expect(error < 10 * tolerance, "\(errors)")
    }
  }

  /// z′ = −rate · z, where the rate stands beside z and stays.
  private static func decay(_ z: Value, _ tape: Tape<Double>) -> Value {
    let rate = tape.columns(z, 1..<2)
    let slope = tape.negate(tape.multiply(tape.columns(z, 0..<1), rate))
    return tape.concatenateColumns(slope, tape.scale(rate, by: 0))
  }

  @Test("Each row has steps of its own: a steep neighbour changes no bit, and is solved too")
  func rows() {
    let steps = ODESolver.Steps.adaptive(tolerance: 1e-3)
    let gentle = end(steps, from: [[1, 0.5]], Self.decay)
    let both = end(steps, from: [[1, 3], [1, 0.5]], Self.decay)
    #expect(both[2] == gentle[0])
    #expect(abs(gentle[0] - exp(-0.5)) < 1e-3 && abs(both[0] - exp(-3)) < 0.01, "\(both)")
    // One step is too long for the steep row.
    let equal = end(.fixed(.dormandPrince, perOutput: 1), from: [[1, 3]], Self.decay)
    #expect(abs(equal[0] - exp(-3)) > 0.1, "\(equal)")
  }

  @Test("A tape that is replayed for other rows has the bits of one recorded for them")
  func replay() {
    func solve(_ starts: [[Double]]) -> [Double] {
      let tape = Tape<Double>(shardCount: 1)
      let x = tape.input(1, 2)
      let solver = ODESolver(outputs: 3, steps: .adaptive(tolerance: 1e-6))
      let result = tape.keep(
        solver.solve(from: x, parameters: [], on: tape, Self.decay).last!)
      for start in starts {
        tape.pointer(to: x, shard: 0).update(from: start, count: 2)
        if tape.hasRun { tape.replay() } else { tape.run() }
      }
      return tape.elements(of: result)
    }
    #expect(solve([[1, 20], [2, 0.3]]) == solve([[2, 0.3]]))
    #expect(solve([[2, 0.3], [1, 20]]) == solve([[1, 20]]))
  }

  private func model(
    _ steps: ODESolver.Steps, _ derivative: ODESolver.Derivative, in layout: inout ParameterLayout
  ) -> NeuralODE {
    NeuralODE(
      shape: SequenceCase.shape, hidden: 4, latent: 3, fieldLayers: 2, steps: steps,
      derivative: derivative, in: &layout)
  }

  /// Largest difference of a gradient between the adjoint and the recorded way.
  private func adjointError(_ method: RungeKutta, steps: Int) -> Double {
    let gradients = ODESolver.Derivative.allCases.map { derivative in
      var layout = ParameterLayout()
      let model = model(.fixed(method, perOutput: steps), derivative, in: &layout)
      let trial = SequenceTrial(model, layout)
      let histories = trial.histories([0, 1])
      let gradients = trial.gradients(histories)
      return gradients.history + gradients.parameters
    }
    return zip(gradients[0], gradients[1]).map { abs($0 - $1) }.max()!
  }

  @Test("The adjoint converges to the recorded derivative at the order of its method")
  func adjoint() {
    let errors = [2, 4, 8].map { adjointError(.classical, steps: $0) }
    #expect(errors[0] > 0 && errors[0] < 1e-3)
    for (coarse, fine) in zip(errors, errors.dropFirst()) {
      #expect(log2(coarse / fine) > 3.5, "errors \(errors)")
    }
    let fifth = [4, 8].map { adjointError(.dormandPrince, steps: $0) }
    #expect(fifth[1] < 1e-7 && log2(fifth[0] / fifth[1]) > 4.5, "errors \(fifth)")
  }

  @Test(
    "Forecasts do not depend on the way back",
    arguments: [ODESolver.Steps.fixed(.classical, perOutput: 2), .adaptive(tolerance: 1e-4)])
  func sameForecast(steps: ODESolver.Steps) {
    let forecasts = ODESolver.Derivative.allCases.map { derivative in
      var layout = ParameterLayout()
      let model = model(steps, derivative, in: &layout)
      let trial = SequenceTrial(model, layout)
      return trial.forecast(trial.histories([0, 1]))
    }
    #expect(forecasts[0] == forecasts[1])
  }

  @Test("Adaptive steps forecast what many small steps do, with their gradients in both ways back")
  func adaptiveModel() {
    func trial(_ steps: ODESolver.Steps, _ derivative: ODESolver.Derivative) -> SequenceTrial {
      var layout = ParameterLayout()
      let model = model(steps, derivative, in: &layout)
      return SequenceTrial(model, layout)
    }
    let reference = trial(.fixed(.classical, perOutput: 64), .recorded)
    let histories = reference.histories([0, 1, 2])
    let expected = reference.forecast(histories)
    let gradient = reference.gradients(histories)
    for derivative in ODESolver.Derivative.allCases {
      let adaptive = trial(.adaptive(tolerance: 1e-8), derivative)
      for (a, b) in zip(adaptive.forecast(histories), expected) { #expect(abs(a - b) < 1e-6) }
      let found = adaptive.gradients(histories)
      for (a, b) in zip(
        found.parameters + found.history, gradient.parameters + gradient.history)
      {
        #expect(abs(a - b) < 1e-5 * (1 + abs(b)), "\(derivative)")
      }
    }
  }
}
