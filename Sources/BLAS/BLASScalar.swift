/// On which side of X the triangular matrix of a system stands.
package enum BLASSide: Sendable {
  /// A·X = α·B.
  case left
  /// X·A = α·B.
  case right
}

/// Which triangle of a matrix holds its numbers; the other one is not read.
package enum BLASTriangle: Sendable {
  case lower
  case upper
}

/// A scalar type with dense matrix operations: `Float` and `Double`.
///
/// Matrices are row-major: element (i, j) of A lies at a[i·lda + j], with the leading dimension at
/// least the number of stored columns. Operands must not overlap the result. Zero sizes do nothing,
/// except that k = 0 still applies β. Pointers are not checked.
package protocol BLASScalar: Sendable {
  /// C = α·op(A)·op(B) + β·C, with op(A) of m × k, op(B) of k × n and C of m × n.
  ///
  /// Where β = 0, C is written without being read. Bits depend on the shapes, on α and β and on the
  /// core type, not on the contents or addresses of other matrices.
  static func gemm(
    transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int, alpha: Self,
    a: UnsafePointer<Self>, lda: Int, b: UnsafePointer<Self>, ldb: Int, beta: Self,
    c: UnsafeMutablePointer<Self>, ldc: Int)

  /// Solves op(A)·X = α·B (left) or X·op(A) = α·B (right) for X, which replaces B (m × n).
  ///
  /// A is triangular, m × m or n × n; with `unitDiagonal` its diagonal is taken as ones and not read.
  /// A zero on the diagonal gives infinities, not an error.
  static func trsm(
    side: BLASSide, triangle: BLASTriangle, transposeA: Bool, unitDiagonal: Bool, m: Int, n: Int,
    alpha: Self, a: UnsafePointer<Self>, lda: Int, b: UnsafeMutablePointer<Self>, ldb: Int)
}
