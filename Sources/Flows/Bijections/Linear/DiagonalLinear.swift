import Tensors

/// A positive factor for each column.
///
///     forward: x = z · diag(exp(s)),  log|det J| = Σ s
///
/// Starts as the identity.
package struct DiagonalLinear: Bijection {
  package let dimension: Int
  /// s, [D].
  package let logScale: Parameter

  package init(dimension: Int, in layout: inout ParameterLayout) {
    self.dimension = dimension
    logScale = layout.add("log-scale", shape: [dimension], .zeros)
  }

  package func forward<Scalar>(_ base: Value, context: Value?, on tape: Tape<Scalar>)
    -> Transported
  { scale(base, by: tape.value(of: logScale), on: tape) }

  package func inverse<Scalar>(_ data: Value, context: Value?, on tape: Tape<Scalar>)
    -> Transported
  { scale(data, by: tape.negate(tape.value(of: logScale)), on: tape) }

  private func scale<Scalar>(_ x: Value, by s: Value, on tape: Tape<Scalar>) -> Transported {
    Transported(
      tape.multiply(x, rowVector: tape.exp(s)),
      logAbsDetJacobian: tape.broadcastRows(tape.rowSums(s), to: tape.shape(of: x).rows))
  }
}
