/// The two functions that Box–Muller needs, from multiplication and addition alone.
///
/// The C library picks a variant by processor, and versions differ in the last bit; random numbers must
/// be the same everywhere. Both functions are within two units in the last place.
@usableFromInline
package enum PortableMath {
  /// The natural logarithm of a normal positive number.
  ///
  /// x = 2^k·m with m in [√½, √2); log m = 2 atanh s with s = (m − 1)/(m + 1), |s| ≤ 0.172, whose series
  /// 2s(1 + s²/3 + s⁴/5 + …) is below 2⁻⁵⁷ after eleven terms.
  @usableFromInline
  package static func log(_ x: Double) -> Double {
    var exponent = Int(x.exponent)
    var significand = x.significand
    if significand > 1.4142135623730951 {
      significand *= 0.5
      exponent += 1
    }
    let s = (significand - 1) / (significand + 1)
    let z = s * s
    var series = 1.0 / 23
    series = series * z + 1.0 / 21
    series = series * z + 1.0 / 19
    series = series * z + 1.0 / 17
    series = series * z + 1.0 / 15
    series = series * z + 1.0 / 13
    series = series * z + 1.0 / 11
    series = series * z + 1.0 / 9
    series = series * z + 1.0 / 7
    series = series * z + 1.0 / 5
    series = series * z + 1.0 / 3
    // log 2 in two parts: the high one has 20 trailing zero bits, so its product is exact.
    let k = Double(exponent)
    let tail = k * 1.90821492927058770002e-10 + 2 * s * (z * series)
    return k * 6.93147180369123816490e-01 + (2 * s + tail)
  }

  /// cos 2πt and sin 2πt for t in [0, 1).
  ///
  /// The reduction by eighths of a turn is exact; the Taylor series on |x| ≤ π/4 end below 2⁻⁵⁴.
  @usableFromInline
  package static func cosineAndSine(turns t: Double) -> (cosine: Double, sine: Double) {
    let quarter = (t * 4).rounded(.toNearestOrEven)
    let x = (t * 4 - quarter) * (Double.pi / 2)
    let z = x * x
    var sineSeries = 1.0 / 355_687_428_096_000
    sineSeries = sineSeries * z + -1.0 / 1_307_674_368_000
    sineSeries = sineSeries * z + 1.0 / 6_227_020_800
    sineSeries = sineSeries * z + -1.0 / 39_916_800
    sineSeries = sineSeries * z + 1.0 / 362_880
    sineSeries = sineSeries * z + -1.0 / 5_040
    sineSeries = sineSeries * z + 1.0 / 120
    sineSeries = sineSeries * z + -1.0 / 6
    sineSeries = sineSeries * z + 1.0
    var cosineSeries = -1.0 / 6_402_373_705_728_000
    cosineSeries = cosineSeries * z + 1.0 / 20_922_789_888_000
    cosineSeries = cosineSeries * z + -1.0 / 87_178_291_200
    cosineSeries = cosineSeries * z + 1.0 / 479_001_600
    cosineSeries = cosineSeries * z + -1.0 / 3_628_800
    cosineSeries = cosineSeries * z + 1.0 / 40_320
    cosineSeries = cosineSeries * z + -1.0 / 720
    cosineSeries = cosineSeries * z + 1.0 / 24
    cosineSeries = cosineSeries * z + -1.0 / 2
    cosineSeries = cosineSeries * z + 1.0
    let sine = x * sineSeries
    switch Int(quarter) & 3 {
    case 0: return (cosineSeries, sine)
    case 1: return (-sine, cosineSeries)
    case 2: return (-cosineSeries, -sine)
    default: return (sine, -cosineSeries)
    }
  }
}
