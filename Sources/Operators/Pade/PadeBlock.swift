import Layers
import Tensors

/// The Padé exponential block in the form of its authors (Gupta et al., 2022):
///
///     y = A_p(L) · ReLU(W · B_q(L) x + b)
///
/// L is one spectral convolution, used in all powers; W and b act at each point. The denominator is
/// applied, not inverted: without the nonlinearity the block is about e^{(p−q)/(p+q) L}, and W learns
/// the rest. For this form the gradients are bounded whatever p and q are, see ``PadeBounds``.
package struct PadeBlock: Sendable {
  package let coefficients: PadeCoefficients
  /// L, C → C channels.
  package let convolution: SpectralConvolution
  /// ReLU(W · + b).
  package let dense: Dense

  package init(
    channels: Int, modes: Int, p: Int, q: Int, in layout: inout ParameterLayout
  ) {
    coefficients = PadeCoefficients(p: p, q: q)
    convolution = layout.scoped("operator") {
      SpectralConvolution(channels, channels, modes: modes, in: &$0)
    }
    dense = layout.scoped("dense") { Dense(channels, channels, activation: .relu, in: &$0) }
  }

  /// [ΣN·B, C] → [ΣN·B, C], on all levels of a basis.
  ///
  /// - Parameter modes: those of x, where they are known.
  package func callAsFunction<Scalar>(
    _ x: Value, modes: MultilevelModes? = nil, basis: MultilevelBasis, on tape: Tape<Scalar>
  ) -> Value {
    let inModes = MultilevelConvolution(convolution, basis: basis, on: tape)
    // c_0 is 1 in both polynomials.
    func polynomial(_ c: [Double], _ x: Value, _ modes: @autoclosure () -> MultilevelModes) -> Value
    {
      guard c.count > 1 else { return x }
      let change = OperatorPolynomial.changeInModes(c, of: modes(), operator: inModes, on: tape)
      return tape.add(x, basis.synthesize(change, on: tape))
    }
    let denominated = polynomial(
      coefficients.denominator, x, modes ?? basis.transform(x, on: tape))
    let hidden = tape.scoped("dense") { dense(denominated, on: tape) }
    return polynomial(
      coefficients.numerator, hidden, basis.transform(hidden, on: tape))
  }
  /// [N·B, C] → [N·B, C], on one grid.
  package func callAsFunction<Scalar>(
    _ x: Value, basis: FourierBasis, on tape: Tape<Scalar>
  ) -> Value {
    self(
      x, basis: MultilevelBasis(levels: [basis.positions], modes: basis.modes, on: tape), on: tape)
  }
}
