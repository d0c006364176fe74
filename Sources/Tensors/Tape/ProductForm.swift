import BLAS

// Which of several equal ways a matrix product is computed. The rules look at shapes and at the core
// type of OpenBLAS only, both of which decide bits anyway, because each way may round differently. The
// numbers are those of OpenBLAS 0.3.21; `portolan benchmark` shows what they are worth.

enum ProductForm {
  /// Largest m · n · k for which OpenBLAS multiplies without packing its operands.
  static let smallProduct = 1_000_000
  /// Fewest rows of a block.
  static let leastRows = 32
  /// Widest matrix whose products are cheaper in loops of ours.
  static let narrow = 4
  /// Most terms of a sum for which "add onto" and "compute, then add" are known to be one rounding.
  static let pairedTerms = 256

  /// Whether a product is computed by our own kernel: its right factor stays in the first-level cache,
  /// column panel by column panel.
  ///
  /// Not on cores for which OpenBLAS has products without packing, which are faster still (W1: 1.12
  /// against 1.16 of its matrix products on Cooperlake); elsewhere ours are (0.99 against 1.24, Haswell).
  static func isOurs(n: Int, k: Int) -> Bool {
    !libraryHasSmallProducts && n % 16 == 0 && n <= 256 && k <= 128
  }

  private static let libraryHasSmallProducts =
    ["skylakex", "cooperlake", "sapphirerapids"].contains(BLASLibrary.coreName.lowercased())

  /// Which extent of a product op(A) · op(B) is narrow.
  enum Narrow {
    /// Few terms: A · B, k.
    case terms
    /// Few columns: A · Bᵀ, n.
    case dots
    /// Few rows: Aᵀ · B, m; few columns: Aᵀ · B, n.
    case gradient, transposedGradient
  }

  /// The loop for a product [m, k] · [k, n] with a narrow extent; nil for all others.
  static func narrow(transposesA: Bool, transposesB: Bool, m: Int, n: Int, k: Int) -> Narrow? {
    switch (transposesA, transposesB) {
    case (false, false): k <= narrow && n > narrow ? .terms : nil
    case (false, true): n <= narrow && k > narrow ? .dots : nil
    case (true, false):
      m <= narrow && n > narrow ? .gradient : n <= narrow && m > narrow ? .transposedGradient : nil
    case (true, true): nil
    }
  }

  /// Rows of a block of op(A) such that each block is a small product; all of them where none is.
  static func rowBlock(m: Int, n: Int, k: Int, leastRows: Int = Self.leastRows) -> Int {
    var rows = m
    while rows * n * k > smallProduct {
      guard rows % 2 == 0, rows / 2 >= leastRows else { return m }
      rows /= 2
    }
    return rows
  }

  /// Whether A · Bᵀ is computed with a transposed copy of B: small products are fast only with B as
  /// it lies.
  static func copiesTransposed(m: Int, n: Int, k: Int) -> Bool {
    n > narrow && rowBlock(m: m, n: n, k: k) * n * k <= smallProduct
  }
}

extension TensorScalar {
  /// C (+)= op(A) · op(B), in the form that the shape asks for.
  @inline(__always)
  static func product(
    transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int, a: UnsafePointer<Self>, lda: Int,
    b: UnsafePointer<Self>, ldb: Int, accumulates: Bool, c: UnsafeMutablePointer<Self>, ldc: Int
  ) {
    let block = ProductForm.rowBlock(m: m, n: n, k: k)
    var row = 0
    while row < m {
      gemm(
        transposeA: transposeA, transposeB: transposeB, m: min(block, m - row), n: n, k: k,
        alpha: 1, a: a + (transposeA ? row : row * lda), lda: lda, b: b, ldb: ldb,
        beta: accumulates ? 1 : 0, c: c + row * ldc, ldc: ldc)
      row += block
    }
  }
}

extension Tape {
  /// A · Bᵀ, B the same on all shards: with a transposed copy of B, made once a run, where that is
  /// faster.
  func productWithTransposed(_ a: Value, _ b: Value) -> Value {
    let (sa, sb) = (shape(of: a), shape(of: b))
    return slots[Int(b.index)].isCommon
      && ProductForm.copiesTransposed(m: sa.rows, n: sb.rows, k: sb.columns)
      ? matmul(a, transpose(b)) : matmul(a, b, transposeB: true)
  }
}
