import Tensors

/// The special conformal transformation: an inversion, a shift by −b, an inversion (Ross & Cresswell,
/// 2021, eq. 13).
///
///     image: x = (z − b |z|²) / σ,  σ = 1 − 2 b·z + |b|² |z|²,  log λ = −log σ
///
/// The inverse is the map with −b. σ = |z|² |z/|z|² − b|² is zero at z = b/|b|² alone, which goes to
/// infinity; there σ is held above 10⁻¹². Starts as the identity.
package struct SpecialConformal: ConformalMap {
  package let dimension: Int
  /// b, [D].
  package let vector: ContextualVector
  package var usesContext: Bool { vector.network != nil }

  package init(
    dimension: Int, contextDimension: Int = 0, widths: [Int] = [],
    in layout: inout ParameterLayout
  ) {
    self.dimension = dimension
    vector = ContextualVector(
      "vector", count: dimension, contextDimension: contextDimension, widths: widths, in: &layout)
  }

  package func image<Scalar>(of base: Value, context: Value?, on tape: Tape<Scalar>)
    -> ConformalImage
  { moved(base, by: vector(rows: tape.shape(of: base).rows, context: context, on: tape), tape) }

  package func preimage<Scalar>(of data: Value, context: Value?, on tape: Tape<Scalar>)
    -> ConformalImage
  {
    let b = vector(rows: tape.shape(of: data).rows, context: context, on: tape)
    return moved(data, by: tape.negate(b), tape)
  }

  private func moved<Scalar>(_ z: Value, by b: Value, _ tape: Tape<Scalar>) -> ConformalImage {
    let squares = tape.rowSquaredSums(z)
    let products = tape.multiply(tape.rowSquaredSums(b), squares)
    let cross = tape.scale(tape.rowSums(tape.multiply(b, z)), by: -2)
    let sigma = tape.heldAbove(1e-12, tape.add(tape.add(cross, products), constant: 1))
    let shifted = tape.subtract(z, tape.multiply(b, columnVector: squares))
    return ConformalImage(
      tape.multiply(shifted, columnVector: tape.reciprocal(sigma)),
      logFactor: tape.negate(tape.log(sigma)))
  }
}

/// The inversion at the unit sphere, x = z/|z|², log λ = −log |z|²: its own inverse, without parameters.
///
/// The origin goes to infinity; |z|² is held above 10⁻²⁰.
package struct Inversion: ConformalMap {
  package let dimension: Int

  package init(dimension: Int) { self.dimension = dimension }

  package func image<Scalar>(of base: Value, context: Value?, on tape: Tape<Scalar>)
    -> ConformalImage
  {
    let squares = tape.heldAbove(1e-20, tape.rowSquaredSums(base))
    return ConformalImage(
      tape.multiply(base, columnVector: tape.reciprocal(squares)),
      logFactor: tape.negate(tape.log(squares)))
  }

  package func preimage<Scalar>(of data: Value, context: Value?, on tape: Tape<Scalar>)
    -> ConformalImage
  { image(of: data, context: context, on: tape) }
}

extension Tape {
  /// max(x, limit).
  func heldAbove(_ limit: Double, _ x: Value) -> Value {
    add(relu(add(x, constant: -limit)), constant: limit)
  }
}
