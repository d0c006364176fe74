import Layers
import Tensors

/// The Padé approximant as the rational function that it is: y with B_q(L) y = A_p(L) x, then
/// σ(W y + b).
///
/// For a spectral L this is one complex system of C unknowns a mode; modes that L kills pass unchanged.
/// Where σ is the identity, W the unit and b zero, y approximates e^L x to the order p + q. B is
/// invertible for ‖L‖ < (p+q)/q · log 2 (``PadeBounds/isInvertible``); beyond, nothing is promised.
package struct RationalBlock: Sendable {
  package let coefficients: PadeCoefficients
  /// L, C → C channels.
  package let convolution: SpectralConvolution
  /// What follows the exponential; nil for none.
  package let dense: Dense?

  package init(
    channels: Int, modes: Int, p: Int, q: Int, hasDense: Bool = true,
    in layout: inout ParameterLayout
  ) {
    coefficients = PadeCoefficients(p: p, q: q)
    convolution = layout.scoped("operator") {
      SpectralConvolution(channels, channels, modes: modes, in: &$0)
    }
    dense =
      hasDense
      ? layout.scoped("dense") { Dense(channels, channels, activation: .relu, in: &$0) } : nil
  }

  /// [N·B, C] → [N·B, C].
  package func callAsFunction<Scalar>(
    _ x: Value, basis: FourierBasis, on tape: Tape<Scalar>
  ) -> Value {
    let change = propagatorLessIdentity(basis: basis, on: tape)
    let channels = convolution.inputs
    let modes = basis.transform(x, on: tape)
    let batch = tape.shape(of: modes).rows / (2 * basis.modes)
    // Rows (mode, part, sample) become rows (mode, sample) with both parts as columns, and back.
    let forth = (0..<basis.modes).flatMap { k in
      (0..<batch).flatMap { b in (0..<2).map { (2 * k + $0) * batch + b } }
    }
    let back = (0..<basis.modes).flatMap { k in
      (0..<2).flatMap { part in (0..<batch).map { 2 * (k * batch + $0) + part } }
    }
    let rows = tape.reshape(tape.gatherRows(modes, forth), basis.modes * batch, 2 * channels)
    let moved = tape.batchedMatmul(rows, change, groups: basis.modes)
    let changed = tape.gatherRows(
      tape.reshape(moved, 2 * basis.modes * batch, channels), back)
    let y = tape.add(x, basis.synthesize(changed, on: tape))
    return dense.map { dense in tape.scoped("dense") { dense(y, on: tape) } } ?? y
  }

  /// A(W)·B(W)⁻¹ − 1 of each mode as a real matrix on rows [Re x̂, Im x̂], [M·2C, 2C].
  ///
  /// It depends on parameters alone, so a tape computes it once a run and not once a shard.
  package func propagatorLessIdentity<Scalar>(
    basis: FourierBasis, on tape: Tape<Scalar>
  ) -> Value {
    let matrix = realForm(basis: basis, on: tape)
    let size = 2 * convolution.inputs
    let identity = tape.constant(
      basis.modes * size, size,
      (0..<basis.modes * size * size).map {
        $0 / size % size == $0 % size ? 1 : 0
      })
    func polynomial(_ c: [Double]) -> Value {
      var sum = tape.scale(identity, by: c[c.count - 1])
      for coefficient in c.dropLast().reversed() {
        sum = tape.add(
          tape.batchedMatmul(sum, matrix, groups: basis.modes),
          tape.scale(identity, by: coefficient))
      }
      return sum
    }
    let ratio = tape.batchedSolve(
      polynomial(coefficients.numerator), polynomial(coefficients.denominator),
      groups: basis.modes)
    return tape.subtract(ratio, identity)
  }

  /// [[Re W, Im W], [−Im W, Re W]] of each mode, without imaginary parts in the real modes.
  private func realForm<Scalar>(basis: FourierBasis, on tape: Tape<Scalar>) -> Value {
    let channels = convolution.inputs
    let flat = tape.reshape(
      convolution.lowest(basis.modes, on: tape), 2 * basis.modes, channels * channels)
    func signs(_ imaginary: Scalar) -> Value {
      tape.constant(
        2 * basis.modes, 1,
        (0..<basis.modes).flatMap { k -> [Scalar] in
          let isReal = FourierMatrices.isReal(mode: k, positions: basis.positions)
          return [1, isReal ? 0 : imaginary]
        })
    }
    let left = tape.multiply(flat, columnVector: signs(-1))
    let swap = (0..<basis.modes).flatMap { [2 * $0 + 1, 2 * $0] }
    let right = tape.gatherRows(tape.multiply(flat, columnVector: signs(1)), swap)
    func stacked(_ x: Value) -> Value {
      tape.reshape(x, 2 * basis.modes * channels, channels)
    }
    return tape.concatenateColumns(stacked(left), stacked(right))
  }
}
