/// Sine and cosine by the reduction of Cody & Waite (1980): x = n·π/2 + r, |r| ≤ π/4.
extension VectorScalar {
  /// The largest |x| that the fast reduction takes: n has few enough bits that the first fused step is
  /// exact.
  @inline(__always) static var trigonometricLimit: Self { 100_000 }

  /// The quadrant n and the sine and cosine of the remainder, for |x| ≤ `trigonometricLimit`.
  @inline(__always)
  private static func reduced(_ x: Self) -> (quadrant: Bits, sine: Self, cosine: Self) {
    let shifted = fused(x, twoOverPi, plus: roundingShift)
    let n = shifted - roundingShift
    var r = fused(-n, halfPi.high, plus: x)
    r = fused(-n, halfPi.middle, plus: r)
    r = fused(-n, halfPi.low, plus: r)
    let z = r * r
    let sine = fused(r * z, sineTail(z), plus: r)
    let cosine = fused(z * z, cosineTail(z), plus: 1 - z * 0.5)
    return (bits(shifted) &- bits(roundingShift), sine, cosine)
  }

  /// sin(π/2·quadrant + r) from the sine and the cosine of r.
  @inline(__always)
  private static func combined(_ quadrant: Bits, _ sine: Self, _ cosine: Self) -> Self {
    let value = quadrant & 1 == 0 ? sine : cosine
    return number(bits(value) ^ ((quadrant & 2) &<< (Bits(Bits.bitWidth) &- 2)))
  }

  @inline(__always)
  static func fastSine(_ x: Self) -> Self {
    let (quadrant, sine, cosine) = reduced(x)
    return combined(quadrant, sine, cosine)
  }

  @inline(__always)
  static func fastCosine(_ x: Self) -> Self {
    let (quadrant, sine, cosine) = reduced(x)
    return combined(quadrant &+ 1, sine, cosine)
  }
}

/// y = fast(x), but library(x) where |x| is beyond the fast reduction or not a number.
@inline(__always)
func mapAngles<Scalar: VectorScalar>(
  _ n: Int, _ x: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>,
  fast: (Scalar) -> Scalar, library: (Scalar) -> Scalar
) {
  let limit = Scalar.trigonometricLimit
  var outside: Scalar.Bits = 0
  for i in 0..<n { outside |= x[i].magnitude <= limit ? 0 : 1 }
  if outside == 0 {
    mapElements(n, x, y, fast)
  } else {
    for i in 0..<n {
      let value = x[i]
      y[i] = value.magnitude <= limit ? fast(value) : library(value)
    }
  }
}
