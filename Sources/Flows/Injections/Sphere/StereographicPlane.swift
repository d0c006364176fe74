import Tensors

/// The plane that touches the unit sphere at the centre of a chart, seen from the opposite pole.
///
/// In a frame whose third axis is the centre, with s = |t|²/4 for a point t of the plane:
///
///     x = (t, 1 − s) / (1 + s),   t = 2 (x₁, x₂) / (|x| + x₃),   λ = 1 / (1 + s)
///
/// Lengths near the centre are those of the sphere. Points beside the sphere go to the plane along the
/// ray through the origin.
enum StereographicPlane {
  /// Plane → sphere in the frame, [B, 2] → [B, 3], with log λ, [B, 1].
  static func lift<Scalar>(_ t: Value, on tape: Tape<Scalar>) -> (local: Value, logFactor: Value) {
    let denominator = tape.add(tape.scale(tape.rowSquaredSums(t), by: 0.25), constant: 1)
    let q = tape.reciprocal(denominator)
    let height = tape.add(tape.scale(q, by: 2), constant: -1)
    return (
      tape.concatenateColumns(tape.multiply(t, columnVector: q), height),
      tape.negate(tape.log(denominator))
    )
  }

  /// Data in the frame → plane, [B, 3] → [B, 2].
  ///
  /// Below the equator |x| + x₃ would cancel; there it is taken as (x₁² + x₂²) / (|x| + |x₃|). The pole
  /// itself has no image; a step aside by the square of the rounding unit gives it a far one.
  static func flatten<Scalar>(_ local: Value, on tape: Tape<Scalar>) -> Value {
    let aside = Double(Scalar.ulpOfOne) * Double(Scalar.ulpOfOne)
    let flat = tape.add(tape.columns(local, 0..<2), constant: aside)
    let height = tape.columns(local, 2..<3)
    let squares = tape.rowSquaredSums(flat)
    let radius = tape.squareRoot(tape.add(squares, tape.square(height)))
    let magnitude = tape.add(tape.relu(height), tape.relu(tape.negate(height)))
    let sum = tape.add(radius, magnitude)
    let above = tape.isPositive(height)
    let below = tape.add(tape.negate(above), constant: 1)
    let denominator = tape.add(
      tape.multiply(above, sum), tape.multiply(below, tape.divide(squares, sum)))
    return tape.multiply(flat, columnVector: tape.scale(tape.reciprocal(denominator), by: 2))
  }
}
