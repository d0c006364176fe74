import Tensors

/// Solves z′ = f(z) along a fixed plan of steps, with one of two ways back.
///
/// What is recorded forward is the same; so are the forecasts.
package struct ODESolver: Sendable, Equatable {
  /// How derivatives come about.
  package enum Derivative: String, Sendable, Codable, CaseIterable {
    /// The reverse sweep through the recorded steps: the exact derivative of what was computed.
    case recorded
    /// The adjoint equation, solved backwards along the same steps (Chen et al., 2018): no value
    /// inside an interval is kept, and the derivative is right up to the solver's own error.
    case adjoint
  }

  package var method: RungeKutta
  package var plan: StepPlan
  package var derivative: Derivative

  package init(
    method: RungeKutta = .classical, plan: StepPlan, derivative: Derivative = .recorded
  ) {
    self.method = method
    self.plan = plan
    self.derivative = derivative
  }

  /// z at the end of each interval of the plan, from z at 0.
  ///
  /// - Parameters:
  ///   - parameters: those that f reads; the adjoint gives derivatives of these alone.
  ///   - field: f, recorded at each stage, [B, Z] → [B, Z].
  package func solve<Scalar>(
    from start: Value, parameters: [Parameter], on tape: Tape<Scalar>,
    _ field: @escaping (Value, Tape<Scalar>) -> Value
  ) -> [Value] {
    var (z, outputs) = (start, [Value]())
    for steps in plan.intervals {
      let before = z
      for length in steps { z = method.step(z, length: length, on: tape) { field($0, tape) } }
      if derivative == .adjoint {
        z = withAdjoint(z, from: before, steps: steps, parameters, on: tape, field)
      }
      outputs.append(z)
    }
    return outputs
  }

  /// The end of an interval whose derivative is the adjoint's.
  ///
  /// With a = dL/dz, going back by s = −t from the end of the interval:
  ///
  ///     dz/ds = −f(z),    da/ds = aᵀ ∂f/∂z,    dg/ds = aᵀ ∂f/∂θ
  ///
  /// z starts anew from the recorded value at the end of each interval.
  private func withAdjoint<Scalar>(
    _ end: Value, from start: Value, steps: [Double], _ parameters: [Parameter],
    on tape: Tape<Scalar>, _ field: @escaping (Value, Tape<Scalar>) -> Value
  ) -> Value {
    let method = self.method
    return tape.replacingDerivative(of: end) { arrived, tape in
      let handles = parameters.map { tape.value(of: $0) }
      var (z, a) = (end, arrived)
      var sums = [Value?](repeating: nil, count: handles.count)
      for h in steps.reversed() {
        var slopesOfZ: [Value] = []
        var slopesOfA: [Value] = []
        for (row, weight) in zip(method.stages, method.weights) {
          // Cut off, lest the product below goes on through what computed the stage.
          let stage = tape.stopGradient(tape.moved(z, by: h, row, slopesOfZ))
          let seed = tape.moved(a, by: h, row, slopesOfA)
          let value = field(stage, tape)
          let products = tape.gradients(
            of: [(value, seed: seed)], withRespectTo: [stage] + handles)
          slopesOfZ.append(tape.negate(value))
          slopesOfA.append(products[0])
          guard weight != 0 else { continue }
          for (index, product) in products.dropFirst().enumerated() {
            let term = tape.scale(product, by: h * weight)
            sums[index] = sums[index].map { tape.add($0, term) } ?? term
          }
        }
        z = tape.moved(z, by: h, method.weights, slopesOfZ)
        a = tape.moved(a, by: h, method.weights, slopesOfA)
      }
      return [(start, a)]
        + zip(handles, sums).compactMap { handle, sum in sum.map { (handle, $0) } }
    }
  }
}
