import Tensors

/// The lowest Fourier modes of functions of two periodic variables, S × T points, on a tape.
///
/// Grid values are [S·T·B, C], row (s·T + t)·B + sample. Modes are (k, l) with k = 0 ..< K along s and l
/// of both signs along t; both transforms are products with the needed modes only. Unlike a mode of one
/// variable, (k, l) and (k, −l) are independent for real functions, so no mode is taken as real; of the
/// modes with k = 0 the synthesis takes the real part.
package struct PlaneFourierBasis: ModeBasis {
  /// S and T.
  package let outer: Int
  package let inner: Int
  /// K, and the number of l.
  package let outerModes: Int
  package let innerModes: Int
  /// [2K, S] and [S, 2K].
  private let outerAnalysis: Value
  private let outerSynthesis: Value
  /// K times [2L, 2T] and K times [2T, 2L].
  private let innerAnalysis: Value
  private let innerSynthesis: Value
  /// [2·K·L, 1].
  private let turnSigns: Value
  private let turnIndex: [Int]

  package var modes: Int { outerModes * innerModes }
  /// l of the modes along t, in their order.
  package var innerModeNumbers: Range<Int> { Self.numbers(count: innerModes) }
  private static func numbers(count: Int) -> Range<Int> {
    let first = -((count - 1) / 2)
    return first..<first + count
  }

  /// l = −(count−1) … count−1, without the one that would come twice on a small grid.
  package static func innerModeCount(positions: Int, modes: Int) -> Int {
    min(2 * modes - 1, positions)
  }

  /// - Parameters:
  ///   - outerModes: 0 ..< K along s, at most S/2 + 1.
  ///   - innerModes: |l| below this along t.
  package init<Scalar>(
    outer: Int, inner: Int, outerModes: Int, innerModes: Int, on tape: Tape<Scalar>
  ) {
    self.outer = outer
    self.inner = inner
    self.outerModes = outerModes
    let count = Self.innerModeCount(positions: inner, modes: innerModes)
    self.innerModes = count
    let matrices = FourierMatrices(positions: outer, modes: outerModes)
    outerAnalysis = tape.constant(2 * outerModes, outer, matrices.analysis.map { Scalar($0) })
    outerSynthesis = tape.constant(outer, 2 * outerModes, matrices.synthesis.map { Scalar($0) })
    let first = Self.numbers(count: count).lowerBound
    func angle(_ l: Int, _ t: Int) -> (cosine: Double, sine: Double) {
      let turns = ((l * t) % inner + inner) % inner
      return PortableMath.cosineAndSine(turns: Double(turns) / Double(inner))
    }
    var analysis = [Scalar](repeating: 0, count: 2 * count * 2 * inner)
    var synthesis = analysis
    for l in 0..<count {
      for t in 0..<inner {
        let (cosine, sine) = angle(first + l, t)
        let (c, s) = (Scalar(cosine / Double(inner)), Scalar(sine / Double(inner)))
        analysis[2 * l * 2 * inner + t] = c
        analysis[2 * l * 2 * inner + inner + t] = s
        analysis[(2 * l + 1) * 2 * inner + t] = -s
        analysis[(2 * l + 1) * 2 * inner + inner + t] = c
        synthesis[t * 2 * count + 2 * l] = Scalar(cosine)
        synthesis[t * 2 * count + 2 * l + 1] = Scalar(-sine)
        synthesis[(inner + t) * 2 * count + 2 * l] = Scalar(sine)
        synthesis[(inner + t) * 2 * count + 2 * l + 1] = Scalar(cosine)
      }
    }
    func repeated(_ rows: Int, _ columns: Int, _ matrix: [Scalar]) -> Value {
      tape.constant(
        outerModes * rows, columns, (0..<outerModes).flatMap { _ in matrix })
    }
    innerAnalysis = repeated(2 * count, 2 * inner, analysis)
    innerSynthesis = repeated(2 * inner, 2 * count, synthesis)
    let modes = outerModes * count
    turnSigns = tape.constant(2 * modes, 1, (0..<modes).flatMap { _ in [Scalar(-1), 1] })
    turnIndex = (0..<modes).flatMap { [2 * $0 + 1, 2 * $0] }
  }

  /// [S·T·B, C] → [2·K·L·B, C].
  package func transform<Scalar>(_ x: Value, on tape: Tape<Scalar>) -> Value {
    let shape = tape.shape(of: x)
    let width = Grid.batch(rows: shape.rows, positions: outer * inner) * shape.columns
    let lines = tape.matmul(outerAnalysis, tape.reshape(x, outer, inner * width))
    let modes = tape.batchedMatmul(
      innerAnalysis, tape.reshape(lines, 2 * outerModes * inner, width), groups: outerModes)
    return tape.reshape(modes, 2 * self.modes * width / shape.columns, shape.columns)
  }

  /// [2·K·L·B, C] → [S·T·B, C].
  package func synthesize<Scalar>(_ x: Value, on tape: Tape<Scalar>) -> Value {
    let shape = tape.shape(of: x)
    let width = Grid.batch(rows: shape.rows, positions: 2 * modes) * shape.columns
    let lines = tape.batchedMatmul(
      innerSynthesis, tape.reshape(x, 2 * modes, width), groups: outerModes)
    let grid = tape.matmul(
      outerSynthesis, tape.reshape(lines, 2 * outerModes, inner * width))
    return tape.reshape(grid, outer * inner * width / shape.columns, shape.columns)
  }

  /// i · x̂.
  package func turned<Scalar>(_ x: Value, on tape: Tape<Scalar>) -> Value {
    let shape = tape.shape(of: x)
    let wide = tape.reshape(x, 2 * modes, shape.count / (2 * modes))
    let turned = tape.multiply(tape.gatherRows(wide, turnIndex), columnVector: turnSigns)
    return tape.reshape(turned, shape.rows, shape.columns)
  }
}
