import BLAS
import KernelInterface

extension Machine {
  /// C = op(A) · op(B) + β · C.
  ///
  /// Rows of C are cut into halves until a product is small, but not below 16 rows. The rule reads
  /// shapes alone, because it decides bits.
  @inline(__always)
  func product(
    transposeA: Bool = false, transposeB: Bool = false, _ m: Int, _ n: Int, _ k: Int,
    _ a: UnsafePointer<Scalar>, _ lda: Int, _ b: UnsafePointer<Scalar>, _ ldb: Int, beta: Scalar,
    _ c: UnsafeMutablePointer<Scalar>, _ ldc: Int
  ) {
    let block = transposeB ? m : ProductForm.rowBlock(m: m, n: n, k: k, leastRows: 16)
    for row in stride(from: 0, to: m, by: max(1, block)) {
      Scalar.gemm(
        transposeA: transposeA, transposeB: transposeB, m: block, n: n, k: k, alpha: 1,
        a: a + (transposeA ? row : row * lda), lda: lda, b: b, ldb: ldb, beta: beta,
        c: c + row * ldc, ldc: ldc)
    }
  }

  /// a: x [R, I], b: packed W, c: bias or none → y: φ(x · W + b) [R, O].
  func staircaseLinear(_ record: Record, rows: Int) {
    let (x, w, y) = (pointer(record.a), pointer(record.b), pointer(record.y))
    withStaircase(record) { pattern in
      let columns = pattern.outputs
      for index in 0..<pattern.groupCount {
        let group = pattern.group(index)
        product(
          rows, group.width, group.reads, x, pattern.inputs, w + group.offset, group.stride,
          beta: 0, y + group.first, columns)
      }
      guard record.c >= 0 else { return }
      let bias = UnsafePointer(pointer(record.c))
      switch pattern.activation {
      case 1: kernels.biasRelu(rows, columns, y, columns, bias, y, columns)
      case 2: kernels.biasTanh(rows, columns, y, columns, bias, y, columns)
      case 3: kernels.biasSigmoid(rows, columns, y, columns, bias, y, columns)
      default: kernels.biasIdentity(rows, columns, y, columns, bias, y, columns)
      }
    }
  }

  /// a: d [R, O], b: packed W, c: its transposed blocks or none → y: d · Wᵀ [R, I].
  ///
  /// The first group reads most inputs and writes, the others add.
  func staircaseInputGradient(_ record: Record, rows: Int) {
    let (d, w, y) = (pointer(record.a), pointer(record.b), pointer(record.y))
    withStaircase(record) { pattern in
      let columns = pattern.inputs
      let written = pattern.group(0).reads
      if written < columns {
        for row in 0..<rows {
          (y + row * columns + written).update(repeating: 0, count: columns - written)
        }
      }
      for index in 0..<pattern.groupCount {
        let group = pattern.group(index)
        if group.reads == 0 { break }
        if record.c >= 0 {
          product(
            rows, group.reads, group.width, d + group.first, pattern.outputs,
            pointer(record.c) + group.offset, group.reads, beta: index == 0 ? 0 : 1, y, columns)
        } else {
          product(
            transposeB: true, rows, group.reads, group.width, d + group.first, pattern.outputs,
            w + group.offset, group.stride, beta: index == 0 ? 0 : 1, y, columns)
        }
      }
    }
  }

  /// a: x [R, I], b: d [R, O] → y: xᵀ · d inside the pattern, packed.
  func staircaseWeightGradient(_ record: Record, rows: Int) {
    let (x, d) = (pointer(record.a), pointer(record.b))
    let (y, accumulates) = leafPointer(record.y)
    withStaircase(record) { pattern in
      if !pattern.isWhole { y.update(repeating: 0, count: pattern.count) }
      for index in 0..<pattern.groupCount {
        let group = pattern.group(index)
        product(
          transposeA: true, group.reads, group.width, rows, x, pattern.inputs, d + group.first,
          pattern.outputs, beta: accumulates ? 1 : 0, y + group.offset, group.stride)
      }
      if !pattern.isExact { mask(y, pattern) }
    }
  }

  /// a: packed W → y: the same with zeros outside of the pattern.
  func staircaseMask(_ record: Record) {
    let (w, y) = (pointer(record.a), pointer(record.y))
    withStaircase(record) { pattern in
      if w != y { y.update(from: w, count: pattern.count) }
      mask(y, pattern)
    }
  }

  /// a: packed W → y: each block transposed, [w_g, n_g], at the same place.
  func staircaseTranspose(_ record: Record) {
    let (w, y) = (pointer(record.a), pointer(record.y))
    withStaircase(record) { pattern in
      for index in 0..<pattern.groupCount {
        let group = pattern.group(index)
        kernels.transpose(group.reads, group.width, w + group.offset, y + group.offset)
      }
    }
  }

  /// Where limits ascend, the entries outside of the pattern are the first ones of a row.
  private func mask(_ w: UnsafeMutablePointer<Scalar>, _ pattern: EncodedStaircase) {
    for index in 0..<pattern.groupCount {
      let group = pattern.group(index)
      let block = w + group.offset
      var column = 0
      while column < group.width {
        let flight = column
        var lowest = pattern.limit(group.first + column)
        repeat {
          column += 1
        } while column < group.width
          && pattern.limit(group.first + column) >= pattern.limit(group.first + column - 1)
        var end = flight
        while lowest < group.reads {
          while end < column, pattern.limit(group.first + end) <= lowest { end += 1 }
          // Rows up to the next limit have the same forbidden columns.
          let next = end < column ? pattern.limit(group.first + end) : group.reads
          for row in lowest..<next {
            (block + row * group.stride + flight).update(repeating: 0, count: end - flight)
          }
          lowest = next
        }
      }
    }
  }

  @inline(__always)
  private func withStaircase(_ record: Record, _ body: (EncodedStaircase) -> Void) {
    body(EncodedStaircase(integers + record.first))
  }
}
