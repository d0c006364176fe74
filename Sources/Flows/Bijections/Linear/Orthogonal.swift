import Tensors

/// An orthogonal matrix as a product of Householder reflections (Tomczak & Welling, 2016).
///
///     inverse: z = x · Q,  Q = Π_i (I − 2 v_i v_iᵀ / |v_i|²),  log|det J| = 0
///     forward: x = z · Qᵀ
///
/// Any orthogonal matrix with determinant (−1)^m is a product of m = D reflections at most. The vectors
/// start at random: this map does not start as the identity.
package struct Orthogonal: ConformalMap {
  package let dimension: Int
  /// v_i as columns, [D, m].
  package let vectors: Parameter

  /// - Parameter reflections: m; D of them if left out.
  package init(dimension: Int, reflections: Int? = nil, in layout: inout ParameterLayout) {
    let count = reflections ?? dimension
    precondition(count >= 1, "expected at least one reflection, got \(count)")
    self.dimension = dimension
    vectors = layout.add("vectors", shape: [dimension, count], .normal(deviation: 1))
  }

  package func image<Scalar>(of base: Value, context: Value?, on tape: Tape<Scalar>)
    -> ConformalImage
  { ConformalImage(tape.matmul(base, matrix(on: tape), transposeB: true), logFactor: nil) }

  package func preimage<Scalar>(of data: Value, context: Value?, on tape: Tape<Scalar>)
    -> ConformalImage
  { ConformalImage(tape.matmul(data, matrix(on: tape)), logFactor: nil) }

  private func matrix<Scalar>(on tape: Tape<Scalar>) -> Value {
    let all = tape.value(of: vectors)
    var q = tape.squareConstant(dimension) { $0 == $1 }
    for index in 0..<vectors.columns {
      let v = tape.columns(all, index..<index + 1)
      let factor = tape.scale(tape.reciprocal(tape.columnSums(tape.square(v))), by: -2)
      let scaled = tape.multiply(v, rowVector: factor)
      q = tape.add(q, tape.matmul(tape.matmul(q, v), scaled, transposeB: true))
    }
    return q
  }
}
