import Tensors

/// Polynomials Σ c_j L^j x of a linear operator L.
package enum OperatorPolynomial {
  /// By repeated application, from the lowest power up; L may be any map.
  package static func sum<Scalar>(
    _ coefficients: [Double], of x: Value, on tape: Tape<Scalar>,
    applying operation: (Value) -> Value
  ) -> Value {
    var power = x
    var sum = scaled(x, by: coefficients[0], on: tape)
    for coefficient in coefficients.dropFirst() {
      power = operation(power)
      sum = tape.add(sum, tape.scale(power, by: coefficient))
    }
    return sum
  }

  /// For a spectral L, by Horner's rule in mode space: c_0 x + F⁻¹(Σ_{j≥1} c_j W^j x̂).
  ///
  /// One transform forth and one back in place of one pair a power; exact, because modes do not mix and
  /// L kills what lies outside of them.
  package static func horner<Scalar>(
    _ coefficients: [Double], of x: Value, operator convolution: SpectralConvolution,
    basis: FourierBasis, on tape: Tape<Scalar>
  ) -> Value {
    let constant = scaled(x, by: coefficients[0], on: tape)
    let degree = coefficients.count - 1
    guard degree > 0 else { return constant }
    let modes = basis.transform(x, on: tape)
    var sum = scaled(modes, by: coefficients[degree], on: tape)
    for j in stride(from: degree - 1, through: 1, by: -1) {
      sum = tape.add(
        convolution.inModes(sum, basis: basis, on: tape),
        scaled(modes, by: coefficients[j], on: tape))
    }
    sum = convolution.inModes(sum, basis: basis, on: tape)
    return tape.add(constant, basis.synthesize(sum, on: tape))
  }

  private static func scaled<Scalar>(
    _ x: Value, by factor: Double, on tape: Tape<Scalar>
  ) -> Value {
    factor == 1 ? x : tape.scale(x, by: factor)
  }
}
