import Layers
import Tensors

/// The Padé exponential block on a vector without a grid:
///
///     y = A_p(L) · ReLU(W · B_q(L) x + b)
///
/// as ``PadeBlock``, with L a dense matrix that is used in all powers, so that its bounds are those of
/// ``PadeBounds`` with ‖L‖ the largest singular value.
package struct LatentPadeBlock: Sendable {
  package let coefficients: PadeCoefficients
  /// L, [C, C].
  package let weight: Parameter
  /// ReLU(W · + b).
  package let dense: Dense
  /// Deviation of L at the start in units of 1/√C, so that ‖L‖ is about twice as much.
  private static let startDeviation = 0.3

  package init(channels: Int, p: Int, q: Int, in layout: inout ParameterLayout) {
    coefficients = PadeCoefficients(p: p, q: q)
    weight = layout.add(
      "operator", shape: [channels, channels],
      .normal(deviation: Self.startDeviation / Double(channels).squareRoot()))
    dense = layout.scoped("dense") { Dense(channels, channels, activation: .relu, in: &$0) }
  }

  /// [B, C] → [B, C].
  package func callAsFunction<Scalar>(_ x: Value, on tape: Tape<Scalar>) -> Value {
    func polynomial(_ coefficients: [Double], of x: Value) -> Value {
      OperatorPolynomial.sum(coefficients, of: x, on: tape) {
        tape.matmul($0, tape.value(of: weight))
      }
    }
    let hidden = tape.scoped("dense") {
      dense(polynomial(coefficients.denominator, of: x), on: tape)
    }
    return polynomial(coefficients.numerator, of: hidden)
  }
}
