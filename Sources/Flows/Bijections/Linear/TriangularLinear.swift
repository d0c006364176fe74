import Tensors

/// A triangular matrix with a positive diagonal.
///
///     inverse: z = x · T,  T = diag(exp(s)) + strict triangle,  log|det J| = Σ s
///     forward: x = z · T⁻¹ by a triangular solve
///
/// Upper: z_j reads x_1 … x_j, so it is a linear autoregressive map.
///
/// Starts as the identity.
package struct TriangularLinear: Bijection {
  package let dimension: Int
  package let isUpper: Bool
  /// The strict triangle, [D, D]; the rest is not read.
  package let triangle: Parameter
  /// s, [D].
  package let logDiagonal: Parameter

  package init(dimension: Int, isUpper: Bool = true, in layout: inout ParameterLayout) {
    self.dimension = dimension
    self.isUpper = isUpper
    triangle = layout.add("triangle", shape: [dimension, dimension], .zeros)
    logDiagonal = layout.add("log-diagonal", shape: [dimension], .zeros)
  }

  package func forward<Scalar>(_ base: Value, context: Value?, on tape: Tape<Scalar>)
    -> Transported
  {
    let s = tape.negate(tape.value(of: logDiagonal))
    return Transported(
      tape.triangularSolve(base, matrix(on: tape), upper: isUpper),
      logAbsDetJacobian: tape.broadcastRows(tape.rowSums(s), to: tape.shape(of: base).rows))
  }

  package func inverse<Scalar>(_ data: Value, context: Value?, on tape: Tape<Scalar>)
    -> Transported
  {
    let s = tape.value(of: logDiagonal)
    return Transported(
      tape.matmul(data, matrix(on: tape)),
      logAbsDetJacobian: tape.broadcastRows(tape.rowSums(s), to: tape.shape(of: data).rows))
  }

  private func matrix<Scalar>(on tape: Tape<Scalar>) -> Value {
    let mask = tape.squareConstant(dimension) { isUpper ? $1 > $0 : $1 < $0 }
    return tape.add(
      tape.multiply(tape.value(of: triangle), mask),
      tape.multiply(
        tape.squareConstant(dimension) { $0 == $1 },
        rowVector: tape.exp(tape.value(of: logDiagonal))))
  }
}
