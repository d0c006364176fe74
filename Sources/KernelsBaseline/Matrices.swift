// Loops over rows and columns. Rows of one to four elements are common (a point of the plane, the
// scale and shift of one coordinate), and a loop of unknown length costs more there than its work:
// such widths are passed on as literals, which the compiler unrolls.

/// Calls `body` with `columns`, as a literal where it is small.
@inline(__always)
func withLiteralWidth(_ columns: Int, _ body: (Int) -> Void) {
  switch columns {
  case 1: body(1)
  case 2: body(2)
  case 3: body(3)
  case 4: body(4)
  default: body(columns)
  }
}

/// y[r, c] = f(x[r, c], v[c]).
@inline(__always)
func mapRows<Scalar>(
  _ rows: Int, _ columns: Int, _ x: UnsafePointer<Scalar>, _ xStride: Int,
  _ v: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>, _ yStride: Int,
  _ f: (Scalar, Scalar) -> Scalar
) {
  if x == UnsafePointer(y) && xStride == yStride {
    withLiteralWidth(columns) { columns in
      for r in 0..<rows {
        let row = y + r * yStride
        for c in 0..<columns { row[c] = f(row[c], v[c]) }
      }
    }
  } else {
    withLiteralWidth(columns) { columns in
      for r in 0..<rows {
        let from = x + r * xStride
        let to = y + r * yStride
        for c in 0..<columns { to[c] = f(from[c], v[c]) }
      }
    }
  }
}

/// y[r, c] = f(x[r, c], v[r]).
@inline(__always)
func mapColumns<Scalar>(
  _ rows: Int, _ columns: Int, _ x: UnsafePointer<Scalar>, _ xStride: Int,
  _ v: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>, _ yStride: Int,
  _ f: (Scalar, Scalar) -> Scalar
) {
  if x == UnsafePointer(y) && xStride == yStride {
    withLiteralWidth(columns) { columns in
      for r in 0..<rows {
        let row = y + r * yStride
        let value = v[r]
        for c in 0..<columns { row[c] = f(row[c], value) }
      }
    }
  } else {
    withLiteralWidth(columns) { columns in
      for r in 0..<rows {
        let from = x + r * xStride
        let to = y + r * yStride
        let value = v[r]
        for c in 0..<columns { to[c] = f(from[c], value) }
      }
    }
  }
}

/// y = φ(x + bias) for an activation that costs much more than the sum: the sum first, then φ over as
/// many elements as lie next to each other, so that narrow matrices are vectorised too.
@inline(__always)
func biasThenActivation<Scalar: VectorScalar>(
  _ rows: Int, _ columns: Int, _ x: UnsafePointer<Scalar>, _ xStride: Int,
  _ bias: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>, _ yStride: Int,
  _ activation: (Scalar) -> Scalar
) {
  mapRows(rows, columns, x, xStride, bias, y, yStride) { $0 + $1 }
  let isContiguous = yStride == columns
  let length = isContiguous ? rows * columns : columns
  for r in 0..<(isContiguous ? 1 : rows) {
    let row = y + r * yStride
    for i in 0..<length { row[i] = activation(row[i]) }
  }
}

/// dx = f(y, dy) and sums[c] (+)= Σ_r dx[r, c], rows in order; the sums of as many columns at a time as
/// fit in registers.
@inline(__always)
func activationBackward<Scalar: VectorScalar, Rule: BackwardRule>(
  _ rows: Int, _ columns: Int, _ y: UnsafePointer<Scalar>, _ yStride: Int,
  _ dy: UnsafePointer<Scalar>, _ dyStride: Int, _ dx: UnsafeMutablePointer<Scalar>,
  _ dxStride: Int, _ sums: UnsafeMutablePointer<Scalar>, _ accumulate: Bool,
  _ rule: Rule.Type
) {
  typealias Lanes = SIMD16<Scalar>
  var c = 0
  while c + 32 <= columns {
    var s0 = Lanes(repeating: 0)
    var s1 = s0
    for r in 0..<rows {
      let outputs = y + (r * yStride + c)
      let from = dy + (r * dyStride + c)
      let to = dx + (r * dxStride + c)
      let v0 = Rule.lanes(load(outputs, as: Lanes.self), load(from, as: Lanes.self))
      let v1 = Rule.lanes(load(outputs + 16, as: Lanes.self), load(from + 16, as: Lanes.self))
      UnsafeMutableRawPointer(to).storeBytes(of: v0, as: Lanes.self)
      UnsafeMutableRawPointer(to + 16).storeBytes(of: v1, as: Lanes.self)
      s0 += v0
      s1 += v1
    }
    store(s0, sums + c, accumulate)
    store(s1, sums + c + 16, accumulate)
    c += 32
  }
  guard c < columns else { return }
  withUnsafeTemporaryAllocation(of: Scalar.self, capacity: 32) { totals in
    let rest = columns - c
    for i in 0..<rest { totals[i] = 0 }
    withLiteralWidth(rest) { rest in
      for r in 0..<rows {
        let outputs = y + (r * yStride + c)
        let from = dy + (r * dyStride + c)
        let to = dx + (r * dxStride + c)
        for i in 0..<rest {
          let value = Rule.one(outputs[i], from[i])
          to[i] = value
          totals[i] += value
        }
      }
    }
    for i in 0..<rest { sums[c + i] = accumulate ? sums[c + i] + totals[i] : totals[i] }
  }
}

/// y[r, c] (+)= x[r, c].
@inline(__always)
func copyRows<Scalar: VectorScalar>(
  _ rows: Int, _ columns: Int, _ x: UnsafePointer<Scalar>, _ xStride: Int,
  _ y: UnsafeMutablePointer<Scalar>, _ yStride: Int, _ accumulate: Bool
) {
  withLiteralWidth(columns) { columns in
    for r in 0..<rows {
      let from = x + r * xStride
      let to = y + r * yStride
      if accumulate {
        for c in 0..<columns { to[c] += from[c] }
      } else {
        for c in 0..<columns { to[c] = from[c] }
      }
    }
  }
}

/// y[c, r] = x[r, c]: blocks of eight by eight through three stages of exchanges between registers,
/// the rest element by element.
@inline(__always)
func transposeMatrix<Scalar: VectorScalar>(
  _ rows: Int, _ columns: Int, _ x: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>
) {
  let (fullRows, fullColumns) = (rows & ~7, columns & ~7)
  for r in stride(from: 0, to: fullRows, by: 8) {
    for c in stride(from: 0, to: fullColumns, by: 8) {
      transposeBlock(x + (r * columns + c), columns, y + (c * rows + r), rows)
    }
  }
  for r in 0..<rows {
    for c in (r < fullRows ? fullColumns : 0)..<columns { y[c * rows + r] = x[r * columns + c] }
  }
}

/// Eight by eight elements.
@inline(__always)
private func transposeBlock<Scalar: VectorScalar>(
  _ x: UnsafePointer<Scalar>, _ xStride: Int, _ y: UnsafeMutablePointer<Scalar>, _ yStride: Int
) {
  typealias Lanes = SIMD8<Scalar>
  func row(_ r: Int) -> Lanes { load(x + r * xStride, as: Lanes.self) }
  func put(_ v: Lanes, _ r: Int) {
    UnsafeMutableRawPointer(y + r * yStride).storeBytes(of: v, as: Lanes.self)
  }
  // Elements 0, 1 (low) or 2, 3 (high) of each half, alternately from a and b.
  func low(_ a: Lanes, _ b: Lanes) -> Lanes {
    Lanes(a[0], b[0], a[1], b[1], a[4], b[4], a[5], b[5])
  }
  func high(_ a: Lanes, _ b: Lanes) -> Lanes {
    Lanes(a[2], b[2], a[3], b[3], a[6], b[6], a[7], b[7])
  }
  // Pairs of elements of each half.
  func lowPairs(_ a: Lanes, _ b: Lanes) -> Lanes {
    Lanes(a[0], a[1], b[0], b[1], a[4], a[5], b[4], b[5])
  }
  func highPairs(_ a: Lanes, _ b: Lanes) -> Lanes {
    Lanes(a[2], a[3], b[2], b[3], a[6], a[7], b[6], b[7])
  }
  let (r0, r1, r2, r3) = (row(0), row(1), row(2), row(3))
  let (r4, r5, r6, r7) = (row(4), row(5), row(6), row(7))
  let (a0, a1, a2, a3) = (low(r0, r1), high(r0, r1), low(r2, r3), high(r2, r3))
  let (a4, a5, a6, a7) = (low(r4, r5), high(r4, r5), low(r6, r7), high(r6, r7))
  let (b0, b1, b2, b3) = (
    lowPairs(a0, a2), highPairs(a0, a2), lowPairs(a1, a3), highPairs(a1, a3)
  )
  let (b4, b5, b6, b7) = (
    lowPairs(a4, a6), highPairs(a4, a6), lowPairs(a5, a7), highPairs(a5, a7)
  )
  put(Lanes(lowHalf: b0.lowHalf, highHalf: b4.lowHalf), 0)
  put(Lanes(lowHalf: b1.lowHalf, highHalf: b5.lowHalf), 1)
  put(Lanes(lowHalf: b2.lowHalf, highHalf: b6.lowHalf), 2)
  put(Lanes(lowHalf: b3.lowHalf, highHalf: b7.lowHalf), 3)
  put(Lanes(lowHalf: b0.highHalf, highHalf: b4.highHalf), 4)
  put(Lanes(lowHalf: b1.highHalf, highHalf: b5.highHalf), 5)
  put(Lanes(lowHalf: b2.highHalf, highHalf: b6.highHalf), 6)
  put(Lanes(lowHalf: b3.highHalf, highHalf: b7.highHalf), 7)
}
