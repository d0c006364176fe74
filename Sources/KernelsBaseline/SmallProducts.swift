import KernelInterface

// Products whose operands fit the first-level cache. A library's call costs as much as a tenth of such
// a product, and a bias or an activation after it another pass over the result.
//
// Each element is one chain of fused steps over the terms in order, whatever the tile: all builds give
// the same bits. Four rows by `tileVectors` vectors of sixteen columns keep their sums in registers.

#if WIDE_REGISTERS
  /// Sixteen sums of sixteen lanes, of 32 registers of that width.
  private let tileVectors = 4
#else
  /// Four sums of sixteen lanes are eight registers of eight.
  private let tileVectors = 1
#endif

/// `KernelTable.smallProduct`.
@inline(__always)
func multiplySmall<Scalar: VectorScalar>(
  _ m: Int, _ n: Int, _ k: Int, _ a: StridedMatrix<Scalar>, _ b: UnsafePointer<Scalar>, _ ldb: Int,
  _ ending: ProductEnding<Scalar>, _ c: UnsafeMutablePointer<Scalar>, _ ldc: Int
) {
  var column = 0
  if tileVectors == 4 {
    while column + 64 <= n {
      for row in stride(from: 0, to: m, by: 4) {
        wideTile(min(4, m - row), k, a, row, b + column, ldb, ending, column, c, ldc)
      }
      column += 64
    }
  }
  while column < n {
    for row in stride(from: 0, to: m, by: 4) {
      narrowTile(min(4, m - row), k, a, row, b + column, ldb, ending, column, c, ldc)
    }
    column += 16
  }
}

/// Stores sixteen finished elements.
@_transparent
private func finish<Scalar: VectorScalar>(
  _ sum: SIMD16<Scalar>, _ ending: ProductEnding<Scalar>, _ column: Int,
  _ c: UnsafeMutablePointer<Scalar>
) {
  var value = sum
  if let bias = ending.bias {
    value += load(bias + column, as: SIMD16<Scalar>.self)
    if ending.isRectified { value = Scalar.rectified(value) }
  } else if ending.accumulates {
    value = load(UnsafePointer(c + column), as: SIMD16<Scalar>.self) + value
  }
  UnsafeMutableRawPointer(c + column).storeBytes(of: value, as: SIMD16<Scalar>.self)
}

/// Up to four rows by sixteen columns. Rows that do not exist repeat the last one and are not stored.
@inline(__always)
private func narrowTile<Scalar: VectorScalar>(
  _ rows: Int, _ k: Int, _ a: StridedMatrix<Scalar>, _ row: Int, _ b: UnsafePointer<Scalar>,
  _ ldb: Int, _ ending: ProductEnding<Scalar>, _ column: Int,
  _ c: UnsafeMutablePointer<Scalar>, _ ldc: Int
) {
  typealias Lanes = SIMD16<Scalar>
  let a0 = a.start + row * a.rowStride
  let a1 = a0 + min(1, rows - 1) * a.rowStride
  let a2 = a0 + min(2, rows - 1) * a.rowStride
  let a3 = a0 + min(3, rows - 1) * a.rowStride
  var (s0, s1) = (Lanes(repeating: 0), Lanes(repeating: 0))
  var (s2, s3) = (s0, s0)
  var (place, values) = (0, b)
  for _ in 0..<k {
    let b0 = load(values, as: Lanes.self)
    s0.addProduct(Lanes(repeating: a0[place]), b0)
    s1.addProduct(Lanes(repeating: a1[place]), b0)
    s2.addProduct(Lanes(repeating: a2[place]), b0)
    s3.addProduct(Lanes(repeating: a3[place]), b0)
    place += a.termStride
    values += ldb
  }
  let to = c + row * ldc
  finish(s0, ending, column, to)
  if rows > 1 { finish(s1, ending, column, to + ldc) }
  if rows > 2 { finish(s2, ending, column, to + 2 * ldc) }
  if rows > 3 { finish(s3, ending, column, to + 3 * ldc) }
}

/// Up to four rows by sixty-four columns, as `narrowTile`.
@inline(__always)
private func wideTile<Scalar: VectorScalar>(
  _ rows: Int, _ k: Int, _ a: StridedMatrix<Scalar>, _ row: Int, _ b: UnsafePointer<Scalar>,
  _ ldb: Int, _ ending: ProductEnding<Scalar>, _ column: Int,
  _ c: UnsafeMutablePointer<Scalar>, _ ldc: Int
) {
  typealias Lanes = SIMD16<Scalar>
  let a0 = a.start + row * a.rowStride
  let a1 = a0 + min(1, rows - 1) * a.rowStride
  let a2 = a0 + min(2, rows - 1) * a.rowStride
  let a3 = a0 + min(3, rows - 1) * a.rowStride
  let zero = Lanes(repeating: 0)
  var (s00, s01, s02, s03) = (zero, zero, zero, zero)
  var (s10, s11, s12, s13) = (zero, zero, zero, zero)
  var (s20, s21, s22, s23) = (zero, zero, zero, zero)
  var (s30, s31, s32, s33) = (zero, zero, zero, zero)
  var (place, values) = (0, b)
  for _ in 0..<k {
    let b0 = load(values, as: Lanes.self)
    let b1 = load(values + 16, as: Lanes.self)
    let b2 = load(values + 32, as: Lanes.self)
    let b3 = load(values + 48, as: Lanes.self)
    let x0 = Lanes(repeating: a0[place])
    s00.addProduct(x0, b0)
    s01.addProduct(x0, b1)
    s02.addProduct(x0, b2)
    s03.addProduct(x0, b3)
    let x1 = Lanes(repeating: a1[place])
    s10.addProduct(x1, b0)
    s11.addProduct(x1, b1)
    s12.addProduct(x1, b2)
    s13.addProduct(x1, b3)
    let x2 = Lanes(repeating: a2[place])
    s20.addProduct(x2, b0)
    s21.addProduct(x2, b1)
    s22.addProduct(x2, b2)
    s23.addProduct(x2, b3)
    let x3 = Lanes(repeating: a3[place])
    s30.addProduct(x3, b0)
    s31.addProduct(x3, b1)
    s32.addProduct(x3, b2)
    s33.addProduct(x3, b3)
    place += a.termStride
    values += ldb
  }
  func put(_ r: Int, _ v0: Lanes, _ v1: Lanes, _ v2: Lanes, _ v3: Lanes) {
    guard r < rows else { return }
    let to = c + (row + r) * ldc
    finish(v0, ending, column, to)
    finish(v1, ending, column + 16, to)
    finish(v2, ending, column + 32, to)
    finish(v3, ending, column + 48, to)
  }
  put(0, s00, s01, s02, s03)
  put(1, s10, s11, s12, s13)
  put(2, s20, s21, s22, s23)
  put(3, s30, s31, s32, s33)
}
