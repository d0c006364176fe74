import KernelInterface

// Monotonic rational-quadratic splines (Durkan, Bekasov, Murray & Papamakarios, 2019, "Neural spline
// flows", eq. 4–8). Each element has its own knots. Elements are taken in tiles, transposed so that each
// of the 3K − 1 raw numbers is a row of one lane an element: then the search for the bin is a walk over
// bins with a selection in each lane, without branches or gathered loads.
//
// With θ the height within a bin, s its slope, δ₀ and δ₁ the derivatives at its ends, the inverse is the
// root of (s − b) ξ² + b ξ − s θ with b = δ₀ − θ (δ₀ + δ₁ − 2s). Its discriminant is (b − 2sθ)² + 4s²θ(1 − θ),
// a sum of two terms that are not negative, and the root is taken in the form that adds numbers of one
// sign: nothing cancels.

private let lanes = 64

/// Rows of the state of a tile. All lie behind one pointer at constant distances, so that loops over
/// lanes need no checks for overlap.
private enum Row {
  static let search = 0
  static let x0 = 1
  static let x1 = 2
  static let y0 = 3
  static let y1 = 4
  /// Raw derivatives at the ends of the bin.
  static let raw0 = 5
  static let raw1 = 6
  static let slope0 = 7
  static let slope1 = 8
  static let bin = 9
  static let xEnd = 10
  static let yEnd = 11
  static let widthScale = 12
  static let heightScale = 13
  static let position = 14
  static let largest = 15
  static let result = 16
  static let logSlope = 17
  static let isInside = 18
  static let dOutput = 19
  static let dLogSlope = 20
  static let dSlope0 = 21
  static let dSlope1 = 22
  /// Gradients of the knots at the ends of the bin.
  static let dX0 = 23
  static let dX1 = 24
  static let dY0 = 25
  static let dY1 = 26
  static let mean = 27
  static let dInput = 28
  static let count = 29
}

/// Up to 64 elements, [rows × c] counted row by row from `start`.
private struct SplineTile<Scalar: VectorScalar> {
  let shape: SplineShape<Scalar>
  let columns: Int
  let start: Int
  let count: Int
  /// State, then raw numbers.
  let state: UnsafeMutablePointer<Scalar>
  let numbers: UnsafeMutablePointer<Scalar>

  @inline(__always)
  init(
    _ shape: SplineShape<Scalar>, columns: Int, start: Int, total: Int,
    memory: UnsafeMutablePointer<Scalar>
  ) {
    self.shape = shape
    self.columns = columns
    self.start = start
    count = min(lanes, total - start)
    state = memory
    numbers = memory + Row.count * lanes
  }

  /// Calls `body` with lane, row and column of each element.
  @inline(__always)
  func forEach(_ body: (Int, Int, Int) -> Void) {
    var row = start / columns
    var column = start % columns
    for lane in 0..<count {
      body(lane, row, column)
      column += 1
      if column == columns {
        column = 0
        row += 1
      }
    }
  }

  /// Reads a column vector a lane from a strided matrix; lanes without an element get zero.
  @inline(__always)
  func read(_ x: UnsafePointer<Scalar>, _ stride: Int, into row: Int) {
    let to = state + row * lanes
    for lane in count..<lanes { to[lane] = 0 }
    forEach { lane, row, column in to[lane] = x[row * stride + column] }
  }

  /// The raw numbers of the tile, one row each.
  @inline(__always)
  func readNumbers(_ raw: UnsafePointer<Scalar>) {
    let stride = shape.rawCount
    for lane in 0..<lanes {
      let from = raw + (start + min(lane, count - 1)) * stride
      for p in 0..<stride { numbers[p * lanes + lane] = from[p] }
    }
  }

  @inline(__always)
  func writeNumbers(_ raw: UnsafeMutablePointer<Scalar>) {
    let stride = shape.rawCount
    for lane in 0..<count {
      let to = raw + (start + lane) * stride
      for p in 0..<stride { to[p] = numbers[p * lanes + lane] }
    }
  }

  /// Replaces K rows of raw numbers by exp(raw − max), and writes 2 · bound · (1 − K m) / Σ exp.
  @inline(__always)
  private func exponentials(_ first: Int, scale: Int) {
    let (s, t) = (state, numbers + first * lanes)
    let largest = Row.largest * lanes
    for l in 0..<lanes { s[largest + l] = t[l] }
    for k in 1..<shape.bins {
      for l in 0..<lanes {
        let value = t[k * lanes + l]
        s[largest + l] = value > s[largest + l] ? value : s[largest + l]
      }
    }
    let sum = scale * lanes
    for l in 0..<lanes { s[sum + l] = 0 }
    for k in 0..<shape.bins {
      for l in 0..<lanes {
        let e = Scalar.exponential(t[k * lanes + l] - s[largest + l])
        t[k * lanes + l] = e
        s[sum + l] += e
      }
    }
    let free = 2 * shape.bound * (1 - Scalar(shape.bins) * SplineShape<Scalar>.minimumShare)
    for l in 0..<lanes { s[sum + l] = free / s[sum + l] }
  }

  /// Finds the bin of each lane's `search`, among heights for the inverse, and the bin's knots.
  @inline(__always)
  func locate(isInverse: Bool) {
    let (s, t) = (state, numbers)
    let (bins, bound) = (shape.bins, shape.bound)
    let smallest = 2 * bound * SplineShape<Scalar>.minimumShare
    exponentials(0, scale: Row.widthScale)
    exponentials(bins, scale: Row.heightScale)
    for l in 0..<lanes {
      let value = s[Row.search * lanes + l]
      // False for NaN: it is passed on like everything outside.
      let inside = value.magnitude <= bound
      s[Row.isInside * lanes + l] = inside ? 1 : 0
      s[Row.position * lanes + l] = inside ? value : 0
      s[Row.xEnd * lanes + l] = -bound
      s[Row.yEnd * lanes + l] = -bound
    }
    for k in 0..<bins {
      let (isFirst, isLast) = (k == 0, k == bins - 1)
      let number = Scalar(k)
      let (widths, heights) = (t + k * lanes, t + (bins + k) * lanes)
      let before = t + (2 * bins + max(0, k - 1)) * lanes
      let after = t + (2 * bins + min(bins - 2, k)) * lanes
      for l in 0..<lanes {
        let x0 = s[Row.xEnd * lanes + l]
        let y0 = s[Row.yEnd * lanes + l]
        let nextX = x0 + Scalar.fused(widths[l], s[Row.widthScale * lanes + l], plus: smallest)
        let nextY = y0 + Scalar.fused(heights[l], s[Row.heightScale * lanes + l], plus: smallest)
        let x1 = isLast ? bound : nextX
        let y1 = isLast ? bound : nextY
        let isHere = isFirst || s[Row.position * lanes + l] >= (isInverse ? y0 : x0)
        s[Row.x0 * lanes + l] = isHere ? x0 : s[Row.x0 * lanes + l]
        s[Row.x1 * lanes + l] = isHere ? x1 : s[Row.x1 * lanes + l]
        s[Row.y0 * lanes + l] = isHere ? y0 : s[Row.y0 * lanes + l]
        s[Row.y1 * lanes + l] = isHere ? y1 : s[Row.y1 * lanes + l]
        s[Row.raw0 * lanes + l] = isHere ? before[l] : s[Row.raw0 * lanes + l]
        s[Row.raw1 * lanes + l] = isHere ? after[l] : s[Row.raw1 * lanes + l]
        s[Row.bin * lanes + l] = isHere ? number : s[Row.bin * lanes + l]
        s[Row.xEnd * lanes + l] = x1
        s[Row.yEnd * lanes + l] = y1
      }
    }
    let last = Scalar(bins - 1)
    let (shift, floor) = (SplineShape<Scalar>.slopeShift, SplineShape<Scalar>.minimumSlope)
    for l in 0..<lanes {
      let slope0 = floor + Scalar.softplus(s[Row.raw0 * lanes + l] + shift)
      let slope1 = floor + Scalar.softplus(s[Row.raw1 * lanes + l] + shift)
      let bin = s[Row.bin * lanes + l]
      s[Row.slope0 * lanes + l] = bin == 0 ? 1 : slope0
      s[Row.slope1 * lanes + l] = bin == last ? 1 : slope1
    }
  }

  /// The spline at `position` and the logarithm of its derivative.
  @inline(__always)
  func apply() {
    let s = state
    for l in 0..<lanes {
      let (x0, y0) = (s[Row.x0 * lanes + l], s[Row.y0 * lanes + l])
      let width = s[Row.x1 * lanes + l] - x0
      let height = s[Row.y1 * lanes + l] - y0
      let (d0, d1) = (s[Row.slope0 * lanes + l], s[Row.slope1 * lanes + l])
      let slope = height / width
      let ratio = (s[Row.position * lanes + l] - x0) / width
      let xi = ratio > 1 ? 1 : ratio
      let rest = 1 - xi
      let q = xi * rest
      let denominator = Scalar.fused(d0 + d1 - 2 * slope, q, plus: slope)
      let numerator = Scalar.fused(slope * xi, xi, plus: d0 * q)
      let value = Scalar.fused(height, numerator / denominator, plus: y0)
      let g = d1 * xi * xi + 2 * slope * q + d0 * rest * rest
      let relative = slope / denominator
      let isInside = s[Row.isInside * lanes + l] > 0
      s[Row.result * lanes + l] = isInside ? value : s[Row.search * lanes + l]
      s[Row.logSlope * lanes + l] = isInside ? relative * relative * g : 1
    }
    for l in 0..<lanes {
      s[Row.logSlope * lanes + l] = Scalar.logarithm(s[Row.logSlope * lanes + l])
    }
  }

  /// The inverse at `position` and the logarithm of *its* derivative.
  @inline(__always)
  func invert() {
    let s = state
    for l in 0..<lanes {
      let (x0, y0) = (s[Row.x0 * lanes + l], s[Row.y0 * lanes + l])
      let width = s[Row.x1 * lanes + l] - x0
      let height = s[Row.y1 * lanes + l] - y0
      let (d0, d1) = (s[Row.slope0 * lanes + l], s[Row.slope1 * lanes + l])
      let slope = height / width
      let ratio = (s[Row.position * lanes + l] - y0) / height
      let theta = ratio > 1 ? 1 : ratio
      let excess = d0 + d1 - 2 * slope
      let b = Scalar.fused(-theta, excess, plus: d0)
      let product = slope * theta
      let difference = b - 2 * product
      let root = (difference * difference + 4 * product * slope * (1 - theta)).squareRoot()
      let sum = b.magnitude + root
      let whenPositive = 2 * product / sum
      let whenNegative = sum / (2 * (slope + b.magnitude))
      let solution = b >= 0 ? whenPositive : whenNegative
      let xi = solution > 1 ? 1 : solution
      let rest = 1 - xi
      let q = xi * rest
      let denominator = Scalar.fused(excess, q, plus: slope)
      let g = d1 * xi * xi + 2 * slope * q + d0 * rest * rest
      let relative = slope / denominator
      let isInside = s[Row.isInside * lanes + l] > 0
      let value = Scalar.fused(xi, width, plus: x0)
      s[Row.result * lanes + l] = isInside ? value : s[Row.search * lanes + l]
      s[Row.logSlope * lanes + l] = isInside ? relative * relative * g : 1
    }
    for l in 0..<lanes {
      s[Row.logSlope * lanes + l] = -Scalar.logarithm(s[Row.logSlope * lanes + l])
    }
  }

  /// Gradients of the spline at `position` (the base-side number, for both directions) in its input, in
  /// the knots and in the slopes.
  ///
  /// The inverse x = f⁻¹(y) with log-derivative −ℓ(x): a gradient X that arrives at x in all becomes X/f′
  /// at y and −X/f′ at f's output; −dℓ arrives at ℓ.
  @inline(__always)
  func backward(isInverse: Bool) {
    let s = state
    for l in 0..<lanes {
      let x0 = s[Row.x0 * lanes + l]
      let width = s[Row.x1 * lanes + l] - x0
      let height = s[Row.y1 * lanes + l] - s[Row.y0 * lanes + l]
      let (d0, d1) = (s[Row.slope0 * lanes + l], s[Row.slope1 * lanes + l])
      let slope = height / width
      let ratio = (s[Row.position * lanes + l] - x0) / width
      let xi = ratio > 1 ? 1 : ratio
      let rest = 1 - xi
      let q = xi * rest
      let dq = rest - xi
      let excess = d0 + d1 - 2 * slope
      let denominator = Scalar.fused(excess, q, plus: slope)
      let share = Scalar.fused(slope * xi, xi, plus: d0 * q) / denominator
      let g = d1 * xi * xi + 2 * slope * q + d0 * rest * rest
      // ∂g/∂ξ at fixed q, and ℓ's derivative in x.
      let gInXi = 2 * (d1 * xi - d0 * rest)
      let arrived = s[Row.dOutput * lanes + l]
      let arrivedLog = s[Row.dLogSlope * lanes + l]
      let logInX = ((gInXi + 2 * slope * dq) / g - 2 * excess * dq / denominator) / width
      let relative = slope / denominator
      let derivative = relative * relative * g
      let throughInverse = (arrived - arrivedLog * logInX) / derivative
      let dy = isInverse ? -throughInverse : arrived
      let dl = isInverse ? -arrivedLog : arrivedLog
      // y = y₀ + height · share, share = numerator / denominator
      let dNumerator = dy * height / denominator
      let dG = dl / g
      let dDenominator = -dNumerator * share - 2 * dl / denominator
      let dExcess = dDenominator * q
      let dSlope =
        2 * dl / slope + 2 * dG * q + dNumerator * xi * xi + dDenominator - 2 * dExcess
      let dQ = 2 * slope * dG + d0 * dNumerator + excess * dDenominator
      let dXi = dG * gInXi + 2 * slope * xi * dNumerator + dQ * dq
      let dHeight = dy * share + dSlope / width
      let perWidth = dXi / width
      let dWidth = -dSlope * slope / width - perWidth * xi
      let isInside = s[Row.isInside * lanes + l] > 0
      s[Row.dSlope0 * lanes + l] = isInside ? dG * rest * rest + dNumerator * q + dExcess : 0
      s[Row.dSlope1 * lanes + l] = isInside ? dG * xi * xi + dExcess : 0
      s[Row.dX0 * lanes + l] = isInside ? -perWidth - dWidth : 0
      s[Row.dX1 * lanes + l] = isInside ? dWidth : 0
      s[Row.dY0 * lanes + l] = isInside ? dy - dHeight : 0
      s[Row.dY1 * lanes + l] = isInside ? dHeight : 0
      let dInput = isInverse ? throughInverse : perWidth
      s[Row.dInput * lanes + l] = isInside ? dInput : arrived
    }
    sharesBackward(0, scale: Row.widthScale, lower: Row.dX0, upper: Row.dX1)
    sharesBackward(shape.bins, scale: Row.heightScale, lower: Row.dY0, upper: Row.dY1)
    slopesBackward()
  }

  /// Replaces K rows of exponentials by gradients of raw numbers.
  ///
  /// Knot k is the sum of the shares before it, so a share gets what arrives at the knots after it; the
  /// scale holds free / Σ exp, with which a row of exponentials is the derivative of its share.
  @inline(__always)
  private func sharesBackward(_ first: Int, scale: Int, lower: Int, upper: Int) {
    let (s, t) = (state, numbers + first * lanes)
    for l in 0..<lanes { s[Row.mean * lanes + l] = 0 }
    let free = 2 * shape.bound * (1 - Scalar(shape.bins) * SplineShape<Scalar>.minimumShare)
    let reciprocal = 1 / free
    for k in 0..<shape.bins {
      let number = Scalar(k)
      for l in 0..<lanes {
        let bin = s[Row.bin * lanes + l]
        let after = s[upper * lanes + l]
        let both = after + s[lower * lanes + l]
        let atBin = number == bin ? after : 0
        let arrived = number < bin ? both : atBin
        let probability = t[k * lanes + l] * s[scale * lanes + l] * reciprocal
        s[Row.mean * lanes + l] += probability * arrived
      }
    }
    for k in 0..<shape.bins {
      let number = Scalar(k)
      for l in 0..<lanes {
        let bin = s[Row.bin * lanes + l]
        let after = s[upper * lanes + l]
        let both = after + s[lower * lanes + l]
        let atBin = number == bin ? after : 0
        let arrived = number < bin ? both : atBin
        t[k * lanes + l] *= s[scale * lanes + l] * (arrived - s[Row.mean * lanes + l])
      }
    }
  }

  /// Replaces K − 1 rows of raw derivatives by their gradients.
  @inline(__always)
  private func slopesBackward() {
    let (s, t) = (state, numbers + 2 * shape.bins * lanes)
    let shift = SplineShape<Scalar>.slopeShift
    for l in 0..<lanes {
      s[Row.dSlope0 * lanes + l] *= Scalar.logistic(s[Row.raw0 * lanes + l] + shift)
      s[Row.dSlope1 * lanes + l] *= Scalar.logistic(s[Row.raw1 * lanes + l] + shift)
    }
    for k in 0..<shape.bins - 1 {
      let (number, next) = (Scalar(k), Scalar(k + 1))
      for l in 0..<lanes {
        let bin = s[Row.bin * lanes + l]
        let left = bin == next ? s[Row.dSlope0 * lanes + l] : 0
        let right = bin == number ? s[Row.dSlope1 * lanes + l] : 0
        t[k * lanes + l] = left + right
      }
    }
  }
}

/// Calls `body` with each tile of rows × c elements.
@inline(__always)
private func forEachTile<Scalar: VectorScalar>(
  _ rows: Int, _ c: Int, _ shape: SplineShape<Scalar>, _ body: (SplineTile<Scalar>) -> Void
) {
  let capacity = (Row.count + shape.rawCount) * lanes
  withUnsafeTemporaryAllocation(of: Scalar.self, capacity: capacity) { memory in
    let base = memory.baseAddress.unsafelyUnwrapped
    base.initialize(repeating: 0, count: capacity)
    for start in stride(from: 0, to: rows * c, by: lanes) {
      body(SplineTile(shape, columns: c, start: start, total: rows * c, memory: base))
    }
  }
}

/// `KernelTable.splineApply` and `splineInvert`.
@inline(__always)
func spline<Scalar: VectorScalar>(
  _ rows: Int, _ c: Int, _ shape: SplineShape<Scalar>, _ x: UnsafePointer<Scalar>, _ xStride: Int,
  _ raw: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>, _ yStride: Int,
  _ logDet: UnsafeMutablePointer<Scalar>, isInverse: Bool
) {
  for r in 0..<rows { logDet[r] = 0 }
  forEachTile(rows, c, shape) { tile in
    tile.read(x, xStride, into: Row.search)
    tile.readNumbers(raw)
    tile.locate(isInverse: isInverse)
    if isInverse { tile.invert() } else { tile.apply() }
    tile.forEach { lane, row, column in
      y[row * yStride + column] = tile.state[Row.result * lanes + lane]
      logDet[row] += tile.state[Row.logSlope * lanes + lane]
    }
  }
}

/// `KernelTable.splineApplyBackward` and `splineInvertBackward`.
@inline(__always)
func splineBackward<Scalar: VectorScalar>(
  _ rows: Int, _ c: Int, _ shape: SplineShape<Scalar>, _ saved: UnsafePointer<Scalar>,
  _ savedStride: Int, _ raw: UnsafePointer<Scalar>, _ dy: UnsafePointer<Scalar>, _ dyStride: Int,
  _ dLogDet: UnsafePointer<Scalar>, _ dx: UnsafeMutablePointer<Scalar>, _ dxStride: Int,
  _ draw: UnsafeMutablePointer<Scalar>, isInverse: Bool
) {
  forEachTile(rows, c, shape) { tile in
    tile.read(saved, savedStride, into: Row.search)
    tile.read(dy, dyStride, into: Row.dOutput)
    tile.forEach { lane, row, _ in tile.state[Row.dLogSlope * lanes + lane] = dLogDet[row] }
    tile.readNumbers(raw)
    tile.locate(isInverse: false)
    tile.backward(isInverse: isInverse)
    tile.forEach { lane, row, column in
      dx[row * dxStride + column] = tile.state[Row.dInput * lanes + lane]
    }
    tile.writeNumbers(draw)
  }
}
