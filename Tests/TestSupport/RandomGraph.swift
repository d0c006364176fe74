import Tensors

/// A random, bounded function of inputs and parameters; the same seed gives the same function on tapes
/// of any scalar, any number of shards and any division into segments.
package struct RandomGraph: Sendable {
  private static let widths = [1, 2, 3, 16]
  /// Rows of each value; 8 × 16 elements is what a vector of 16 takes up on eight shards, so that
  /// leaves and intermediate values compete for blocks of one size.
  private static let rows = 8

  package let seed: UInt64
  package let layout: ParameterLayout
  package let parameters: [Parameter]
  /// By [width]: two row vectors; by [rows][columns]: one matrix.
  private let vectors: [[Parameter]]
  private let matrices: [[Parameter]]

  package init(seed: UInt64) {
    self.seed = seed
    var layout = ParameterLayout()
    vectors = Self.widths.map { width in
      (0..<2).map { layout.add("v\(width).\($0)", shape: [width], .zeros) }
    }
    matrices = Self.widths.map { rows in
      Self.widths.map { layout.add("m\(rows)x\($0)", shape: [rows, $0], .zeros) }
    }
    self.layout = layout
    parameters = vectors.flatMap { $0 } + matrices.flatMap { $0 }
  }

  /// Records the graph.
  ///
  /// - Parameter cuts: chance of ending a segment after a step, and the seed of where.
  package func record<Scalar>(
    on tape: Tape<Scalar>, cuts: (chance: Double, seed: UInt64)
  ) -> Recording {
    var random = SampleRandom(seed: seed, purpose: .test, sample: 1)
    var cutting = SampleRandom(seed: cuts.seed, purpose: .test, sample: 2)
    let inputs = [3, 16].map { tape.input(Self.rows, $0) }
    var pool = inputs
    for _ in 0..<8 + random.integer(below: 16) {
      let x = pool[random.integer(below: pool.count)]
      let y = step(x, pool, tape, &random)
      pool.append(random.uniform() < 0.3 ? tape.tanh(y) : y)
      if cutting.uniform() < cuts.chance { tape.endSegment() }
    }
    var loss = tape.scale(tape.sum(tape.tanh(pool[pool.count - 1])), by: 0.1)
    for _ in 0..<3 {
      let value = pool[random.integer(below: pool.count)]
      loss = tape.add(loss, tape.scale(tape.sum(tape.square(tape.tanh(value))), by: 0.1))
    }
    return Recording(loss: loss, inputs: inputs, kept: [loss, pool[pool.count / 2]])
  }

  private func place(_ width: Int) -> Int { Self.widths.firstIndex(of: width)! }

  /// One to four operations on a value of the pool, with a bounded result of a width in the list.
  private func step<Scalar>(
    _ x: Value, _ pool: [Value], _ tape: Tape<Scalar>, _ random: inout SampleRandom
  ) -> Value {
    let t = tape
    let width = t.shape(of: x).columns
    let other = Self.widths[random.integer(below: Self.widths.count)]
    let peers = pool.filter { t.shape(of: $0) == t.shape(of: x) }
    let peer = peers[random.integer(below: peers.count)]
    let vector = t.value(of: vectors[place(width)][random.integer(below: 2)])
    let matrix = t.value(of: matrices[place(width)][place(other)])
    let square = t.value(of: matrices[place(width)][place(width)])
    switch random.integer(below: 26) {
    case 0: return t.sigmoid(x)
    case 1: return t.subtract(t.sin(x), t.cos(peer))
    case 2: return t.relu(t.add(x, constant: 0.1))
    case 3: return t.scale(t.softplus(x), by: -0.6)
    case 4: return t.scale(t.exp(t.tanh(x)), by: 0.5)
    case 5: return t.scale(t.add(x, peer), by: 0.7)
    case 6: return t.tanh(t.multiply(x, peer))
    case 7: return t.divide(x, t.add(t.square(t.tanh(peer)), constant: 1))
    case 8: return t.add(x, rowVector: vector)
    case 9: return t.multiply(x, rowVector: t.tanh(vector))
    case 10:
      return t.linear(
        x, weight: matrix, bias: t.value(of: vectors[place(other)][0]),
        activation: Activation.allCases[random.integer(below: 4)])
    case 11: return t.tanh(t.matmul(x, matrix))
    case 12:
      let wide = t.value(of: matrices[place(other)][place(width)])
      return t.tanh(t.matmul(x, wide, transposeB: true))
    case 13:
      let joined = t.concatenateColumns(x, peer)
      return t.columns(joined, width / 2..<width / 2 + width)
    case 14: return t.padColumns(t.columns(x, 0..<1), first: other - 1, columns: other)
    case 15: return t.permuteColumns(x, random.permutation(count: width))
    case 16: return t.tanh(t.add(peer, columnVector: t.rowLogSumExp(x)))
    case 17: return t.multiply(peer, columnVector: t.tanh(t.rowSquaredSums(x)))
    case 18: return t.broadcastRows(t.tanh(t.columnSums(x)), to: Self.rows)
    case 19: return t.broadcastColumns(t.tanh(t.rowSums(x)), to: other)
    case 20:
      guard width > 1 else { return t.squareRoot(t.add(t.square(t.tanh(x)), constant: 0.5)) }
      let c = max(1, width / 2)
      let inverted = random.uniform() < 0.5
      let first = random.uniform() < 0.5 ? 0 : width - c
      let target = 2 * c
      let raw =
        target == width
        ? t.matmul(peer, square) : t.columns(t.concatenateColumns(peer, x), 0..<target)
      let (y, logDet) = t.coupling(x, raw: raw, first: first, bound: 1.2, inverted: inverted)
      return t.add(t.tanh(y), columnVector: t.scale(logDet, by: 0.1))
    case 21:
      return t.tanh(
        t.triangularSolve(
          t.tanh(x), t.scale(square, by: 0.2), upper: random.uniform() < 0.5,
          transposed: random.uniform() < 0.5, unitDiagonal: true))
    case 22:
      let pair = vectors[place(width)].map { t.value(of: $0) }
      return t.add(t.stopGradient(x), rowVector: t.add(pair[0], pair[1]))
    case 23:
      // Outer products of the rows, one block a row.
      let blocks = t.batchedMatmul(t.tanh(x), peer, groups: Self.rows, transposeA: true)
      return t.tanh(t.batchedMatmul(peer, blocks, groups: Self.rows))
    case 24:
      let index = (0..<Self.rows).map { _ in random.integer(below: Self.rows + 1) - 1 }
      return t.add(t.gatherRows(x, index), t.tanh(t.scatterRows(peer, index, rows: Self.rows)))
    default:
      let rounded = t.reshape(t.transpose(x), Self.rows, width)
      return t.add(t.multiply(rounded, t.isPositive(peer)), constant: -0.2)
    }
  }
}
