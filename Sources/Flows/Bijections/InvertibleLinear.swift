import Tensors

/// An invertible linear map in LU form (Kingma & Dhariwal, 2018, eq. 10, without the permutation).
///
///     inverse: z = x · W,  W = (I + L) · (diag(exp(s)) + U),  log|det J| = Σ s
///     forward: x = z · W⁻¹ by two triangular solves,          log|det J| = −Σ s
///
/// L is strictly lower, U strictly upper triangular. The direction that training runs is the matrix
/// product. Starts as the identity. Compose with ``Permutation`` for pivoting.
package struct InvertibleLinear: Bijection {
  package let dimension: Int
  /// L, [D, D]; only the strict lower triangle is used.
  package let lower: Parameter
  /// U, [D, D]; only the strict upper triangle is used.
  package let upper: Parameter
  /// s, [D].
  package let logDiagonal: Parameter

  package init(dimension: Int, in layout: inout ParameterLayout) {
    self.dimension = dimension
    lower = layout.add("lower", shape: [dimension, dimension], .zeros)
    upper = layout.add("upper", shape: [dimension, dimension], .zeros)
    logDiagonal = layout.add("log-diagonal", shape: [dimension], .zeros)
  }

  package func forward<Scalar>(_ base: Value, context: Value?, on tape: Tape<Scalar>)
    -> Transported
  {
    let (l, u, s) = factors(on: tape)
    let half = tape.triangularSolve(base, u, upper: true)
    let x = tape.triangularSolve(half, l, upper: false, unitDiagonal: true)
    return Transported(x, logAbsDetJacobian: volume(tape.negate(s), like: base, on: tape))
  }

  package func inverse<Scalar>(_ data: Value, context: Value?, on tape: Tape<Scalar>)
    -> Transported
  {
    let (l, u, s) = factors(on: tape)
    return Transported(
      tape.matmul(tape.matmul(data, l), u), logAbsDetJacobian: volume(s, like: data, on: tape))
  }

  /// I + L, diag(exp(s)) + U and s.
  private func factors<Scalar>(on tape: Tape<Scalar>) -> (l: Value, u: Value, s: Value) {
    let s = tape.value(of: logDiagonal)
    let identity = identity(on: tape)
    let l = tape.add(
      tape.multiply(tape.value(of: lower), mask(upper: false, on: tape)), identity)
    let diagonal = tape.multiply(identity, rowVector: tape.exp(s))
    let u = tape.add(
      tape.multiply(tape.value(of: upper), mask(upper: true, on: tape)), diagonal)
    return (l, u, s)
  }

  private func volume<Scalar>(_ s: Value, like x: Value, on tape: Tape<Scalar>) -> Value {
    tape.broadcastRows(tape.rowSums(s), to: tape.shape(of: x).rows)
  }

  private func identity<Scalar>(on tape: Tape<Scalar>) -> Value {
    matrix(on: tape) { $0 == $1 }
  }

  private func mask<Scalar>(upper: Bool, on tape: Tape<Scalar>) -> Value {
    matrix(on: tape) { upper ? $1 > $0 : $1 < $0 }
  }

  private func matrix<Scalar>(on tape: Tape<Scalar>, _ isOne: (Int, Int) -> Bool) -> Value {
    let elements = (0..<dimension * dimension).map {
      isOne($0 / dimension, $0 % dimension) ? Scalar(1) : 0
    }
    return tape.constant(dimension, dimension, elements)
  }
}
