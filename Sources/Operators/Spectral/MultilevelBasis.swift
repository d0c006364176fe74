import Tensors

/// The lowest M Fourier modes of functions on several grids at once, the levels of a multiresolution
/// analysis.
///
/// A function on all levels is [ΣN·B, C], level after level, each position-major. The modes of all
/// levels lie side by side, mode after mode, so that an operator with one weight a mode and the same
/// on all levels is one product a mode for all of them. Complex modes and real ones, the mean and the
/// highest of an even grid, are kept apart: real ones take a quarter of the products, and stay real.
package struct MultilevelBasis: Sendable {
  /// N of each level.
  package let levels: [Int]
  /// The modes that some level has with an imaginary part, ascending, and where their rows lie.
  let complexModes: [Mode]
  /// The modes that some level has as a real one.
  let realModes: [Mode]
  /// Consecutive levels that one product transforms.
  private let parts: [Part]
  /// Real numbers of all modes of a function.
  private let rowCount: Int

  /// A mode, and the row of its real part on each level that has it; the imaginary part follows.
  struct Mode: Sendable {
    let mode: Int
    var rows: [Int] = []
  }

  private struct Part: Sendable {
    /// Positions of its levels together.
    let positions: Int
    /// Rows of its levels together.
    let rows: Int
    /// [rows, positions] and back.
    let analysis: Value
    let synthesis: Value
  }

  /// Most positions of a part of several levels: below, a product of a block-diagonal matrix is
  /// cheaper than one product a level.
  private static let jointPositions = 32

  /// - Parameters:
  ///   - levels: positions of each grid.
  ///   - modes: wanted modes; more than a grid carries are left out on it.
  package init<Scalar>(levels: [Int], modes: Int, on tape: Tape<Scalar>) {
    precondition(
      !levels.isEmpty && levels.allSatisfy { $0 >= 1 } && modes >= 1,
      "a multilevel basis needs levels and modes, got \(levels) and \(modes)")
    self.levels = levels
    var complexModes: [Int: Mode] = [:]
    var realModes: [Int: Mode] = [:]
    var parts: [Part] = []
    var row = 0
    for group in Self.jointLevels(levels) {
      var blocks: [LevelMatrices] = []
      for positions in group {
        let block = LevelMatrices(positions: positions, modes: modes)
        for (mode, offset) in block.rowOfMode.enumerated() {
          if FourierMatrices.isReal(mode: mode, positions: positions) {
            realModes[mode, default: Mode(mode: mode)].rows.append(row + offset)
          } else {
            complexModes[mode, default: Mode(mode: mode)].rows.append(row + offset)
          }
        }
        row += block.rows
        blocks.append(block)
      }
      let (rows, positions) = (
        blocks.reduce(0) { $0 + $1.rows }, blocks.reduce(0) { $0 + $1.positions }
      )
      var analysis = [Scalar](repeating: 0, count: rows * positions)
      var synthesis = analysis
      var (firstRow, first) = (0, 0)
      for block in blocks {
        for r in 0..<block.rows {
          for n in 0..<block.positions {
            analysis[(firstRow + r) * positions + first + n] = Scalar(
              block.analysis[r * block.positions + n])
            synthesis[(first + n) * rows + firstRow + r] = Scalar(
              block.synthesis[n * block.rows + r])
          }
        }
        firstRow += block.rows
        first += block.positions
      }
      parts.append(
        Part(
          positions: positions, rows: rows, analysis: tape.constant(rows, positions, analysis),
          synthesis: tape.constant(positions, rows, synthesis)))
    }
    self.complexModes = complexModes.values.sorted { $0.mode < $1.mode }
    self.realModes = realModes.values.sorted { $0.mode < $1.mode }
    self.parts = parts
    rowCount = row
  }

  /// Levels that are transformed together: from the first on, as long as they are few positions.
  private static func jointLevels(_ levels: [Int]) -> [[Int]] {
    var groups: [[Int]] = []
    for positions in levels {
      if let last = groups.last, last.reduce(0, +) + positions <= jointPositions {
        groups[groups.count - 1].append(positions)
      } else {
        groups.append([positions])
      }
    }
    return groups
  }

  /// ΣN.
  package var positions: Int { levels.reduce(0, +) }

  // MARK: - Transforms

  /// [ΣN·B, C] → mode values.
  package func transform<Scalar>(_ x: Value, on tape: Tape<Scalar>) -> MultilevelModes {
    let shape = tape.shape(of: x)
    let (batch, channels) = (Grid.batch(rows: shape.rows, positions: positions), shape.columns)
    let width = batch * channels
    let flat = parts.count == 1 ? x : tape.reshape(x, 1, shape.count)
    var first = 0
    let images = parts.map { part -> Value in
      let range = first * width..<(first + part.positions) * width
      first += part.positions
      let wide = tape.reshape(
        parts.count == 1 ? flat : tape.columns(flat, range), part.positions, width)
      return tape.reshape(tape.matmul(part.analysis, wide), 1, part.rows * width)
    }
    let table = tape.reshape(
      tape.concatenatedFromTheLast(images), rowCount * batch, channels)
    let complex = complexIndex(batch: batch)
    return MultilevelModes(
      complex: complex.isEmpty
        ? nil
        : tape.reshape(tape.gatherRows(table, complex), complex.count / 2, 2 * channels),
      real: tape.gatherRows(table, realIndex(batch: batch)), batch: batch)
  }

  /// Mode values → [ΣN·B, C].
  package func synthesize<Scalar>(_ x: MultilevelModes, on tape: Tape<Scalar>) -> Value {
    let batch = x.batch
    let channels = tape.shape(of: x.real).columns
    // Where each row of the table lies among the complex parts, then the real modes.
    let order = complexIndex(batch: batch) + realIndex(batch: batch)
    var place = [Int](repeating: 0, count: order.count)
    for (index, row) in order.enumerated() { place[row] = index }
    func flat(_ x: Value) -> Value { tape.reshape(x, 1, tape.shape(of: x).count) }
    let values = x.complex.map { tape.concatenateColumns(flat($0), flat(x.real)) } ?? x.real
    let table = tape.gatherRows(tape.reshape(values, order.count, channels), place)
    let width = batch * channels
    let row = parts.count == 1 ? table : flat(table)
    var first = 0
    let images = parts.map { part -> Value in
      let range = first * width..<(first + part.rows) * width
      first += part.rows
      let wide = tape.reshape(
        parts.count == 1 ? row : tape.columns(row, range), part.rows, width)
      return tape.reshape(tape.matmul(part.synthesis, wide), 1, part.positions * width)
    }
    return tape.reshape(tape.concatenatedFromTheLast(images), positions * batch, channels)
  }

  // MARK: - Rows

  /// Rows of the complex modes in the table of all, real and imaginary part of a sample in turn.
  private func complexIndex(batch: Int) -> [Int] {
    var index: [Int] = []
    for row in complexModes.flatMap(\.rows) {
      for sample in 0..<batch { index += [row * batch + sample, (row + 1) * batch + sample] }
    }
    return index
  }

  private func realIndex(batch: Int) -> [Int] {
    var index: [Int] = []
    for row in realModes.flatMap(\.rows) { index += row * batch..<(row + 1) * batch }
    return index
  }
}

/// What a ``MultilevelBasis`` makes of a function.
package struct MultilevelModes: Sendable {
  /// Rows (mode, level, sample) of [Re x̂, Im x̂], [·, 2C]; nil where all modes are real.
  package let complex: Value?
  /// Rows (mode, level, sample), [·, C].
  package let real: Value
  /// B.
  package let batch: Int

  /// x + y.
  package func adding<Scalar>(_ other: MultilevelModes, on tape: Tape<Scalar>) -> MultilevelModes {
    let sum = complex.flatMap { a in other.complex.map { tape.add(a, $0) } }
    return MultilevelModes(complex: sum, real: tape.add(real, other.real), batch: batch)
  }

  /// factor · x.
  package func scaled<Scalar>(by factor: Double, on tape: Tape<Scalar>) -> MultilevelModes {
    if factor == 1 { return self }
    return MultilevelModes(
      complex: complex.map { tape.scale($0, by: factor) }, real: tape.scale(real, by: factor),
      batch: batch)
  }
}

/// The matrices of one level, without rows of what is zero: a real mode has one row.
private struct LevelMatrices {
  let positions: Int
  let rows: Int
  /// The first row of each mode.
  let rowOfMode: [Int]
  /// [rows, N] and [N, rows].
  let analysis: [Double]
  let synthesis: [Double]

  init(positions: Int, modes: Int) {
    let kept = min(modes, positions / 2 + 1)
    let matrices = FourierMatrices(positions: positions, modes: kept)
    var rowOfMode: [Int] = []
    var sources: [Int] = []
    for mode in 0..<kept {
      rowOfMode.append(sources.count)
      sources.append(2 * mode)
      if !FourierMatrices.isReal(mode: mode, positions: positions) { sources.append(2 * mode + 1) }
    }
    self.positions = positions
    self.rowOfMode = rowOfMode
    rows = sources.count
    analysis = sources.flatMap { row in
      matrices.analysis[row * positions..<(row + 1) * positions]
    }
    synthesis = (0..<positions).flatMap { position -> [Double] in
      let row = position * 2 * kept
      return sources.map { matrices.synthesis[row + $0] }
    }
  }
}

extension Tape {
  /// Rows [1, n] one after the other; from the last on, because the first are the longest.
  func concatenatedFromTheLast(_ rows: [Value]) -> Value {
    rows.dropLast().reversed().reduce(rows[rows.count - 1]) { concatenateColumns($1, $0) }
  }
}
