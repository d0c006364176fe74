import COpenBLAS

extension Float: BLASScalar {
  @inlinable
  package static func gemm(
    transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int, alpha: Float,
    a: UnsafePointer<Float>, lda: Int, b: UnsafePointer<Float>, ldb: Int, beta: Float,
    c: UnsafeMutablePointer<Float>, ldc: Int
  ) {
    guard m > 0, n > 0 else { return }
    cblas_sgemm(
      CblasRowMajor, transposition(transposeA), transposition(transposeB), blasint(m), blasint(n),
      blasint(k), alpha, a, blasint(lda), b, blasint(ldb), beta, c, blasint(ldc))
  }

  package static func trsm(
    side: BLASSide, triangle: BLASTriangle, transposeA: Bool, unitDiagonal: Bool, m: Int, n: Int,
    alpha: Float, a: UnsafePointer<Float>, lda: Int, b: UnsafeMutablePointer<Float>, ldb: Int
  ) {
    guard m > 0, n > 0 else { return }
    cblas_strsm(
      CblasRowMajor, side.code, triangle.code, transposition(transposeA),
      unitDiagonal ? CblasUnit : CblasNonUnit, blasint(m), blasint(n), alpha, a, blasint(lda), b,
      blasint(ldb))
  }
}
