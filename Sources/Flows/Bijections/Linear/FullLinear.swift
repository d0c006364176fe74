import Tensors

/// A matrix without structure.
///
///     inverse: z = x · W,  W = I + A,  log|det J| = log|det W|
///     forward: x = z · W⁻¹
///
/// Costs O(D³) a step for the determinant. Nothing keeps W invertible but the likelihood itself, which
/// falls to −∞ where it is not.
///
/// Starts as the identity.
package struct FullLinear: Bijection {
  package let dimension: Int
  /// A, [D, D].
  package let offset: Parameter

  package init(dimension: Int, in layout: inout ParameterLayout) {
    self.dimension = dimension
    offset = layout.add("offset", shape: [dimension, dimension], .zeros)
  }

  package func forward<Scalar>(_ base: Value, context: Value?, on tape: Tape<Scalar>)
    -> Transported
  {
    let (inverse, logDet) = tape.inverse(matrix(on: tape))
    return Transported(
      tape.matmul(base, inverse),
      logAbsDetJacobian: tape.broadcastRows(
        tape.negate(logDet), to: tape.shape(of: base).rows))
  }

  package func inverse<Scalar>(_ data: Value, context: Value?, on tape: Tape<Scalar>)
    -> Transported
  {
    let w = matrix(on: tape)
    return Transported(
      tape.matmul(data, w),
      logAbsDetJacobian: tape.broadcastRows(
        tape.inverse(w).logAbsDeterminant, to: tape.shape(of: data).rows))
  }

  private func matrix<Scalar>(on tape: Tape<Scalar>) -> Value {
    tape.add(tape.value(of: offset), tape.squareConstant(dimension) { $0 == $1 })
  }
}
