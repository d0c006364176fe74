// Products of many small blocks: the modes of a spectral layer, the edges of a graph. A library call a
// block would cost more than the block.

/// C_g = op(A_g) · op(B_g) for blocks that lie end to end, C_g [m, n] with k terms; A_g is [m, k] or,
/// transposed, [k, m], and B_g [k, n] or [n, k].
@inline(__always)
func multiplyBlocks<Scalar: VectorScalar>(
  _ groups: Int, _ m: Int, _ n: Int, _ k: Int, _ transposeA: Bool, _ transposeB: Bool,
  _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, _ c: UnsafeMutablePointer<Scalar>
) {
  let (rowStride, termStride) = transposeA ? (1, m) : (k, 1)
  for group in 0..<groups {
    let (left, right) = (a + group * m * k, b + group * k * n)
    for i in 0..<m {
      let row = left + i * rowStride
      let to = c + (group * m + i) * n
      if transposeB {
        dots(n, k, row, termStride, right, to)
      } else {
        combination(n, k, row, termStride, right, to)
      }
    }
  }
}

/// y = Σ_l x_l · row l of B [k, n]; each element is a chain of fused steps over the terms in order.
@_transparent
private func combination<Scalar: VectorScalar>(
  _ n: Int, _ k: Int, _ x: UnsafePointer<Scalar>, _ stride: Int, _ b: UnsafePointer<Scalar>,
  _ y: UnsafeMutablePointer<Scalar>
) {
  typealias Lanes = SIMD16<Scalar>
  var column = 0
  while column + 16 <= n {
    var sum = Lanes(repeating: 0)
    for l in 0..<k {
      sum.addProduct(Lanes(repeating: x[l * stride]), load(b + (l * n + column), as: Lanes.self))
    }
    UnsafeMutableRawPointer(y + column).storeBytes(of: sum, as: Lanes.self)
    column += 16
  }
  while column < n {
    var sum: Scalar = 0
    for l in 0..<k { sum = Scalar.fused(x[l * stride], b[l * n + column], plus: sum) }
    y[column] = sum
    column += 1
  }
}

/// y_j = Σ_l x_l · B_jl, B [n, k]: sixteen lanes and their sum where x is contiguous, then the rest in order.
@_transparent
private func dots<Scalar: VectorScalar>(
  _ n: Int, _ k: Int, _ x: UnsafePointer<Scalar>, _ stride: Int, _ b: UnsafePointer<Scalar>,
  _ y: UnsafeMutablePointer<Scalar>
) {
  typealias Lanes = SIMD16<Scalar>
  let whole = stride == 1 ? k & ~15 : 0
  for j in 0..<n {
    let row = b + j * k
    var sum: Scalar = 0
    if whole > 0 {
      var lanes = Lanes(repeating: 0)
      var l = 0
      while l < whole {
        lanes.addProduct(load(x + l, as: Lanes.self), load(row + l, as: Lanes.self))
        l += 16
      }
      sum = laneSum(lanes)
    }
    for l in whole..<k { sum = Scalar.fused(x[l * stride], row[l], plus: sum) }
    y[j] = sum
  }
}
