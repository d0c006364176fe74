import TestSupport
import Tensors
import Testing

@Suite("Blocks of rows")
struct BlockTests {
  /// Shapes that different loops and libraries multiply.
  @Test(
    "Products of blocks are products of the parts",
    arguments: [(1, 16, 16), (2, 3, 5), (20, 24, 16), (20, 32, 16), (9, 70, 33), (64, 64, 128)])
  func products(m: Int, n: Int, k: Int) {
    for transposes in 0..<4 {
      let (ta, tb) = (transposes & 1 != 0, transposes & 2 != 0)
      let tape = Tape<Double>(shardCount: 1)
      func input(_ shape: Shape, _ purpose: UInt64) -> Value {
        var random = SampleRandom(seed: 3, purpose: .test, sample: purpose)
        return tape.constant(
          shape.rows, shape.columns, (0..<shape.count).map { _ in random.normal() })
      }
      let (a, b) = (
        input(ta ? Shape(3 * k, m) : Shape(3 * m, k), 1),
        input(tb ? Shape(3 * n, k) : Shape(3 * k, n), 2)
      )
      let y = tape.keep(tape.batchedMatmul(a, b, groups: 3, transposeA: ta, transposeB: tb))
      let parts = (0..<3).map { g in
        func block(_ x: Value) -> Value {
          let rows = tape.shape(of: x).rows / 3
          return tape.gatherRows(x, Array(g * rows..<(g + 1) * rows))
        }
        return tape.keep(tape.matmul(block(a), block(b), transposeA: ta, transposeB: tb))
      }
      tape.run()
      let expected = parts.flatMap { tape.elements(of: $0) }
      let deviation = zip(tape.elements(of: y), expected).map { abs($0 - $1) }.max() ?? .infinity
      #expect(deviation < 1e-12, "transposed \(ta), \(tb)")
    }
  }

  @Test(
    "Products of groups are products of the parts",
    arguments: [(1, 16, 16), (2, 3, 5), (20, 64, 64), (9, 70, 33)])
  func groups(rows: Int, n: Int, k: Int) {
    let tape = Tape<Double>(shardCount: 1)
    let counts = [rows, 3 * rows, 2 * rows + 1]
    func input(_ shape: Shape, _ purpose: UInt64) -> Value {
      var random = SampleRandom(seed: 3, purpose: .test, sample: purpose)
      return tape.constant(
        shape.rows, shape.columns, (0..<shape.count).map { _ in random.normal() })
    }
    let a = input(Shape(6 * rows + 1, k), 1)
    let b = input(Shape(3 * k, n), 2)
    let y = tape.keep(tape.groupedMatmul(a, b, rowCounts: counts))
    var first = 0
    let parts = counts.enumerated().map { group, count in
      defer { first += count }
      return tape.keep(
        tape.matmul(
          tape.gatherRows(a, Array(first..<first + count)),
          tape.gatherRows(b, Array(group * k..<(group + 1) * k))))
    }
    tape.run()
    let expected = parts.flatMap { tape.elements(of: $0) }
    let deviation = zip(tape.elements(of: y), expected).map { abs($0 - $1) }.max() ?? .infinity
    #expect(deviation < 1e-12)
  }

  @Test("Solutions solve, with rows that must be exchanged", arguments: [1, 2, 7, 24])
  func solutions(size: Int) {
    let tape = Tape<Double>(shardCount: 1)
    var random = SampleRandom(seed: 5, purpose: .test, sample: UInt64(size))
    // Small diagonals: elimination without exchanges would lose digits.
    let matrix = tape.constant(
      2 * size, size,
      (0..<2 * size * size).map {
        $0 / size % size == $0 % size && size > 1 ? 1e-9 : random.normal()
      })
    let right = tape.constant(6, size, (0..<6 * size).map { _ in random.normal() })
    for transposed in [false, true] {
      let x = tape.batchedSolve(right, matrix, groups: 2, transposed: transposed)
      let residual = tape.keep(
        tape.subtract(
          tape.batchedMatmul(x, matrix, groups: 2, transposeB: transposed), right))
      tape.run()
      #expect(tape.elements(of: residual).allSatisfy { abs($0) < 1e-10 })
    }
  }

  @Test("Gathering and scattering are adjoint; −1 is nowhere")
  func adjoint() {
    let tape = Tape<Double>(shardCount: 1)
    let index = [3, -1, 0, 3, 1]
    let x = tape.constant(4, 1, [1, 10, 100, 1000])
    let y = tape.constant(5, 1, [1, 2, 3, 4, 5])
    let gathered = tape.keep(tape.gatherRows(x, index))
    let scattered = tape.keep(tape.scatterRows(y, index, rows: 4))
    tape.run()
    #expect(tape.elements(of: gathered) == [1000, 0, 1, 1000, 10])
    #expect(tape.elements(of: scattered) == [3, 5, 0, 5])
  }
}
