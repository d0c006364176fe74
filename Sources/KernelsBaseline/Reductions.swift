// Sums whose order is part of the source: a plain `sum += x[i]` must keep its order and runs at the
// latency of one addition an element, so lanes are explicit.

/// Loads a vector from an address that need not be aligned.
@inline(__always)
func load<Vector: SIMD>(_ x: UnsafePointer<Vector.Scalar>, as type: Vector.Type) -> Vector {
  UnsafeRawPointer(x).loadUnaligned(as: Vector.self)
}

/// The sum of sixteen lanes as a binary tree: lane l and lane l + 8 first.
@inline(__always)
func laneSum<Scalar: VectorScalar>(_ v: SIMD16<Scalar>) -> Scalar {
  let eight = v.lowHalf + v.highHalf
  let four = eight.lowHalf + eight.highHalf
  let two = four.lowHalf + four.highHalf
  return two[0] + two[1]
}

/// `laneSum` of four vectors, the same additions in the same order.
@inline(__always)
func laneSums<Scalar: VectorScalar>(
  _ a: SIMD16<Scalar>, _ b: SIMD16<Scalar>, _ c: SIMD16<Scalar>, _ d: SIMD16<Scalar>
) -> SIMD4<Scalar> {
  func four(_ v: SIMD16<Scalar>) -> SIMD4<Scalar> {
    let eight = v.lowHalf + v.highHalf
    return eight.lowHalf + eight.highHalf
  }
  func two(_ v: SIMD4<Scalar>, _ w: SIMD4<Scalar>) -> SIMD4<Scalar> {
    SIMD4(v[0], v[1], w[0], w[1]) + SIMD4(v[2], v[3], w[2], w[3])
  }
  let (left, right) = (two(four(a), four(b)), two(four(c), four(d)))
  return SIMD4(left[0], left[2], right[0], right[2])
    + SIMD4(left[1], left[3], right[1], right[3])
}

/// Σ x[i]: lane l sums the elements l, l + 16, …; then the tree of lanes; then the rest in order.
@inline(__always)
func sum<Scalar: VectorScalar>(_ n: Int, _ x: UnsafePointer<Scalar>) -> Scalar {
  var total: Scalar = 0
  var i = 0
  if n >= 16 {
    var lanes = SIMD16<Scalar>(repeating: 0)
    while i + 16 <= n {
      lanes += load(x + i, as: SIMD16<Scalar>.self)
      i += 16
    }
    total = laneSum(lanes)
  }
  while i < n {
    total += x[i]
    i += 1
  }
  return total
}

/// Σ x[i]², in the order of `sum`, each step fused.
@inline(__always)
func squaredSum<Scalar: VectorScalar>(_ n: Int, _ x: UnsafePointer<Scalar>) -> Scalar {
  var total: Scalar = 0
  var i = 0
  if n >= 16 {
    var lanes = SIMD16<Scalar>(repeating: 0)
    while i + 16 <= n {
      let values = load(x + i, as: SIMD16<Scalar>.self)
      lanes.addProduct(values, values)
      i += 16
    }
    total = laneSum(lanes)
  }
  while i < n {
    total.addProduct(x[i], x[i])
    i += 1
  }
  return total
}

/// y[r] (+)= f(row r).
@inline(__always)
func reduceRows<Scalar: VectorScalar>(
  _ rows: Int, _ columns: Int, _ x: UnsafePointer<Scalar>, _ stride: Int,
  _ y: UnsafeMutablePointer<Scalar>, _ accumulate: Bool,
  _ f: (Int, UnsafePointer<Scalar>) -> Scalar
) {
  withLiteralWidth(columns) { columns in
    for r in 0..<rows {
      let value = f(columns, x + r * stride)
      y[r] = accumulate ? y[r] + value : value
    }
  }
}

/// y[c] (+)= Σ_r x[r, c]: as many columns at a time as fit in registers, rows in order within.
@inline(__always)
func sumColumns<Scalar: VectorScalar>(
  _ rows: Int, _ columns: Int, _ x: UnsafePointer<Scalar>, _ stride: Int,
  _ y: UnsafeMutablePointer<Scalar>, _ accumulate: Bool
) {
  var c = 0
  while c + 64 <= columns {
    var s0 = SIMD16<Scalar>(repeating: 0)
    var s1 = s0
    var s2 = s0
    var s3 = s0
    for r in 0..<rows {
      let row = x + (r * stride + c)
      s0 += load(row, as: SIMD16<Scalar>.self)
      s1 += load(row + 16, as: SIMD16<Scalar>.self)
      s2 += load(row + 32, as: SIMD16<Scalar>.self)
      s3 += load(row + 48, as: SIMD16<Scalar>.self)
    }
    store(s0, y + c, accumulate)
    store(s1, y + c + 16, accumulate)
    store(s2, y + c + 32, accumulate)
    store(s3, y + c + 48, accumulate)
    c += 64
  }
  while c + 16 <= columns {
    sumBlock(rows, x + c, stride, y + c, accumulate, SIMD16<Scalar>.self)
    c += 16
  }
  if c + 8 <= columns {
    sumBlock(rows, x + c, stride, y + c, accumulate, SIMD8<Scalar>.self)
    c += 8
  }
  if c + 4 <= columns {
    sumBlock(rows, x + c, stride, y + c, accumulate, SIMD4<Scalar>.self)
    c += 4
  }
  if c + 2 <= columns {
    sumBlock(rows, x + c, stride, y + c, accumulate, SIMD2<Scalar>.self)
    c += 2
  }
  if c < columns {
    var total: Scalar = 0
    for r in 0..<rows { total += x[r * stride + c] }
    y[c] = accumulate ? y[c] + total : total
  }
}

/// The sums of as many columns as `Vector` has lanes.
@inline(__always)
private func sumBlock<Vector: SIMD>(
  _ rows: Int, _ x: UnsafePointer<Vector.Scalar>, _ stride: Int,
  _ y: UnsafeMutablePointer<Vector.Scalar>, _ accumulate: Bool, _ type: Vector.Type
) where Vector.Scalar: VectorScalar {
  var sums = Vector(repeating: 0)
  for r in 0..<rows { sums += load(x + r * stride, as: Vector.self) }
  store(sums, y, accumulate)
}

/// y (+)= values.
@inline(__always)
func store<Vector: SIMD>(
  _ values: Vector, _ y: UnsafeMutablePointer<Vector.Scalar>, _ accumulate: Bool
) where Vector.Scalar: VectorScalar {
  let total = accumulate ? load(y, as: Vector.self) + values : values
  UnsafeMutableRawPointer(y).storeBytes(of: total, as: Vector.self)
}

/// y[r] (+)= log Σ_c exp(x[r, c]), for sixteen rows at a time, columns in order.
///
/// Rows and not columns are spread over the lanes because mixtures have few components: rows of three
/// would leave the vector units idle. The greatest entry is taken off first; where it is infinite,
/// nothing is taken off, which gives −∞ for a row of −∞ and ∞ for a row that holds ∞.
@inline(__always)
func logSumExpRows<Scalar: VectorScalar>(
  _ rows: Int, _ columns: Int, _ x: UnsafePointer<Scalar>, _ stride: Int,
  _ y: UnsafeMutablePointer<Scalar>, _ accumulate: Bool
) {
  let lanes = 16
  withUnsafeTemporaryAllocation(of: Scalar.self, capacity: 3 * lanes) { buffer in
    let greatest = buffer.baseAddress!
    let sums = greatest + lanes
    let column = sums + lanes
    var firstRow = 0
    while firstRow < rows {
      let count = min(lanes, rows - firstRow)
      let block = x + firstRow * stride
      // Lanes beyond the last row repeat it; their results are not stored.
      for l in 0..<lanes {
        greatest[l] = -Scalar.infinity
        sums[l] = 0
      }
      for c in 0..<columns {
        gather(block + c, stride, count, column)
        for l in 0..<lanes { greatest[l] = column[l] > greatest[l] ? column[l] : greatest[l] }
      }
      for l in 0..<lanes {
        greatest[l] = greatest[l].magnitude < Scalar.infinity ? greatest[l] : 0
      }
      for c in 0..<columns {
        gather(block + c, stride, count, column)
        for l in 0..<lanes { sums[l] += Scalar.exponential(column[l] - greatest[l]) }
      }
      for l in 0..<lanes { sums[l] = greatest[l] + Scalar.logarithm(sums[l]) }
      let to = y + firstRow
      for l in 0..<count { to[l] = accumulate ? to[l] + sums[l] : sums[l] }
      firstRow += lanes
    }
  }
}

/// column[l] = x[l·stride] for l < count; the lanes behind repeat the last one.
@inline(__always)
private func gather<Scalar>(
  _ x: UnsafePointer<Scalar>, _ stride: Int, _ count: Int, _ column: UnsafeMutablePointer<Scalar>
) {
  if count == 16 {
    for l in 0..<16 { column[l] = x[l * stride] }
  } else {
    for l in 0..<16 { column[l] = x[min(l, count - 1) * stride] }
  }
}
