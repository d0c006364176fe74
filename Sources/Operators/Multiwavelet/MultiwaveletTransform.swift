import Tensors

/// One level of the multiwavelet transform and back, on a tape.
///
/// A function has c · k channels: for each of c functions the k coefficients of a point's interval,
/// [N·B, c·k].
package struct MultiwaveletTransform: Sendable {
  /// k.
  package let order: Int
  /// Coefficients that one product maps: those of some functions beside one another. A matrix of one
  /// function is too small to be multiplied fast.
  private let width: Int
  /// [2w, 2w]: rows (left or right half, function, coefficient), columns (s or d, function, coefficient).
  private let analysis: Value
  private let synthesis: Value

  /// Coefficients beside one another are at most so many.
  private static let widest = 32

  /// - Parameter functions: c.
  package init<Scalar>(_ filters: LegendreFilters, functions: Int, on tape: Tape<Scalar>) {
    let k = filters.order
    let together = (1...functions).last {
      functions % $0 == 0 && ($0 == 1 || $0 * k <= Self.widest)
    }
    let width = (together ?? 1) * k
    order = k
    self.width = width
    // s_i = Σ_j H0_ij left_j + H1_ij right_j, d with G in the place of H.
    let blocks = [[filters.h0, filters.g0], [filters.h1, filters.g1]]
    func entry(_ row: Int, _ column: Int) -> Scalar {
      let (from, to) = (row % width, column % width)
      guard from / k == to / k else { return 0 }
      return Scalar(blocks[row / width][column / width][to % k][from % k])
    }
    func matrix(_ entry: (Int, Int) -> Scalar) -> Value {
      tape.constant(
        2 * width, 2 * width,
        (0..<4 * width * width).map { entry($0 / (2 * width), $0 % (2 * width)) })
    }
    analysis = matrix(entry)
    synthesis = matrix { entry($1, $0) }
  }

  /// [N·B, c·k] → coarse part s and detail d, both [N/2·B, c·k].
  package func decompose<Scalar>(_ x: Value, positions: Int, on tape: Tape<Scalar>) -> (
    coarse: Value, detail: Value
  ) {
    let shape = tape.shape(of: x)
    precondition(positions % 2 == 0, "an odd number of positions, \(positions), has no coarse grid")
    let pieces = shape.count / width
    let halves = tape.gatherRows(
      tape.reshape(x, pieces, width), halvesOfIntervals(pieces, positions: positions))
    let both = tape.matmul(tape.reshape(halves, pieces / 2, 2 * width), analysis)
    func part(_ range: Range<Int>) -> Value {
      tape.reshape(tape.columns(both, range), shape.rows / 2, shape.columns)
    }
    return (part(0..<width), part(width..<2 * width))
  }

  /// The inverse of ``decompose(_:positions:on:)``; `positions` is N, of the result.
  package func reconstruct<Scalar>(
    coarse: Value, detail: Value, positions: Int, on tape: Tape<Scalar>
  ) -> Value {
    let shape = tape.shape(of: coarse)
    let pieces = 2 * shape.count / width
    func rows(_ x: Value) -> Value { tape.reshape(x, pieces / 2, width) }
    let both = tape.matmul(
      tape.concatenateColumns(rows(coarse), rows(detail)), synthesis)
    var index = [Int](repeating: 0, count: pieces)
    for (place, row) in halvesOfIntervals(pieces, positions: positions).enumerated() {
      index[row] = place
    }
    return tape.reshape(
      tape.gatherRows(tape.reshape(both, pieces, width), index), 2 * shape.rows, shape.columns)
  }

  /// Pieces (position, sample, part of the functions) in the order in which the left and the right half
  /// of an interval lie side by side.
  private func halvesOfIntervals(_ pieces: Int, positions: Int) -> [Int] {
    let perPosition = pieces / positions
    var index: [Int] = []
    index.reserveCapacity(pieces)
    for left in stride(from: 0, to: pieces, by: 2 * perPosition) {
      for piece in left..<left + perPosition { index += [piece, piece + perPosition] }
    }
    return index
  }
}
