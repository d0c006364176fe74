/// What a step of ETDRK4 multiplies a mode by, for one value of the symbol L and one step h.
///
/// With z = hL the closed forms lose all digits near z = 0. They are entire functions of z, so each
/// equals its mean over a circle around z, which stays away from the trouble (Kassam & Trefethen, 2005,
/// §3): z_m = hL + e^{2πi(m − ½)/M}, M = 64. The trapezoidal rule on a circle converges faster than any
/// power of 1/M; at M = 64 what is left is rounding: 1e-15 h, and 1e-13 h where |hL| is near 1 and the
/// circle passes near zero.
package struct ETDRK4Coefficients: Sendable, Equatable {
  /// e^{hL}.
  package let full: ComplexNumber
  /// e^{hL/2}.
  package let half: ComplexNumber
  /// Q = h (e^{z/2} − 1)/z.
  package let stage: ComplexNumber
  /// f₁ = h (−4 − z + e^z (4 − 3z + z²))/z³.
  package let first: ComplexNumber
  /// f₂ = h (2 + z + e^z (z − 2))/z³.
  package let middle: ComplexNumber
  /// f₃ = h (−4 − 3z − z² + e^z (4 − z))/z³.
  package let last: ComplexNumber

  /// Points of the contour.
  package static let contourPoints = 64

  package init(symbol: ComplexNumber, step h: Double) {
    let centre = h * symbol
    full = .exp(centre)
    half = .exp(0.5 * centre)
    var (q, f1, f2, f3) = (
      ComplexNumber.zero, ComplexNumber.zero, ComplexNumber.zero, ComplexNumber.zero
    )
    let count = Double(Self.contourPoints)
    for m in 0..<Self.contourPoints {
      let z = centre + .unit(turns: (Double(m) + 0.5) / count)
      let (square, cube) = (z * z, z * z * z)
      let (e, one) = (ComplexNumber.exp(z), ComplexNumber(1))
      q += (.exp(0.5 * z) - one) / z
      f1 += (e * (4 * one - 3 * z + square) - (4 * one + z)) / cube
      f2 += (2 * one + z + e * (z - 2 * one)) / cube
      f3 += (e * (4 * one - z) - (4 * one + 3 * z + square)) / cube
    }
    // A real symbol has real coefficients; the contour leaves rounding in the imaginary part.
    let isReal = symbol.imaginary == 0
    func mean(_ sum: ComplexNumber) -> ComplexNumber {
      let mean = (h / count) * sum
      return isReal ? ComplexNumber(mean.real) : mean
    }
    stage = mean(q)
    first = mean(f1)
    middle = mean(f2)
    last = mean(f3)
  }
}
