import Tensors

/// Normalisation of each row (Ba, Kiros & Hinton, 2016): γ ∘ (x − mean) / √(variance + ε) + β.
///
/// [R, C] → [R, C], γ and β [C]; the variance divides by C. γ starts at 1, β at 0.
package struct LayerNorm: Sendable {
  package let scale: Parameter
  package let shift: Parameter
  /// ε.
  package let floor: Double

  package init(_ width: Int, floor: Double = 1e-5, in layout: inout ParameterLayout) {
    scale = layout.add("scale", shape: [width], .constant(1))
    shift = layout.add("shift", shape: [width], .zeros)
    self.floor = floor
  }

  /// [R, C] → [R, C].
  package func callAsFunction<Scalar>(_ x: Value, on tape: Tape<Scalar>) -> Value {
    let share = 1 / Double(scale.columns)
    let centred = tape.add(x, columnVector: tape.scale(tape.rowSums(x), by: -share))
    let variance = tape.scale(tape.rowSquaredSums(centred), by: share)
    let factor = tape.reciprocal(tape.squareRoot(tape.add(variance, constant: floor)))
    let normal = tape.multiply(centred, columnVector: factor)
    return tape.add(
      tape.multiply(normal, rowVector: tape.value(of: scale)), rowVector: tape.value(of: shift))
  }
}
