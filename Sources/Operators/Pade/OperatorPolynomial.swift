import Tensors

/// Polynomials Σ c_j L^j x of a linear operator L.
package enum OperatorPolynomial {
  /// By repeated application, from the lowest power up; L may be any map.
  package static func sum<Scalar>(
    _ coefficients: [Double], of x: Value, on tape: Tape<Scalar>,
    applying operation: (Value) -> Value
  ) -> Value {
    var power = x
    var sum = coefficients[0] == 1 ? x : tape.scale(x, by: coefficients[0])
    for coefficient in coefficients.dropFirst() {
      power = operation(power)
      sum = tape.add(sum, tape.scale(power, by: coefficient))
    }
    return sum
  }

  /// Σ_{j≥1} c_j W^j x̂ of a spectral L by Horner's rule in mode space.
  ///
  /// One transform forth and one back in place of one pair a power; exact, because modes do not mix. L
  /// kills what lies outside of them, where c_0 x is left.
  /// - Precondition: a degree of at least one.
  package static func changeInModes<Scalar>(
    _ coefficients: [Double], of modes: MultilevelModes,
    operator convolution: MultilevelConvolution, on tape: Tape<Scalar>
  ) -> MultilevelModes {
    let degree = coefficients.count - 1
    precondition(degree > 0, "a constant changes nothing in modes")
    var sum = modes.scaled(by: coefficients[degree], on: tape)
    for j in stride(from: degree - 1, through: 1, by: -1) {
      sum = convolution(sum, on: tape)
        .adding(modes.scaled(by: coefficients[j], on: tape), on: tape)
    }
    return convolution(sum, on: tape)
  }
}
