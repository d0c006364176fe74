import COpenBLAS

extension Double: BLASScalar {
  @inlinable
  package static func gemm(
    transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int, alpha: Double,
    a: UnsafePointer<Double>, lda: Int, b: UnsafePointer<Double>, ldb: Int, beta: Double,
    c: UnsafeMutablePointer<Double>, ldc: Int
  ) {
    guard m > 0, n > 0 else { return }
    cblas_dgemm(
      CblasRowMajor, transposition(transposeA), transposition(transposeB), blasint(m), blasint(n),
      blasint(k), alpha, a, blasint(lda), b, blasint(ldb), beta, c, blasint(ldc))
  }

  package static func trsm(
    side: BLASSide, triangle: BLASTriangle, transposeA: Bool, unitDiagonal: Bool, m: Int, n: Int,
    alpha: Double, a: UnsafePointer<Double>, lda: Int, b: UnsafeMutablePointer<Double>, ldb: Int
  ) {
    guard m > 0, n > 0 else { return }
    cblas_dtrsm(
      CblasRowMajor, side.code, triangle.code, transposition(transposeA),
      unitDiagonal ? CblasUnit : CblasNonUnit, blasint(m), blasint(n), alpha, a, blasint(lda), b,
      blasint(ldb))
  }
}
