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

/// dx = f(y, dy) and sums[c] (+)= Σ_r dx[r, c], rows in order.
@inline(__always)
func activationBackward<Scalar: VectorScalar>(
  _ rows: Int, _ columns: Int, _ y: UnsafePointer<Scalar>, _ yStride: Int,
  _ dy: UnsafePointer<Scalar>, _ dyStride: Int, _ dx: UnsafeMutablePointer<Scalar>,
  _ dxStride: Int, _ sums: UnsafeMutablePointer<Scalar>, _ accumulate: Bool,
  _ f: (Scalar, Scalar) -> Scalar
) {
  if !accumulate { for c in 0..<columns { sums[c] = 0 } }
  let isInPlace = dy == UnsafePointer(dx) && dyStride == dxStride
  withLiteralWidth(columns) { columns in
    for r in 0..<rows {
      let outputs = y + r * yStride
      let to = dx + r * dxStride
      if isInPlace {
        for c in 0..<columns {
          let value = f(outputs[c], to[c])
          to[c] = value
          sums[c] += value
        }
      } else {
        let from = dy + r * dyStride
        for c in 0..<columns {
          let value = f(outputs[c], from[c])
          to[c] = value
          sums[c] += value
        }
      }
    }
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

/// y[c, r] = x[r, c], in tiles that stay in the first cache level.
@inline(__always)
func transposeMatrix<Scalar>(
  _ rows: Int, _ columns: Int, _ x: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>
) {
  let tile = 16
  for firstRow in stride(from: 0, to: rows, by: tile) {
    let lastRow = min(firstRow + tile, rows)
    for firstColumn in stride(from: 0, to: columns, by: tile) {
      for c in firstColumn..<min(firstColumn + tile, columns) {
        for r in firstRow..<lastRow { y[c * rows + r] = x[r * columns + c] }
      }
    }
  }
}
