import Tensors

/// A transform to modes that translations do not mix, and back.
///
/// Mode values are [2M·B, C], row (2k + part)·B + sample, part 0 real and 1 imaginary.
package protocol ModeBasis: Sendable {
  /// M.
  var modes: Int { get }
  /// Points on the grid → mode values.
  func transform<Scalar>(_ x: Value, on tape: Tape<Scalar>) -> Value
  /// Mode values → points on the grid.
  func synthesize<Scalar>(_ x: Value, on tape: Tape<Scalar>) -> Value
  /// i · x̂ for mode values x̂.
  func turned<Scalar>(_ x: Value, on tape: Tape<Scalar>) -> Value
}

/// The lowest M Fourier modes of functions on N equally spaced points, on a tape.
///
/// A transform is a product with a matrix of the needed modes only, for any N, odd or even:
///
///     û_k = 1/N · Σ_n u_n e^{−2πikn/N},  u_n = Σ_k c_k Re(û_k e^{2πikn/N}),  k = 0 ..< M,
///
/// with c = 1 for the mode 0 and the mode N/2, which are real, and c = 2 for all others.
package struct FourierBasis: ModeBasis {
  /// N.
  package let positions: Int
  /// M, at most ⌊N/2⌋ + 1.
  package let modes: Int
  /// [2M, N] and [N, 2M].
  private let analysis: Value
  private let synthesis: Value
  /// [2M, 1]: the signs of multiplication by i, zero for the modes that are real.
  private let turnSigns: Value
  private let turnIndex: [Int]

  /// - Parameter modes: wanted modes; more than the grid carries are left out.
  package init<Scalar>(positions: Int, modes: Int, on tape: Tape<Scalar>) {
    precondition(
      positions >= 1 && modes >= 1,
      "a Fourier basis needs positions and modes, got \(positions) and \(modes)")
    self.positions = positions
    let kept = min(modes, positions / 2 + 1)
    self.modes = kept
    let matrices = FourierMatrices(positions: positions, modes: kept)
    analysis = tape.constant(2 * kept, positions, matrices.analysis.map { Scalar($0) })
    synthesis = tape.constant(positions, 2 * kept, matrices.synthesis.map { Scalar($0) })
    turnSigns = tape.constant(
      2 * kept, 1,
      (0..<kept).flatMap { k -> [Scalar] in
        FourierMatrices.isReal(mode: k, positions: positions) ? [0, 0] : [-1, 1]
      })
    turnIndex = (0..<kept).flatMap { [2 * $0 + 1, 2 * $0] }
  }

  /// [N·B, C] → [2M·B, C].
  package func transform<Scalar>(_ x: Value, on tape: Tape<Scalar>) -> Value {
    let shape = tape.shape(of: x)
    let batch = batch(of: shape.rows, rowsPerSample: positions)
    let wide = tape.reshape(x, positions, batch * shape.columns)
    return tape.reshape(tape.matmul(analysis, wide), 2 * modes * batch, shape.columns)
  }

  /// [2M·B, C] → [N·B, C]. What lies in the imaginary parts of the real modes is dropped.
  package func synthesize<Scalar>(_ x: Value, on tape: Tape<Scalar>) -> Value {
    let shape = tape.shape(of: x)
    let batch = batch(of: shape.rows, rowsPerSample: 2 * modes)
    let wide = tape.reshape(x, 2 * modes, batch * shape.columns)
    return tape.reshape(tape.matmul(synthesis, wide), positions * batch, shape.columns)
  }

  /// i · x̂; zero in the modes that are real, so that i times them is left out.
  package func turned<Scalar>(_ x: Value, on tape: Tape<Scalar>) -> Value {
    let shape = tape.shape(of: x)
    let batch = batch(of: shape.rows, rowsPerSample: 2 * modes)
    let wide = tape.reshape(x, 2 * modes, batch * shape.columns)
    let turned = tape.multiply(tape.gatherRows(wide, turnIndex), columnVector: turnSigns)
    return tape.reshape(turned, shape.rows, shape.columns)
  }

  private func batch(of rows: Int, rowsPerSample: Int) -> Int {
    precondition(
      rows % rowsPerSample == 0,
      "\(rows) rows are no batch of functions with \(rowsPerSample) rows each (N = \(positions), "
        + "M = \(modes)); rows are position-major")
    return rows / rowsPerSample
  }
}

/// The matrices of a ``FourierBasis``, in Double, the same bits on any machine.
package struct FourierMatrices: Sendable {
  /// [2M, N] row-major.
  package let analysis: [Double]
  /// [N, 2M] row-major.
  package let synthesis: [Double]

  package init(positions n: Int, modes: Int) {
    precondition(modes <= n / 2 + 1, "\(n) points carry \(n / 2 + 1) modes, not \(modes)")
    let circle = (0..<n).map { PortableMath.cosineAndSine(turns: Double($0) / Double(n)) }
    var analysis = [Double](repeating: 0, count: 2 * modes * n)
    var synthesis = analysis
    for k in 0..<modes {
      let isReal = Self.isReal(mode: k, positions: n)
      let weight = isReal ? 1.0 : 2.0
      for position in 0..<n {
        let (cosine, sine) = circle[k * position % n]
        let imaginary = isReal ? 0 : sine
        analysis[2 * k * n + position] = cosine / Double(n)
        analysis[(2 * k + 1) * n + position] = -imaginary / Double(n)
        synthesis[position * 2 * modes + 2 * k] = weight * cosine
        synthesis[position * 2 * modes + 2 * k + 1] = -weight * imaginary
      }
    }
    self.analysis = analysis
    self.synthesis = synthesis
  }

  /// Whether a mode of real functions is real: the mean, and the highest mode of an even grid.
  package static func isReal(mode: Int, positions: Int) -> Bool {
    mode == 0 || 2 * mode == positions
  }
}
