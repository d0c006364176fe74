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

  private func end(_ method: RungeKutta, steps: Int) -> [Double] {
    let tape = Tape<Double>(shardCount: 1)
    let solver = ODESolver(method: method, plan: .uniform(outputs: 1, stepsPerOutput: steps))
    let result = tape.keep(
      solver.solve(from: tape.matrix([[1, 0]]), parameters: [], on: tape, Self.turn).last!)
    tape.run()
    return tape.elements(of: result)
  }

  @Test(
    "Both methods converge at their order",
    arguments: [RungeKutta.classical, .dormandPrince])
  func order(method: RungeKutta) {
    func error(_ steps: Int) -> Double {
      let z = end(method, steps: steps)
      return hypot(z[0] - cos(1), z[1] - sin(1))
    }
    let ratio = log2(error(4) / error(8))
    #expect(abs(ratio - Double(method.order)) < 0.5, "observed order \(ratio)")
  }

  @Test("An adaptive plan ends on output times and keeps the tolerance, with fewer steps for less")
  func adaptive() throws {
    func plan(_ tolerance: Double) throws -> StepPlan {
      try StepPlan.adaptive(
        from: [1.0, 0], shape: Shape(1, 2), through: [0.3, 1],
        tolerance: .init(absolute: tolerance, relative: tolerance), parameters: nil, Self.turn)
    }
    let (coarse, fine) = (try plan(1e-4), try plan(1e-10))
    #expect(coarse.count < fine.count)
    for (plan, tolerance) in [(coarse, 1e-4), (fine, 1e-10)] {
      #expect(abs(plan.intervals[0].reduce(0, +) - 0.3) < 1e-12)
      #expect(abs(plan.intervals[1].reduce(0, +) - 0.7) < 1e-12)
      let tape = Tape<Double>(shardCount: 1)
      let solver = ODESolver(method: .dormandPrince, plan: plan)
      let result = solver.solve(
        from: tape.matrix([[1, 0]]), parameters: [], on: tape, Self.turn
      ).map { tape.keep($0) }
      tape.run()
      for (value, time) in zip(result, [0.3, 1]) {
        let z = tape.elements(of: value)
        #expect(
          hypot(z[0] - cos(time), z[1] - sin(time)) < 3 * Double(plan.count) * tolerance)
      }
    }
  }

  @Test("Adaptive steps shrink where the field is steep")
  func steep() throws {
    // z′ = −80 z relaxes within the first tenth.
    let plan = try StepPlan.adaptive(
      from: [1.0], shape: Shape(1, 1), through: [1], parameters: nil
    ) { $1.scale($0, by: -80) }
    let steps = plan.intervals[0]
    #expect(steps.count > 10)
    #expect(steps.max()! > 1.5 * steps[0])
  }

  @Test("A field that blows up has no plan")
  func blowUp() {
    #expect(throws: StepPlanError.self) {
      // z′ = z² from 2 is infinite at one half.
      try StepPlan.adaptive(from: [2.0], shape: Shape(1, 1), through: [1], parameters: nil) {
        $1.square($0)
      }
    }
  }

  private func model(
    _ method: RungeKutta, _ steps: Int, _ derivative: ODESolver.Derivative,
    in layout: inout ParameterLayout
  ) -> NeuralODE {
    let plan = StepPlan.uniform(outputs: 3, stepsPerOutput: steps)
    return NeuralODE(
      shape: SequenceCase.shape, hidden: 4, latent: 3, fieldLayers: 2,
      solver: ODESolver(method: method, plan: plan, derivative: derivative), in: &layout)
  }

  /// Largest difference of a gradient between the adjoint and the recorded way.
  private func adjointError(_ method: RungeKutta, steps: Int) -> Double {
    let gradients = ODESolver.Derivative.allCases.map { derivative in
      var layout = ParameterLayout()
      let model = model(method, steps, derivative, in: &layout)
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

  @Test("Forecasts do not depend on the way back")
  func sameForecast() {
    let forecasts = ODESolver.Derivative.allCases.map { derivative in
      var layout = ParameterLayout()
      let model = model(.classical, 2, derivative, in: &layout)
      let trial = SequenceTrial(model, layout)
      return trial.forecast(trial.histories([0, 1]))
    }
    #expect(forecasts[0] == forecasts[1])
  }

  @Test("Adaptive steps on a probe forecast what many small steps do, in both ways back")
  func adaptiveModel() throws {
    var layout = ParameterLayout()
    let base = model(.classical, 64, .recorded, in: &layout)
    let reference = SequenceTrial(base, layout)
    let histories = reference.histories([0, 1])
    let expected = reference.forecast(histories)
    let expectedGradient = reference.gradients(histories).parameters
    for derivative in ODESolver.Derivative.allCases {
      var start = base
      start.solver.derivative = derivative
      let adaptive = try start.withAdaptiveSteps(
        probe: histories, rows: 2, tolerance: .init(absolute: 1e-9, relative: 1e-9),
        parameters: reference.parameters)
      #expect(adaptive.solver.derivative == derivative)
      #expect(adaptive.solver.plan.count < base.solver.plan.count)
      let trial = SequenceTrial(adaptive, layout)
      for (a, b) in zip(trial.forecast(histories), expected) { #expect(abs(a - b) < 1e-7) }
      for (a, b) in zip(trial.gradients(histories).parameters, expectedGradient) {
        #expect(abs(a - b) < 1e-5 * (1 + abs(b)))
      }
    }
  }
}
