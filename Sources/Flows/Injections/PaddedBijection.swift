import Tensors

/// A padding followed by any bijection of the ambient space: surfaces of any shape (Brehmer & Cranmer,
/// 2020).
///
///     embed(u) = f([u, 0]),   project(x) = the first d columns of f⁻¹(x)
///
/// The volume element ½ log det JᵀJ is exact: the d columns of J are tangents of the embedding, and the
/// determinant is the product of their lengths after each has lost its part along those before it
/// (Gram–Schmidt).
/// - Complexity: d tangent sweeps of f, and O(d² · D) a row.
package struct PaddedBijection: Injection {
  package let padding: Padding
  package let bijection: any Bijection
  package let hasOneSurface: Bool

  package var chartDimension: Int { padding.chartDimension }
  package var dimension: Int { padding.dimension }

  /// - Parameter usesContext: whether the bijection reads the context.
  package init(padding: Padding, bijection: any Bijection, usesContext: Bool) {
    precondition(
      padding.dimension == bijection.dimension,
      "padding to \(padding.dimension) columns, bijection of \(bijection.dimension)")
    self.padding = padding
    self.bijection = bijection
    hasOneSurface = !usesContext
  }

  package func embed<Scalar>(_ u: Value, context: Value?, on tape: Tape<Scalar>) -> Embedded {
    let padded = padding.embed(u, context: context, on: tape).value
    let x = bijection.forward(padded, context: context, on: tape).value
    let shape = tape.shape(of: u)
    let columns = (0..<shape.columns).map { column in
      let direction = (0..<shape.count).map { Scalar($0 % shape.columns == column ? 1 : 0) }
      let tangent = tape.constant(shape.rows, shape.columns, direction)
      return tape.tangents(of: [x], along: [(u, tangent: tangent)])[0]
    }
    tape.endSegment()
    return Embedded(x, logVolumeElement: logVolume(of: columns, on: tape))
  }

  package func project<Scalar>(_ x: Value, context: Value?, on tape: Tape<Scalar>) -> Value {
    padding.project(
      bijection.inverse(x, context: context, on: tape).value, context: context, on: tape)
  }

  /// log of the volume that vectors span row by row, d of [B, D] → [B, 1].
  private func logVolume<Scalar>(of columns: [Value], on tape: Tape<Scalar>) -> Value {
    var orthogonal: [(vector: Value, inverseSquare: Value)] = []
    var total: Value?
    for column in columns {
      var rest = column
      for (vector, inverseSquare) in orthogonal {
        let product = tape.rowSums(tape.multiply(rest, vector))
        let share = tape.multiply(product, inverseSquare)
        rest = tape.subtract(rest, tape.multiply(vector, columnVector: share))
      }
      let squares = tape.rowSquaredSums(rest)
      let term = tape.log(squares)
      total = total.map { tape.add($0, term) } ?? term
      orthogonal.append((rest, tape.reciprocal(squares)))
    }
    guard let total else { preconditionFailure("expected at least one column") }
    return tape.scale(total, by: 0.5)
  }
}
