import Tensors

/// An explicit Runge–Kutta method for z′ = f(z).
///
///     k_i = f(z + h Σ_j a_ij k_j),    z(t + h) = z + h Σ_i b_i k_i
package struct RungeKutta: Sendable, Equatable {
  /// a_ij, row i of i numbers.
  package let stages: [[Double]]
  /// b_i.
  package let weights: [Double]
  /// b_i − b*_i of the embedded method, one weight more than stages: the last is of f at the end of
  /// the step; nil where no method is embedded.
  package let errorWeights: [Double]?
  /// p: the error of a step is of order h^(p+1).
  package let order: Int

  /// The classical method of four stages.
  package static let classical = Self(
    stages: [[], [1.0 / 2], [0, 1.0 / 2], [0, 0, 1]],
    weights: [1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6], errorWeights: nil, order: 4)

  /// Dormand & Prince (1980), order 5 with an embedded method of order 4.
  package static let dormandPrince = Self(
    stages: [
      [], [1.0 / 5], [3.0 / 40, 9.0 / 40], [44.0 / 45, -56.0 / 15, 32.0 / 9],
      [19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729],
      [9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656],
    ],
    weights: [35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84],
    errorWeights: [
      71.0 / 57600, 0, -71.0 / 16695, 71.0 / 1920, -17253.0 / 339200, 22.0 / 525, -1.0 / 40,
    ], order: 5)

  /// A vector field recorded on a tape.
  package typealias Field = (Value) -> Value

  /// One step.
  package func step<Scalar>(
    _ z: Value, length h: StepLength, on tape: Tape<Scalar>, _ f: Field
  ) -> Value {
    let slopes = self.slopes(z, length: h, on: tape, f)
    return tape.moved(z, by: h, weights, slopes)
  }

  /// One step, and what the embedded method says of its error, z − z*.
  /// - Precondition: there is an embedded method.
  package func stepWithError<Scalar>(
    _ z: Value, length h: StepLength, on tape: Tape<Scalar>, _ f: Field
  ) -> (end: Value, error: Value) {
    guard let errorWeights else { preconditionFailure("this method embeds no other one") }
    var slopes = self.slopes(z, length: h, on: tape, f)
    let end = tape.moved(z, by: h, weights, slopes)
    slopes.append(f(end))
    let shape = tape.shape(of: z)
    let zero = tape.constant(shape.rows, shape.columns, repeating: 0)
    return (end, tape.moved(zero, by: h, errorWeights, slopes))
  }

  private func slopes<Scalar>(
    _ z: Value, length h: StepLength, on tape: Tape<Scalar>, _ f: Field
  ) -> [Value] {
    var slopes: [Value] = []
    for row in stages { slopes.append(f(tape.moved(z, by: h, row, slopes))) }
    return slopes
  }
}

/// The length of a step.
package enum StepLength {
  /// The same for all rows.
  case all(Double)
  /// A length for each row, [B, 1].
  case rows(Value)
}

extension Tape {
  /// z + h Σ w_i k_i.
  func moved(_ z: Value, by h: StepLength, _ weights: [Double], _ slopes: [Value]) -> Value {
    let terms = zip(weights, slopes).filter { $0.0 != 0 }
    switch h {
    case .all(let h):
      var sum = z
      for (weight, slope) in terms { sum = add(sum, scale(slope, by: h * weight)) }
      return sum
    case .rows(let h):
      var rise: Value?
      for (weight, slope) in terms {
        let term = scale(slope, by: weight)
        rise = rise.map { add($0, term) } ?? term
      }
      return rise.map { add(z, multiply($0, columnVector: h)) } ?? z
    }
  }
}
