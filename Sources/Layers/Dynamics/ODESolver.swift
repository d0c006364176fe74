import Tensors

/// Solves z′ = f(z) from 0 to 1, with one of two ways back.
///
/// What is recorded forward is the same for both; so are the forecasts.
package struct ODESolver: Sendable, Equatable {
  /// How long the steps are.
  package enum Steps: Sendable, Equatable {
    /// Equal steps of a method, so many up to each output.
    case fixed(RungeKutta, perOutput: Int)
    /// Steps of Dormand & Prince's method whose error stays within a tolerance as long as the attempts
    /// of an output suffice; the last takes what is left, see ``AdaptiveSteps``.
    case adaptive(tolerance: Double)
  }

  /// How derivatives come about.
  package enum Derivative: Sendable, CaseIterable {
    /// The reverse sweep through the recorded steps: the exact derivative of what was computed, at
    /// these lengths of the steps.
    case recorded
    /// The adjoint equation, solved backwards along the same steps (Chen et al., 2018): no value
    /// inside an interval is kept, and the derivative is right up to the solver's own error.
    case adjoint
  }

  /// Number of output times, equidistant; the last is 1.
  package let outputs: Int
  package let steps: Steps
  package let derivative: Derivative

  package init(
    outputs: Int, steps: Steps = .fixed(.classical, perOutput: 1),
    derivative: Derivative = .recorded
  ) {
    precondition(outputs > 0, "a solution needs an output, got \(outputs)")
    switch steps {
    case .fixed(_, let perOutput):
      precondition(perOutput > 0, "an output needs a step, got \(perOutput)")
    case .adaptive(let tolerance):
      precondition(tolerance > 0, "expected a positive tolerance, got \(tolerance)")
    }
    (self.outputs, self.steps, self.derivative) = (outputs, steps, derivative)
  }

  private var method: RungeKutta {
    switch steps {
    case .fixed(let method, _): method
    case .adaptive: .dormandPrince
    }
  }

  /// z at each output time, from z at 0.
  ///
  /// - Parameters:
  ///   - parameters: those that f reads; the adjoint gives derivatives of these alone.
  ///   - field: f, recorded at each stage, [B, Z] → [B, Z].
  package func solve<Scalar>(
    from start: Value, parameters: [Parameter], on tape: Tape<Scalar>,
    _ field: @escaping (Value, Tape<Scalar>) -> Value
  ) -> [Value] {
    var (z, results) = (start, [Value]())
    var adaptive: AdaptiveSteps?
    if case .adaptive(let tolerance) = steps {
      adaptive = AdaptiveSteps(
        tolerance: tolerance, interval: 1 / Double(outputs), rows: tape.shape(of: start).rows,
        on: tape)
    }
    for _ in 0..<outputs {
      let before = z
      let lengths: [StepLength]
      if case .fixed(let method, let count) = steps {
        lengths = Array(repeating: .all(1 / Double(outputs * count)), count: count)
        for length in lengths {
          z = method.step(z, length: length, on: tape) { field($0, tape) }
        }
      } else {
        lengths = adaptive?.advance(&z, on: tape) { field($0, tape) } ?? []
      }
      if derivative == .adjoint {
        z = withAdjoint(z, from: before, lengths, parameters, on: tape, field)
      }
      results.append(z)
    }
    return results
  }

  /// The end of an interval whose derivative is the adjoint's.
  ///
  /// With a = dL/dz, going back by s = −t from the end of the interval:
  ///
  ///     dz/ds = −f(z),    da/ds = aᵀ ∂f/∂z,    dg/ds = aᵀ ∂f/∂θ
  ///
  /// z starts anew from the recorded value at the end of each interval.
  private func withAdjoint<Scalar>(
    _ end: Value, from start: Value, _ lengths: [StepLength], _ parameters: [Parameter],
    on tape: Tape<Scalar>, _ field: @escaping (Value, Tape<Scalar>) -> Value
  ) -> Value {
    let method = self.method
    return tape.replacingDerivative(of: end) { arrived, tape in
      let handles = parameters.map { tape.value(of: $0) }
      var (z, a) = (end, arrived)
      var sums = [Value?](repeating: nil, count: handles.count)
      for h in lengths.reversed() {
        var slopesOfZ: [Value] = []
        // Of h·a: rows may have steps of different lengths, and the sum over rows of aᵀ ∂f/∂θ has none.
        var risesOfA: [Value] = []
        for (row, weight) in zip(method.stages, method.weights) {
          // Cut off, lest the product below goes on through what computed the stage.
          let stage = tape.stopGradient(tape.moved(z, by: h, row, slopesOfZ))
          let seed = tape.scaled(tape.moved(a, by: .all(1), row, risesOfA), by: h)
          let value = field(stage, tape)
          let products = tape.gradients(
            of: [(value, seed: seed)], withRespectTo: [stage] + handles)
          slopesOfZ.append(tape.negate(value))
          risesOfA.append(products[0])
          guard weight != 0 else { continue }
          for (index, product) in products.dropFirst().enumerated() {
            let term = tape.scale(product, by: weight)
            sums[index] = sums[index].map { tape.add($0, term) } ?? term
          }
        }
        z = tape.moved(z, by: h, method.weights, slopesOfZ)
        a = tape.moved(a, by: .all(1), method.weights, risesOfA)
      }
      return [(start, a)]
        + zip(handles, sums).compactMap { handle, sum in sum.map { (handle, $0) } }
    }
  }
}

extension Tape {
  /// h · x, row by row.
  fileprivate func scaled(_ x: Value, by h: StepLength) -> Value {
    switch h {
    case .all(let h): scale(x, by: h)
    case .rows(let h): multiply(x, columnVector: h)
    }
  }
}
