import Tensors

/// One positive factor for all columns.
///
///     image: x = z · exp(s),  log λ = s
///
/// Starts as the identity.
package struct Dilation: ConformalMap {
  package let dimension: Int
  /// s, [1].
  package let logScale: ContextualVector
  package var usesContext: Bool { logScale.network != nil }

  package init(
    dimension: Int, contextDimension: Int = 0, widths: [Int] = [],
    in layout: inout ParameterLayout
  ) {
    self.dimension = dimension
    logScale = ContextualVector(
      "log-scale", count: 1, contextDimension: contextDimension, widths: widths, in: &layout)
  }

  package func image<Scalar>(of base: Value, context: Value?, on tape: Tape<Scalar>)
    -> ConformalImage
  { scaled(base, by: logScale(rows: tape.shape(of: base).rows, context: context, on: tape), tape) }

  package func preimage<Scalar>(of data: Value, context: Value?, on tape: Tape<Scalar>)
    -> ConformalImage
  {
    let s = logScale(rows: tape.shape(of: data).rows, context: context, on: tape)
    return scaled(data, by: tape.negate(s), tape)
  }

  private func scaled<Scalar>(_ x: Value, by s: Value, _ tape: Tape<Scalar>) -> ConformalImage {
    ConformalImage(tape.multiply(x, columnVector: tape.exp(s)), logFactor: s)
  }
}

/// A shift of all points: x = z + b. Starts as the identity.
package struct Translation: ConformalMap {
  package let dimension: Int
  /// b, [D].
  package let shift: ContextualVector
  package var usesContext: Bool { shift.network != nil }

  package init(
    dimension: Int, contextDimension: Int = 0, widths: [Int] = [],
    in layout: inout ParameterLayout
  ) {
    self.dimension = dimension
    shift = ContextualVector(
      "shift", count: dimension, contextDimension: contextDimension, widths: widths, in: &layout)
  }

  package func image<Scalar>(of base: Value, context: Value?, on tape: Tape<Scalar>)
    -> ConformalImage
  {
    let b = shift(rows: tape.shape(of: base).rows, context: context, on: tape)
    return ConformalImage(tape.add(base, b), logFactor: nil)
  }

  package func preimage<Scalar>(of data: Value, context: Value?, on tape: Tape<Scalar>)
    -> ConformalImage
  {
    let b = shift(rows: tape.shape(of: data).rows, context: context, on: tape)
    return ConformalImage(tape.subtract(data, b), logFactor: nil)
  }
}

/// The reflection at a hyperplane through the origin, x = z − 2 v (v·z)/|v|²: its own inverse.
///
/// v starts at random; its length does not count.
package struct HouseholderReflection: ConformalMap {
  package let dimension: Int
  /// v, [D].
  package let normal: ContextualVector
  package var usesContext: Bool { normal.network != nil }

  package init(
    dimension: Int, contextDimension: Int = 0, widths: [Int] = [],
    in layout: inout ParameterLayout
  ) {
    self.dimension = dimension
    normal = ContextualVector(
      "normal", count: dimension, .normal(deviation: 1), contextDimension: contextDimension,
      widths: widths, in: &layout)
  }

  package func image<Scalar>(of base: Value, context: Value?, on tape: Tape<Scalar>)
    -> ConformalImage
  {
    let v = normal(rows: tape.shape(of: base).rows, context: context, on: tape)
    return ConformalImage(tape.reflect(base, at: v), logFactor: nil)
  }

  package func preimage<Scalar>(of data: Value, context: Value?, on tape: Tape<Scalar>)
    -> ConformalImage
  { image(of: data, context: context, on: tape) }
}

extension Tape {
  /// x − 2 v (v·x)/|v|² row by row, [B, D].
  func reflect(_ x: Value, at v: Value) -> Value {
    let share = divide(rowSums(multiply(x, v)), rowSquaredSums(v))
    return subtract(x, multiply(v, columnVector: scale(share, by: 2)))
  }
}
