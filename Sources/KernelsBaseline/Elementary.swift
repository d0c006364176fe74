/// Elementary functions without branches. Each comparison compiles to a mask and a selection; a NaN
/// argument fails every comparison, so clamps are written such that it passes through.
///
/// Errors, measured against the C library by the tests: exp, log, tanh, logistic and softplus within
/// 3 units in the last place of both types.
extension VectorScalar {
  /// Writes exp(x) as 2ⁿ(1 + q) with |log(1 + q)| ≤ ½ log 2, for x within `exponentialRange`.
  ///
  /// The remainder r = x − n log 2 comes from two fused steps, so its error is one unit of r and the
  /// rounding of log 2 does not count.
  @inline(__always)
  static func reducedExponential(_ x: Self) -> (n: Bits, q: Self) {
    let shifted = fused(x, log2OfE, plus: roundingShift)
    let n = shifted - roundingShift
    var r = fused(-n, logOf2.high, plus: x)
    r = fused(-n, logOf2.low, plus: r)
    let q = fused(r * r, exponentialTail(r), plus: r)
    return (bits(shifted) &- bits(roundingShift), q)
  }

  /// exp(x); 0 at −∞, ∞ at ∞, gradual underflow.
  @inline(__always)
  static func exponential(_ x: Self) -> Self {
    let range = exponentialRange
    let above = x < range.lowest ? range.lowest : x
    let clamped = above > range.highest ? range.highest : above
    let (n, q) = reducedExponential(clamped)
    // 2ⁿ itself may be outside of the range of exponents; its two halves are not.
    let half = n >> 1
    return ((1 + q) * powerOfTwo(half)) * powerOfTwo(n &- half)
  }

  /// The natural logarithm; −∞ at 0, NaN below.
  ///
  /// x = 2ᵏ(1 + f) with 1 + f in [√½, √2), s = f/(2 + f), log(1 + f) = f − s(f − 2s²R(s²)): f is exact,
  /// so the rounding of the quotient matters only in the small second term.
  @inline(__always)
  static func logarithm(_ x: Self) -> Self {
    let isSubnormal = x < leastNormalMagnitude
    let lifted = isSubnormal ? x * subnormalLift.factor : x
    let offset = bits(lifted) &- bits(squareRootOfHalf)
    let mask = ((1 as Bits) &<< fractionBits) &- 1
    let m = number((offset & mask) &+ bits(squareRootOfHalf))
    let exponent = integer(offset >> fractionBits)
    let k = isSubnormal ? exponent - subnormalLift.exponent : exponent
    let f = m - 1
    let s = f / (f + 2)
    let z = s * s
    let tail = (z + z) * logarithmTail(z)
    let ofSignificand = f - s * (f - tail)
    let value = fused(k, logOf2.high, plus: fused(k, logOf2.low, plus: ofSignificand))
    let positive = x < infinity ? value : x
    let other: Self = x == 0 ? -infinity : nan
    return x > 0 ? positive : other
  }

  /// tanh(x) = e/(e + 2) with e = exp(2|x|) − 1, which is accurate for small x too because the
  /// reduction delivers exp − 1.
  @inline(__always)
  static func hyperbolicTangent(_ x: Self) -> Self {
    let magnitude = x.magnitude
    let doubled = magnitude + magnitude
    let clamped = doubled > hyperbolicLimit ? hyperbolicLimit : doubled
    let (n, q) = reducedExponential(clamped)
    let power = powerOfTwo(n)
    let e = fused(q, power, plus: power - 1)
    let value = e / (e + 2)
    return number(bits(value) | (bits(x) & Bits.min))
  }

  /// 1 / (1 + exp(−x)), from exp(−|x|) so that neither tail overflows or cancels.
  @inline(__always)
  static func logistic(_ x: Self) -> Self {
    let e = exponential(-x.magnitude)
    let numerator = x >= 0 ? 1 : e
    return numerator / (1 + e)
  }

  /// log(1 + exp(x)) = max(x, 0) + log(1 + e) with e = exp(−|x|) ≤ 1.
  ///
  /// log(1 + e) = 2 atanh(s) with s = e/(2 + e) ≤ 1/3; no cancellation for small e.
  @inline(__always)
  static func softplus(_ x: Self) -> Self {
    let e = exponential(-x.magnitude)
    let s = e / (e + 2)
    let z = s * s
    let double = s + s
    let logarithm = fused(double * z, wideLogarithmTail(z), plus: double)
    return (x > 0 ? x : 0) + logarithm
  }

  /// max(x, 0); NaN stays NaN, −0 becomes 0. A mask and not a selection, because the compiler turns
  /// the selection of a constant into a branch around the store in some loops.
  @inline(__always)
  static func rectified(_ x: Self) -> Self {
    let mask: Bits = x <= 0 ? 0 : -1
    return number(bits(x) & mask)
  }
}
