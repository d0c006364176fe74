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

  /// [N·B, C] → [N·B, C].
  package func callAsFunction<Scalar>(
    _ x: Value, basis: FourierBasis, on tape: Tape<Scalar>
  ) -> Value {
    let denominated = OperatorPolynomial.horner(
      coefficients.denominator, of: x, operator: convolution, basis: basis, on: tape)
    let hidden = tape.scoped("dense") { dense(denominated, on: tape) }
    return OperatorPolynomial.horner(
      coefficients.numerator, of: hidden, operator: convolution, basis: basis, on: tape)
  }
}
