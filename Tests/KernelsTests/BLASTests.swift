import BLAS
import Testing

struct BLASTests {
  private func matrix<Scalar: BinaryFloatingPoint>(
    _ count: Int, _ generator: inout TestGenerator
  ) -> Buffer<Scalar> {
    Buffer(generator.numbers(count, as: Scalar.self))
  }

  private func checkProducts<Scalar: BLASScalar & BinaryFloatingPoint>(
    _ type: Scalar.Type, tolerance: Double
  ) {
    var generator = TestGenerator(seed: 8)
    for (m, n, k) in [(1, 1, 1), (3, 5, 2), (17, 4, 33), (2, 3, 0), (0, 3, 2), (3, 0, 2)] {
      for (transposeA, transposeB) in [(false, false), (true, false), (false, true), (true, true)] {
        let lda = (transposeA ? m : k) + 2
        let ldb = (transposeB ? k : n) + 1
        let ldc = n + 3
        let a: Buffer<Scalar> = matrix(lda * max(m, k), &generator)
        let b: Buffer<Scalar> = matrix(ldb * max(n, k), &generator)
        let c: Buffer<Scalar> = matrix(ldc * m, &generator)
        let before = c.values
        Scalar.gemm(
          transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k, alpha: 0.5,
          a: a.input, lda: lda, b: b.input, ldb: ldb, beta: -2, c: c.output, ldc: ldc)
        for i in 0..<m {
          for j in 0..<ldc {
            var expected = Double(before[i * ldc + j])
            if j < n {
              var sum = 0.0
              for l in 0..<k {
                let left = a.values[transposeA ? l * lda + i : i * lda + l]
                let right = b.values[transposeB ? j * ldb + l : l * ldb + j]
                sum += Double(left) * Double(right)
              }
              expected = 0.5 * sum - 2 * expected
            }
            #expect(abs(Double(c.values[i * ldc + j]) - expected) < tolerance)
          }
        }
      }
    }
  }

  @Test("matrix products agree with plain loops, for each transposition and stride")
  func products() {
    checkProducts(Float.self, tolerance: 2e-5)
    checkProducts(Double.self, tolerance: 1e-13)
  }

  @Test("with beta = 0 the result is not read")
  func ignoresResult() {
    let a = Buffer<Float>([1, 2])
    let c = Buffer<Float>([.nan])
    Float.gemm(
      transposeA: false, transposeB: true, m: 1, n: 1, k: 2, alpha: 1, a: a.input, lda: 2,
      b: a.input, ldb: 2, beta: 0, c: c.output, ldc: 1)
    #expect(c.values == [5])
  }

  /// Solves, then multiplies the solution by the triangle again.
  private func checkSystems<Scalar: BLASScalar & BinaryFloatingPoint>(
    _ type: Scalar.Type, tolerance: Double
  ) {
    var generator = TestGenerator(seed: 9)
    let (m, n) = (5, 7)
    for side in [BLASSide.left, .right] {
      for triangle in [BLASTriangle.lower, .upper] {
        for (isTransposed, hasUnitDiagonal) in [
          (false, false), (true, false), (false, true), (true, true),
        ] {
          let order = side == .left ? m : n
          let (lda, ldb) = (order + 1, n + 2)
          // The other triangle holds NaN, which must not be read.
          let a = Buffer<Scalar>(order * lda) { index in
            let (i, j) = (index / lda, index % lda)
            if i == j { return hasUnitDiagonal ? .nan : 2 }
            return j < order && (triangle == .lower ? i > j : i < j)
              ? Scalar(generator.uniform(-0.5...0.5)) : .nan
          }
          let b: Buffer<Scalar> = matrix(m * ldb, &generator)
          let right = b.values
          Scalar.trsm(
            side: side, triangle: triangle, transposeA: isTransposed,
            unitDiagonal: hasUnitDiagonal, m: m, n: n, alpha: 3, a: a.input, lda: lda,
            b: b.output, ldb: ldb)
          func element(_ row: Int, _ column: Int) -> Double {
            let (i, j) = isTransposed ? (column, row) : (row, column)
            if i == j { return hasUnitDiagonal ? 1 : 2 }
            return (triangle == .lower) == (i > j) ? Double(a.values[i * lda + j]) : 0
          }
          for i in 0..<m {
            for j in 0..<ldb {
              let index = i * ldb + j
              guard j < n else {
                #expect(b.values[index] == right[index])
                continue
              }
              let product = (0..<order).reduce(0.0) { sum, l in
                sum
                  + (side == .left
                    ? element(i, l) * Double(b.values[l * ldb + j])
                    : Double(b.values[i * ldb + l]) * element(l, j))
              }
              #expect(abs(product - 3 * Double(right[index])) < tolerance)
            }
          }
        }
      }
    }
  }

  @Test("triangular systems are solved from each side, triangle and transposition")
  func systems() {
    checkSystems(Float.self, tolerance: 2e-5)
    checkSystems(Double.self, tolerance: 1e-13)
  }

  @Test("the library says what it is and takes the number of threads")
  func library() {
    BLASLibrary.setThreads(1)
    #expect(BLASLibrary.threadCount == 1)
    #expect(!BLASLibrary.coreName.isEmpty)
    #expect(BLASLibrary.configuration.contains("OpenBLAS"))
    #expect(BLASLibrary.version.contains("."))
  }
}
