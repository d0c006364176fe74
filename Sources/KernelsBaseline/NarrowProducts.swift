// Products with a matrix of one to four columns: the first and last layers of networks on points of
// the plane or of space. A general product packs its operands first, which costs more than the work.
//
// The narrow extent is a literal and a chain of conditions, not a loop, so that weights and sums stay in
// registers while the rows go by.

/// Calls `body` with a narrow extent as a literal.
@_transparent
private func withNarrow(_ count: Int, _ body: (Int) -> Void) {
  switch count {
  case 1: body(1)
  case 2: body(2)
  case 3: body(3)
  default: body(4)
  }
}

/// y = φ(x·w + bias) for x of one to four columns, φ the rectifier or nothing; no bias where it is nil.
@inline(__always)
func linearOfNarrowRows<Scalar: VectorScalar>(
  _ rows: Int, _ inputs: Int, _ columns: Int, _ x: UnsafePointer<Scalar>,
  _ w: UnsafePointer<Scalar>, _ bias: UnsafePointer<Scalar>?, _ isRectified: Bool,
  _ y: UnsafeMutablePointer<Scalar>
) {
  withNarrow(inputs) { inputs in
    if isRectified {
      narrowRows(rows, inputs, columns, x, w, bias, true, y)
    } else {
      narrowRows(rows, inputs, columns, x, w, bias, false, y)
    }
  }
}

@_transparent
private func narrowRows<Scalar: VectorScalar>(
  _ rows: Int, _ inputs: Int, _ columns: Int, _ x: UnsafePointer<Scalar>,
  _ w: UnsafePointer<Scalar>, _ bias: UnsafePointer<Scalar>?, _ isRectified: Bool,
  _ y: UnsafeMutablePointer<Scalar>
) {
  typealias Lanes = SIMD16<Scalar>
  var c = 0
  while c + 16 <= columns {
    let start = bias.map { load($0 + c, as: Lanes.self) } ?? Lanes(repeating: 0)
    let w0 = load(w + c, as: Lanes.self)
    let w1 = inputs > 1 ? load(w + (columns + c), as: Lanes.self) : w0
    let w2 = inputs > 2 ? load(w + (2 * columns + c), as: Lanes.self) : w0
    let w3 = inputs > 3 ? load(w + (3 * columns + c), as: Lanes.self) : w0
    for r in 0..<rows {
      let row = x + r * inputs
      var sum = start.addingProduct(Lanes(repeating: row[0]), w0)
      if inputs > 1 { sum.addProduct(Lanes(repeating: row[1]), w1) }
      if inputs > 2 { sum.addProduct(Lanes(repeating: row[2]), w2) }
      if inputs > 3 { sum.addProduct(Lanes(repeating: row[3]), w3) }
      if isRectified { sum = Scalar.rectified(sum) }
      UnsafeMutableRawPointer(y + (r * columns + c)).storeBytes(of: sum, as: Lanes.self)
    }
    c += 16
  }
  while c < columns {
    for r in 0..<rows {
      var sum = bias.map { $0[c] } ?? 0
      for k in 0..<inputs { sum = Scalar.fused(x[r * inputs + k], w[k * columns + c], plus: sum) }
      y[r * columns + c] = isRectified ? Scalar.rectified(sum) : sum
    }
    c += 1
  }
}

/// y = x·wᵀ + bias, x [rows, inputs], w [outputs, inputs], one to four outputs; no bias where it is nil.
@inline(__always)
func dotsOfRows<Scalar: VectorScalar>(
  _ rows: Int, _ inputs: Int, _ outputs: Int, _ x: UnsafePointer<Scalar>,
  _ w: UnsafePointer<Scalar>, _ bias: UnsafePointer<Scalar>?, _ y: UnsafeMutablePointer<Scalar>
) {
  withNarrow(outputs) { outputs in rowsTimesRows(rows, inputs, outputs, x, w, bias, y) }
}

@_transparent
private func rowsTimesRows<Scalar: VectorScalar>(
  _ rows: Int, _ inputs: Int, _ outputs: Int, _ x: UnsafePointer<Scalar>,
  _ w: UnsafePointer<Scalar>, _ bias: UnsafePointer<Scalar>?, _ y: UnsafeMutablePointer<Scalar>
) {
  typealias Lanes = SIMD16<Scalar>
  let whole = inputs & ~15
  var r = 0
  // Four rows at a time: their sums over lanes share the shuffles.
  while r + 4 <= rows {
    let row = x + r * inputs
    for j in 0..<outputs {
      let weights = w + j * inputs
      var (s0, s1) = (Lanes(repeating: 0), Lanes(repeating: 0))
      var (s2, s3) = (s0, s0)
      var k = 0
      while k < whole {
        let values = load(weights + k, as: Lanes.self)
        s0.addProduct(load(row + k, as: Lanes.self), values)
        s1.addProduct(load(row + (inputs + k), as: Lanes.self), values)
        s2.addProduct(load(row + (2 * inputs + k), as: Lanes.self), values)
        s3.addProduct(load(row + (3 * inputs + k), as: Lanes.self), values)
        k += 16
      }
      var sums = laneSums(s0, s1, s2, s3)
      while k < inputs {
        let column = SIMD4(
          row[k], row[inputs + k], row[2 * inputs + k], row[3 * inputs + k])
        sums.addProduct(column, SIMD4(repeating: weights[k]))
        k += 1
      }
      if let bias { sums += SIMD4(repeating: bias[j]) }
      let to = y + (r * outputs + j)
      to[0] = sums[0]
      to[outputs] = sums[1]
      to[2 * outputs] = sums[2]
      to[3 * outputs] = sums[3]
    }
    r += 4
  }
  while r < rows {
    let row = x + r * inputs
    for j in 0..<outputs {
      let weights = w + j * inputs
      var lanes = Lanes(repeating: 0)
      var k = 0
      while k < whole {
        lanes.addProduct(load(row + k, as: Lanes.self), load(weights + k, as: Lanes.self))
        k += 16
      }
      var sum = laneSum(lanes)
      while k < inputs {
        sum = Scalar.fused(row[k], weights[k], plus: sum)
        k += 1
      }
      y[r * outputs + j] = bias.map { sum + $0[j] } ?? sum
    }
    r += 1
  }
}

/// y (+)= xᵀ·e, x [rows, narrow] with one to four columns, e [rows, columns], y [narrow, columns]; or
/// its transpose, y [columns, narrow]. Rows are added in order, then the sum to what y holds.
@inline(__always)
func gradientOfNarrow<Scalar: VectorScalar>(
  _ rows: Int, _ narrow: Int, _ columns: Int, _ x: UnsafePointer<Scalar>,
  _ e: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>, isTransposed: Bool,
  _ accumulate: Bool
) {
  withNarrow(narrow) { narrow in
    sumOfOuterProducts(
      rows, narrow, columns, x, e, y, isTransposed: isTransposed, accumulate)
  }
}

@_transparent
private func sumOfOuterProducts<Scalar: VectorScalar>(
  _ rows: Int, _ narrow: Int, _ columns: Int, _ x: UnsafePointer<Scalar>,
  _ e: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>, isTransposed: Bool,
  _ accumulate: Bool
) {
  typealias Lanes = SIMD16<Scalar>
  func put(_ sums: Lanes, _ j: Int, _ c: Int) {
    if isTransposed {
      for lane in 0..<16 {
        let place = (c + lane) * narrow + j
        y[place] = accumulate ? y[place] + sums[lane] : sums[lane]
      }
    } else {
      store(sums, y + (j * columns + c), accumulate)
    }
  }
  var c = 0
  while c + 16 <= columns {
    var (s0, s1) = (Lanes(repeating: 0), Lanes(repeating: 0))
    var (s2, s3) = (s0, s0)
    for r in 0..<rows {
      let row = x + r * narrow
      let values = load(e + (r * columns + c), as: Lanes.self)
      s0.addProduct(Lanes(repeating: row[0]), values)
      if narrow > 1 { s1.addProduct(Lanes(repeating: row[1]), values) }
      if narrow > 2 { s2.addProduct(Lanes(repeating: row[2]), values) }
      if narrow > 3 { s3.addProduct(Lanes(repeating: row[3]), values) }
    }
    if isTransposed, narrow == 2 {
      storeInterleaved(s0, s1, y + 2 * c, accumulate)
      c += 16
      continue
    }
    if isTransposed, narrow == 4 {
      let (even, odd) = (interleaved(s0, s2), interleaved(s1, s3))
      storeInterleaved(even.low, odd.low, y + 4 * c, accumulate)
      storeInterleaved(even.high, odd.high, y + (4 * c + 32), accumulate)
      c += 16
      continue
    }
    put(s0, 0, c)
    if narrow > 1 { put(s1, 1, c) }
    if narrow > 2 { put(s2, 2, c) }
    if narrow > 3 { put(s3, 3, c) }
    c += 16
  }
  while c < columns {
    for j in 0..<narrow {
      var sum: Scalar = 0
      for r in 0..<rows { sum = Scalar.fused(x[r * narrow + j], e[r * columns + c], plus: sum) }
      let place = isTransposed ? c * narrow + j : j * columns + c
      y[place] = accumulate ? y[place] + sum : sum
    }
    c += 1
  }
}

/// a[0], b[0], a[1], b[1], …
@inline(__always)
private func interleaved<Scalar: VectorScalar>(
  _ a: SIMD16<Scalar>, _ b: SIMD16<Scalar>
) -> (low: SIMD16<Scalar>, high: SIMD16<Scalar>) {
  (
    SIMD16(
      a[0], b[0], a[1], b[1], a[2], b[2], a[3], b[3], a[4], b[4], a[5], b[5], a[6], b[6], a[7],
      b[7]),
    SIMD16(
      a[8], b[8], a[9], b[9], a[10], b[10], a[11], b[11], a[12], b[12], a[13], b[13], a[14],
      b[14], a[15], b[15])
  )
}

@inline(__always)
private func storeInterleaved<Scalar: VectorScalar>(
  _ a: SIMD16<Scalar>, _ b: SIMD16<Scalar>, _ y: UnsafeMutablePointer<Scalar>, _ accumulate: Bool
) {
  let pairs = interleaved(a, b)
  store(pairs.low, y, accumulate)
  store(pairs.high, y + 16, accumulate)
}
