import BLAS
import KernelInterface

extension Machine {
  /// Most m · n · k of a block for which a library call costs more than loops.
  private static var smallBlock: Int { 4096 }

  /// a: [G·R, K], b: [G·K, N] → y: [G·R, N]; each block in the form that its shape asks for.
  func batchedMatmul(
    _ record: Record, _ x: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>
  ) {
    let form = BlockForm(code: record.first)
    let (a, c) = (slots[Int(record.a)], slots[Int(record.y)])
    let (m, n) = (c.rows / form.groups, c.columns)
    let k = form.transposeA ? a.rows / form.groups : a.columns
    blockProducts(form, m, n, k, x, UnsafePointer(pointer(record.b)), y)
  }

  /// a: [ΣR, K], b: [G·K, N] → y: [ΣR, N], and the other forms; see ``GroupForm``.
  func groupedMatmul(
    _ record: Record, _ x: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>
  ) {
    let (form, counts) = tape.groupCounts(at: integers + record.first)
    let (b, c) = (slots[Int(record.b)], slots[Int(record.y)])
    let inputs = slots[Int(record.a)].columns
    let block = BlockForm(
      groups: 1, transposeA: form == .transposedProduct,
      transposeB: form == .productWithTransposed)
    var (left, right, to) = (x, UnsafePointer(pointer(record.b)), y)
    for count in counts {
      let rows = Int(count)
      let isSum = form == .transposedProduct
      blockProducts(
        block, isSum ? inputs : rows, c.columns, isSum ? rows : inputs, left, right, to)
      left += rows * inputs
      right += isSum ? rows * b.columns : b.rows / counts.count * b.columns
      to += (isSum ? inputs : rows) * c.columns
    }
  }

  /// op(A_g) · op(B_g) [m, n] with k terms, for blocks that lie end to end.
  private func blockProducts(
    _ form: BlockForm, _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Scalar>,
    _ b: UnsafePointer<Scalar>, _ c: UnsafeMutablePointer<Scalar>
  ) {
    let (lda, ldb) = (form.transposeA ? m : k, form.transposeB ? k : n)
    if m * n * k <= Self.smallBlock || (m == 1 && !form.transposeB) {
      kernels.blockProduct(form.groups, m, n, k, form.transposeA, form.transposeB, a, b, c)
      return
    }
    for group in 0..<form.groups {
      let (left, right, to) = (a + group * m * k, b + group * k * n, c + group * m * n)
      if !form.transposeB, ProductForm.isOurs(n: n, k: k) {
        kernels.smallProduct(
          m, n, k,
          StridedMatrix(
            left, rowStride: form.transposeA ? 1 : lda, termStride: form.transposeA ? lda : 1),
          right, ldb, ProductEnding(accumulates: false), to, n)
      } else {
        Scalar.product(
          transposeA: form.transposeA, transposeB: form.transposeB, m: m, n: n, k: k, a: left,
          lda: lda, b: right, ldb: ldb, accumulates: false, c: to, ldc: n)
      }
    }
  }

  /// a: [·, C] → y: [rows, C], rows of a by index.
  func gatherRows(
    _ record: Record, _ x: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>, columns: Int,
    rows: Int
  ) {
    let index = integers + record.first
    for row in 0..<rows {
      if index[row] < 0 {
        (y + row * columns).update(repeating: 0, count: columns)
      } else {
        (y + row * columns).update(from: x + Int(index[row]) * columns, count: columns)
      }
    }
  }

  /// a: [rows, C] → y: [targets, C], each row of a added to the row of its index.
  func scatterRows(
    _ record: Record, _ x: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>, rows: Int,
    columns: Int, targets: Int
  ) {
    let index = integers + record.first
    y.update(repeating: 0, count: targets * columns)
    for row in 0..<rows where index[row] >= 0 {
      let target = y + Int(index[row]) * columns
      kernels.add(columns, target, x + row * columns, target)
    }
  }

  /// a: B [G·R, D], b: M [G·D, D] → y: X with X_g · op(M_g) = B_g.
  func batchedSolve(_ record: Record, _ x: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>)
  {
    let form = BlockForm(code: record.first)
    let (size, rows) = (slots[Int(record.a)].columns, slots[Int(record.a)].rows / form.groups)
    let matrices = UnsafePointer(pointer(record.b))
    if x != UnsafePointer(y) { y.update(from: x, count: form.groups * rows * size) }
    withUnsafeTemporaryAllocation(of: Scalar.self, capacity: size * size) { memory in
      withUnsafeTemporaryAllocation(of: Int.self, capacity: size) { pivots in
        guard let lu = memory.baseAddress, let pivot = pivots.baseAddress else { return }
        for group in 0..<form.groups {
          // X · op(M) = B is op(M)ᵀ · xᵀ = bᵀ for each row; op(M)ᵀ is what is eliminated.
          let matrix = matrices + group * size * size
          if form.transposeB {
            lu.initialize(from: matrix, count: size * size)
          } else {
            kernels.transpose(size, size, matrix, lu)
          }
          factorise(lu, pivot, size)
          let block = y + group * rows * size
          for row in 0..<rows { substitute(lu, pivot, size, block + row * size) }
        }
      }
    }
  }

  /// L · U of a matrix with rows exchanged, in its place; row `pivot[c]` came to c in step c.
  private func factorise(
    _ lu: UnsafeMutablePointer<Scalar>, _ pivot: UnsafeMutablePointer<Int>, _ size: Int
  ) {
    for column in 0..<size {
      var best = column
      for row in column..<size
      where lu[row * size + column].magnitude > lu[best * size + column].magnitude { best = row }
      pivot.advanced(by: column).initialize(to: best)
      if best != column {
        for j in 0..<size { swap(&lu[best * size + j], &lu[column * size + j]) }
      }
      let rest = size - column - 1
      if rest == 0 { continue }
      let factor = 1 / lu[column * size + column]
      for row in column + 1..<size {
        let multiplier = lu[row * size + column] * factor
        lu[row * size + column] = multiplier
        kernels.addScaled(
          rest, lu + column * size + column + 1, -multiplier, lu + row * size + column + 1)
      }
    }
  }

  /// Replaces the right side v by the solution.
  private func substitute(
    _ lu: UnsafePointer<Scalar>, _ pivot: UnsafePointer<Int>, _ size: Int,
    _ v: UnsafeMutablePointer<Scalar>
  ) {
    for row in 0..<size where pivot[row] != row { swap(&v[row], &v[pivot[row]]) }
    for row in 1..<max(1, size) {
      var sum = v[row]
      for j in 0..<row { sum -= lu[row * size + j] * v[j] }
      v[row] = sum
    }
    for row in stride(from: size - 1, through: 0, by: -1) {
      var sum = v[row]
      for j in row + 1..<max(row + 1, size) { sum -= lu[row * size + j] * v[j] }
      v[row] = sum / lu[row * size + row]
    }
  }
}
