import Foundation
import Tensors

/// y/|y| for y ~ N(μ, I₃): a density of S² in closed form.
///
/// With t = x·μ, per unit of area:
///
///     p(x) = exp(−|μ|²/2) / (2^{5/2} π^{3/2}) · [2t + √(2π) (t² + 1) exp(t²/2) (1 + erf(t/√2))]
struct ProjectedNormal {
  let mean: [Double]

  func logDensity(_ x: [Double]) -> Double {
    let t = zip(x, mean).map(*).reduce(0, +)
    let bracket =
      2 * t + (2 * Double.pi).squareRoot() * (t * t + 1) * exp(t * t / 2)
      * erfc(-t / 2.squareRoot())
    let squared = mean.map { $0 * $0 }.reduce(0, +)
    return log(bracket) - squared / 2 - log(pow(2, 2.5) * pow(Double.pi, 1.5))
  }

  func sample(_ row: Int, seed: UInt64) -> [Double] {
    var random = SampleRandom(seed: seed, purpose: .data, sample: UInt64(row))
    let y = mean.map { $0 + random.normal() }
    let length = y.map { $0 * $0 }.reduce(0, +).squareRoot()
    return y.map { $0 / length }
  }
}
