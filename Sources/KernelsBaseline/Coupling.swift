// Affine coupling (Dinh et al., 2017, "Density estimation using Real NVP"). The costly functions run
// over contiguous buffers of rows × c whatever c is; the strided rest is arithmetic with c as a literal.

/// Calls `body` with c, as a literal where it is small.
@inline(__always)
private func withLiteralCount(_ c: Int, _ body: (Int) -> Void) {
  switch c {
  case 1: body(1)
  case 2: body(2)
  case 3: body(3)
  default: body(c)
  }
}

/// logScale = s = bound · tanh(raw/bound) and scale = exp(±s), both rows × c.
@inline(__always)
private func couplingScales<Scalar: VectorScalar>(
  _ rows: Int, _ c: Int, _ bound: Scalar, _ raw: UnsafePointer<Scalar>,
  _ logScale: UnsafeMutablePointer<Scalar>, _ scale: UnsafeMutablePointer<Scalar>, isInverse: Bool
) {
  withLiteralCount(c) { c in
    for r in 0..<rows {
      for j in 0..<c { logScale[r * c + j] = raw[r * 2 * c + j] }
    }
  }
  let reciprocal = 1 / bound
  for i in 0..<rows * c {
    logScale[i] = bound * Scalar.hyperbolicTangent(logScale[i] * reciprocal)
  }
  if isInverse {
    for i in 0..<rows * c { scale[i] = Scalar.exponential(-logScale[i]) }
  } else {
    for i in 0..<rows * c { scale[i] = Scalar.exponential(logScale[i]) }
  }
}

/// `KernelTable.couplingApply` and `couplingInvert`.
@inline(__always)
func coupling<Scalar: VectorScalar>(
  _ rows: Int, _ c: Int, _ bound: Scalar, _ x: UnsafePointer<Scalar>, _ xStride: Int,
  _ raw: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>, _ yStride: Int,
  _ logScale: UnsafeMutablePointer<Scalar>, _ scale: UnsafeMutablePointer<Scalar>,
  _ logDet: UnsafeMutablePointer<Scalar>, isInverse: Bool
) {
  couplingScales(rows, c, bound, raw, logScale, scale, isInverse: isInverse)
  withLiteralCount(c) { c in
    for r in 0..<rows {
      let from = x + r * xStride
      let to = y + r * yStride
      let shift = raw + (r * 2 * c + c)
      var sum: Scalar = 0
      for j in 0..<c {
        let e = scale[r * c + j]
        to[j] = isInverse ? (from[j] - shift[j]) * e : Scalar.fused(from[j], e, plus: shift[j])
        sum += logScale[r * c + j]
      }
      logDet[r] = isInverse ? -sum : sum
    }
  }
}

/// `KernelTable.couplingApplyBackward` and `couplingInvertBackward`.
@inline(__always)
func couplingBackward<Scalar: VectorScalar>(
  _ rows: Int, _ c: Int, _ bound: Scalar, _ saved: UnsafePointer<Scalar>, _ savedStride: Int,
  _ logScale: UnsafePointer<Scalar>, _ scale: UnsafePointer<Scalar>, _ dy: UnsafePointer<Scalar>,
  _ dyStride: Int, _ dLogDet: UnsafePointer<Scalar>, _ dx: UnsafeMutablePointer<Scalar>,
  _ dxStride: Int, _ draw: UnsafeMutablePointer<Scalar>, isInverse: Bool
) {
  let reciprocal = 1 / bound
  withLiteralCount(c) { c in
    for r in 0..<rows {
      let values = saved + r * savedStride
      let from = dy + r * dyStride
      let to = dx + r * dxStride
      let dRaw = draw + r * 2 * c
      let dl = dLogDet[r]
      for j in 0..<c {
        let gradient = from[j]
        let value = values[j]
        let scaled = gradient * scale[r * c + j]
        let ratio = logScale[r * c + j] * reciprocal
        let slope = Scalar.fused(-ratio, ratio, plus: 1)
        let dScale =
          isInverse
          ? Scalar.fused(-gradient, value, plus: -dl) : Scalar.fused(scaled, value, plus: dl)
        to[j] = scaled
        dRaw[j] = dScale * slope
        dRaw[c + j] = isInverse ? -scaled : gradient
      }
    }
  }
}
