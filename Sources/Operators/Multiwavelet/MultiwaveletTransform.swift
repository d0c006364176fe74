import Tensors

/// One level of the multiwavelet transform and back, on a tape.
///
/// A function has c · k channels: for each of c functions the k coefficients of a point's interval,
/// [N·B, c·k].
package struct MultiwaveletTransform: Sendable {
  /// k.
  package let order: Int
  /// [k, 2k]: [H0ᵀ G0ᵀ] and [H1ᵀ G1ᵀ].
  private let evenAnalysis: Value
  private let oddAnalysis: Value
  /// [2k, 2k]: [[H0, H1], [G0, G1]].
  private let synthesis: Value

  package init<Scalar>(_ filters: LegendreFilters, on tape: Tape<Scalar>) {
    let k = filters.order
    order = k
    func analysis(_ h: [[Double]], _ g: [[Double]]) -> Value {
      tape.constant(
        k, 2 * k,
        (0..<k).flatMap { j in
          (0..<k).map { Scalar(h[$0][j]) } + (0..<k).map { Scalar(g[$0][j]) }
        })
    }
    evenAnalysis = analysis(filters.h0, filters.g0)
    oddAnalysis = analysis(filters.h1, filters.g1)
    let rows = zip(filters.h0, filters.h1).map(+) + zip(filters.g0, filters.g1).map(+)
    synthesis = tape.constant(2 * k, 2 * k, rows.flatMap { $0 }.map { Scalar($0) })
  }

  /// [N·B, c·k] → coarse part s and detail d, both [N/2·B, c·k].
  package func decompose<Scalar>(_ x: Value, positions: Int, on tape: Tape<Scalar>) -> (
    coarse: Value, detail: Value
  ) {
    let shape = tape.shape(of: x)
    precondition(positions % 2 == 0, "an odd number of positions, \(positions), has no coarse grid")
    let wide = tape.reshape(x, positions / 2, 2 * shape.count / positions)
    let half = shape.count / positions
    func coefficients(_ range: Range<Int>) -> Value {
      tape.reshape(tape.columns(wide, range), shape.count / 2 / order, order)
    }
    let both = tape.add(
      tape.matmul(coefficients(0..<half), evenAnalysis),
      tape.matmul(coefficients(half..<2 * half), oddAnalysis))
    func part(_ range: Range<Int>) -> Value {
      tape.reshape(tape.columns(both, range), shape.rows / 2, shape.columns)
    }
    return (part(0..<order), part(order..<2 * order))
  }

  /// The inverse of ``decompose(_:positions:on:)``; `positions` is N, of the result.
  package func reconstruct<Scalar>(
    coarse: Value, detail: Value, positions: Int, on tape: Tape<Scalar>
  ) -> Value {
    let shape = tape.shape(of: coarse)
    func coefficients(_ x: Value) -> Value { tape.reshape(x, shape.count / order, order) }
    let both = tape.matmul(
      tape.concatenateColumns(coefficients(coarse), coefficients(detail)), synthesis)
    func points(_ range: Range<Int>) -> Value {
      tape.reshape(tape.columns(both, range), positions / 2, 2 * shape.count / positions)
    }
    let wide = tape.concatenateColumns(points(0..<order), points(order..<2 * order))
    return tape.reshape(wide, 2 * shape.rows, shape.columns)
  }
}
