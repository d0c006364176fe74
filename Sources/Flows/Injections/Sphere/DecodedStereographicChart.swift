import Layers
import Tensors

/// Stereographic charts of an atlas: the centre of chart k is the direction of D(v_k), the decoded code.
///
/// The same map as ``StereographicChart`` with scale 1, in a frame that follows the context. The decoder
/// is held fixed. All charts lie on one surface, the unit sphere S² ⊂ R³.
package struct DecodedStereographicChart: Injection {
  /// [B, C] → [B, 3].
  package let decoder: MultilayerPerceptron

  package var chartDimension: Int { 2 }
  package var dimension: Int { 3 }
  package var hasOneSurface: Bool { true }

  package init(decoder: MultilayerPerceptron) { self.decoder = decoder }

  package func embed<Scalar>(_ u: Value, context: Value?, on tape: Tape<Scalar>) -> Embedded {
    let lifted = StereographicPlane.lift(u, on: tape)
    return Embedded(
      turned(lifted.local, context, tape),
      logVolumeElement: tape.scale(lifted.logFactor, by: 2))
  }

  package func project<Scalar>(_ x: Value, context: Value?, on tape: Tape<Scalar>) -> Value {
    StereographicPlane.flatten(turned(x, context, tape), on: tape)
  }

  /// Frame → space and back, [B, 3]: the reflection that exchanges the third axis e and −c, c the centre,
  /// followed by a reflection at the origin; if c₃ < 0 the one that exchanges e and c, alone. The normal
  /// c ± e is never shorter than √2.
  private func turned<Scalar>(_ x: Value, _ context: Value?, _ tape: Tape<Scalar>) -> Value {
    guard let context else { preconditionFailure("expected a code as context, got none") }
    let decoded = tape.stopGradient(tape.scoped("decoder") { decoder(context, on: tape) })
    let squares = tape.add(tape.rowSquaredSums(decoded), constant: 1e-20)
    let centre = tape.multiply(
      decoded, columnVector: tape.reciprocal(tape.squareRoot(squares)))
    let isUpper = tape.isPositive(tape.columns(centre, 2..<3))
    let sign = tape.add(tape.scale(isUpper, by: 2), constant: -1)
    let normal = tape.add(centre, tape.padColumns(sign, first: 2, columns: 3))
    return tape.multiply(tape.reflect(x, at: normal), columnVector: tape.negate(sign))
  }
}
