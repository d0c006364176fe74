import Tensors

/// The relative L² error of an operator's image of u(0).
package enum RelativeError {
  /// Rounds the corner of the root, whose derivative has no value at 0.
  private static let smallestSquare = 1e-14

  /// ‖G(u(0)) − u(T)‖₂ / ‖u(T)‖₂ of each row, [R, 2s] → [R, 1]; a row is u(0), then u(T), on s points.
  ///
  /// The quotient of two sums over the same grid does not depend on its resolution.
  package static func ofRows<Scalar>(
    _ rows: Value, model: any NeuralOperator, on tape: Tape<Scalar>
  ) -> Value {
    let shape = tape.shape(of: rows)
    precondition(shape.columns % 2 == 0, "\(shape) are no rows of two fields")
    let points = shape.columns / 2
    // Position-major, as operators take functions: row = position · R + sample.
    let input = tape.reshape(
      tape.transpose(tape.columns(rows, 0..<points)), points * shape.rows, 1)
    let image = tape.scoped("operator") { model(input, positions: points, on: tape) }
    precondition(
      tape.shape(of: image) == Shape(points * shape.rows, 1),
      "the operator made \(tape.shape(of: image)) of \(tape.shape(of: input))")
    let predicted = tape.transpose(tape.reshape(image, points, shape.rows))
    let target = tape.columns(rows, points..<2 * points)
    let distance = tape.rowSquaredSums(tape.subtract(predicted, target))
    let quotient = tape.divide(distance, tape.rowSquaredSums(target))
    return tape.squareRoot(tape.add(quotient, constant: smallestSquare))
  }
}
