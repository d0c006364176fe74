import Foundation
import Tensors

/// The von Mises–Fisher density of the sphere S² seen on the plane that touches it at the mean direction
/// (stereographic projection from the opposite pole); concentration 0 is the uniform density of the
/// sphere.
///
///     log q(u) = −log 4π − log((1 − e^−2κ) / 2κ) − 2κ s/(1 + s) − 2 log(1 + s),   s = |u|²/4
///
/// With a ``StereographicChart`` of scale 1 and no bijection between, the density per unit of area is
/// C(κ) exp(κ · x·centre) at every x, the pole included: the tails of q are those of a smooth density of
/// the sphere, which no normal density has.
package struct StereographicVonMisesFisher: Distribution {
  /// κ ≥ 0.
  package let concentration: Double
  package var dimension: Int { 2 }

  package init(concentration: Double = 0) {
    precondition(
      concentration >= 0 && concentration.isFinite,
      "expected a concentration ≥ 0, got \(concentration)")
    self.concentration = concentration
  }

  /// (1 − e^−2κ) / 2κ, the share that the uniform density keeps.
  private var share: Double {
    concentration == 0 ? 1 : -expm1(-2 * concentration) / (2 * concentration)
  }

  package func logProbability<Scalar>(of x: Value, on tape: Tape<Scalar>) -> Value {
    let s = tape.scale(tape.rowSquaredSums(x), by: 0.25)
    let denominator = tape.add(s, constant: 1)
    var density = tape.add(
      tape.scale(tape.log(denominator), by: -2), constant: -log(4 * Double.pi * share))
    if concentration > 0 {
      let height = tape.multiply(s, tape.reciprocal(denominator))
      density = tape.add(density, tape.scale(height, by: -2 * concentration))
    }
    return density
  }

  /// The height 1 − 2h of a point of the sphere by inversion of its distribution, and any longitude.
  package func sample(using random: inout SampleRandom) -> [Double] {
    let uniform = random.uniform()
    let (cosine, sine) = PortableMath.cosineAndSine(turns: random.uniform())
    let rest = PortableMath.log(1 - uniform * 2 * concentration * share)
    let h = concentration == 0 ? uniform : min(-rest / (2 * concentration), 1)
    // tan of half the angle from the centre; the pole itself has no point on the plane.
    let radius = 2 * (h / max(1 - h, 0x1p-53)).squareRoot()
    return [radius * cosine, radius * sine]
  }
}
