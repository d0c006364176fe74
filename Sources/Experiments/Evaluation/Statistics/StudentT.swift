import Foundation

/// Student's t distribution, for intervals of means of a few runs.
package enum StudentT {
  /// P(T ≤ t) with ν degrees of freedom: 1 − ½ I_{ν/(ν+t²)}(ν/2, ½) for t ≥ 0.
  package static func cumulative(_ t: Double, degreesOfFreedom: Int) -> Double {
    precondition(degreesOfFreedom > 0, "expected degrees of freedom, got \(degreesOfFreedom)")
    let degrees = Double(degreesOfFreedom)
    let tail = 0.5 * incompleteBeta(degrees / (degrees + t * t), 0.5 * degrees, 0.5)
    return t >= 0 ? 1 - tail : tail
  }

  /// The t with P(T ≤ t) = `probability`, by bisection to all digits.
  /// - Precondition: the probability lies in 0.5 ..< 1.
  package static func quantile(_ probability: Double, degreesOfFreedom: Int) -> Double {
    precondition((0.5..<1).contains(probability), "expected 0.5 ..< 1, got \(probability)")
    var (low, high) = (0.0, 1.0)
    while cumulative(high, degreesOfFreedom: degreesOfFreedom) < probability { high *= 2 }
    while true {
      let middle = 0.5 * (low + high)
      if middle <= low || middle >= high { return middle }
      if cumulative(middle, degreesOfFreedom: degreesOfFreedom) < probability {
        low = middle
      } else {
        high = middle
      }
    }
  }

  /// The regularised incomplete beta function I_x(a, b), by its continued fraction
  /// (Abramowitz & Stegun, 26.5.8) evaluated after Lentz.
  private static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    // The fraction converges quickly below the mean; above it, by symmetry.
    if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
    let front = exp(
      lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    var (c, d) = (1.0, 1 / nonZero(1 - (a + b) * x / (a + 1)))
    var fraction = d
    for step in 1...500 {
      let m = Double(step)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      d = 1 / nonZero(1 + even * d)
      c = nonZero(1 + even / c)
      fraction *= c * d
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 / nonZero(1 + odd * d)
      c = nonZero(1 + odd / c)
      fraction *= c * d
      if abs(c * d - 1) < 1e-16 { break }
    }
    return front * fraction / a
  }

  private static func nonZero(_ value: Double) -> Double { abs(value) < 1e-300 ? 1e-300 : value }
}
