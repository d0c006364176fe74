import Tensors

/// One level of the multiwavelet transform of functions of two variables and back, on a tape.
///
/// The basis of a square is the product of two of one variable, so the filters are Kronecker products of
/// those of ``LegendreFilters``: from the k² coefficients of four neighbouring cells (s, t), (s, t+1),
/// (s+1, t), (s+1, t+1) come k² of the coarse part, H ⊗ H, and 3 k² of the detail, H ⊗ G, G ⊗ H, G ⊗ G.
/// All together are an orthogonal map. (The authors' code keeps of the detail G ⊗ G alone, with which a
/// function cannot be had back.)
///
/// A function on S × T cells has c · k² channels, coefficient (i, j) at i·k + j with i along s:
/// [S·T·B, c·k²], row (s·T + t)·B + sample.
package struct PlaneMultiwaveletTransform: Sendable {
  /// k².
  package let order: Int
  /// [4k², 4k²]: rows are the coefficients of the four cells, columns the coarse part and the detail.
  private let analysis: Value

  package init<Scalar>(_ filters: LegendreFilters, on tape: Tape<Scalar>) {
    order = filters.order * filters.order
    analysis = tape.constant(
      4 * order, 4 * order, Self.matrix(filters).flatMap { $0 }.map { Scalar($0) })
  }

  /// The matrix of one level, [4k²][4k²]: row (cell, i, j), column (part, i′, j′).
  package static func matrix(_ filters: LegendreFilters) -> [[Double]] {
    let k = filters.order
    let (scaling, wavelets) = ([filters.h0, filters.h1], [filters.g0, filters.g1])
    let parts = [scaling, wavelets].flatMap { outer in
      [scaling, wavelets].map { (outer, $0) }
    }
    return (0..<4 * k * k).map { row in
      let (cell, i, j) = (row / (k * k), row / k % k, row % k)
      return parts.flatMap { outer, inner in
        (0..<k * k).map { outer[cell / 2][$0 / k][i] * inner[cell % 2][$0 % k][j] }
      }
    }
  }

  /// [S·T·B, c·k²] → coarse part [S/2·T/2·B, c·k²] and detail [S/2·T/2·B, c·3k²].
  package func decompose<Scalar>(
    _ x: Value, outer: Int, inner: Int, on tape: Tape<Scalar>
  ) -> (coarse: Value, detail: Value) {
    precondition(
      outer % 2 == 0 && inner % 2 == 0,
      "an odd number of positions, \(outer) × \(inner), has no coarse grid")
    let shape = tape.shape(of: x)
    let width = shape.count / (outer * inner) / order
    let cells = tape.gatherRows(
      tape.reshape(x, shape.count / order, order),
      Self.squares(outer: outer, inner: inner, width: width))
    let both = tape.matmul(tape.reshape(cells, shape.count / (4 * order), 4 * order), analysis)
    return (
      tape.reshape(tape.columns(both, 0..<order), shape.rows / 4, shape.columns),
      tape.reshape(tape.columns(both, order..<4 * order), shape.rows / 4, 3 * shape.columns)
    )
  }

  /// The inverse of ``decompose(_:outer:inner:on:)``; `outer` and `inner` are S and T, of the result.
  package func reconstruct<Scalar>(
    coarse: Value, detail: Value, outer: Int, inner: Int, on tape: Tape<Scalar>
  ) -> Value {
    let shape = tape.shape(of: coarse)
    let rows = shape.count / order
    let both = tape.concatenateColumns(
      tape.reshape(coarse, rows, order), tape.reshape(detail, rows, 3 * order))
    let cells = tape.reshape(
      tape.matmul(both, analysis, transposeB: true), 4 * rows, order)
    let squares = Self.squares(
      outer: outer, inner: inner, width: 4 * rows / (outer * inner))
    var places = squares
    for (place, cell) in squares.enumerated() { places[cell] = place }
    return tape.reshape(tape.gatherRows(cells, places), 4 * shape.rows, shape.columns)
  }

  /// The cells square by square: for each coarse cell and each of `width` columns its four fine cells.
  private static func squares(outer: Int, inner: Int, width: Int) -> [Int] {
    var index: [Int] = []
    index.reserveCapacity(outer * inner * width)
    for s in stride(from: 0, to: outer, by: 2) {
      for t in stride(from: 0, to: inner, by: 2) {
        for column in 0..<width {
          for cell in 0..<4 {
            index.append(((s + cell / 2) * inner + t + cell % 2) * width + column)
          }
        }
      }
    }
    return index
  }
}
