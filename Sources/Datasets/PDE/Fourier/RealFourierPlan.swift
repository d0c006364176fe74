/// Transforms between real fields of even length N and their modes 0…N/2, through complex transforms of
/// half the length.
///
/// Real fields are held *folded*, as the complex field z_j = x_{2j} + i x_{2j+1}, [N/2, lanes]: what
/// works point by point (the square of a velocity) need not unfold them. With Z the transform of z,
///
///     X_k = (Z_k + Z̄_{H−k})/2 − (i/2) e^{−2πik/N} (Z_k − Z̄_{H−k}),   H = N/2,  Z_H = Z_0.
package struct RealFourierPlan: Sendable {
  /// N.
  package let length: Int
  /// Fields side by side.
  package let lanes: Int
  private let half: FourierPlan
  /// e^{−2πik/N}, k = 0…N/2.
  private let turns: [ComplexNumber]

  /// - Precondition: `length` is even and positive.
  package init(length: Int, lanes: Int = 1) {
    precondition(
      length > 0 && length % 2 == 0, "a real transform needs an even length, got \(length)")
    self.length = length
    self.lanes = lanes
    half = FourierPlan(length: length / 2, lanes: lanes)
    turns = (0...length / 2).map {
      ComplexNumber.unit(turns: Double($0) / Double(length)).conjugate
    }
  }

  /// Modes 0…N/2 of folded fields: X_k = Σ_j x_j e^{−2πi jk/N}.
  ///
  /// - Parameters:
  ///   - folded: [N/2, lanes]; its numbers are lost.
  ///   - spectrum: [N/2 + 1, lanes].
  ///   - work: scratch, [N/2, lanes].
  package func analyse(
    _ folded: inout ComplexField, into spectrum: inout ComplexField, work: inout ComplexField
  ) {
    half.transform(&folded, work: &work)
    let (count, lanes) = (length / 2, lanes)
    folded.withPointers { z in
      spectrum.withPointers { x in
        for k in 0...count {
          let at = (k == count ? 0 : k) * lanes
          let mirror = (k == 0 ? 0 : count - k) * lanes
          let (c, s) = (turns[k].real, turns[k].imaginary)
          for lane in 0..<lanes {
            let (ar, ai) = (z.real[at &+ lane], z.imaginary[at &+ lane])
            let (br, bi) = (z.real[mirror &+ lane], -z.imaginary[mirror &+ lane])
            // −i (Z − Z̄')
            let (dr, di) = (ai - bi, br - ar)
            x.real[k &* lanes &+ lane] = 0.5 * (ar + br + (dr * c - di * s))
            x.imaginary[k &* lanes &+ lane] = 0.5 * (ai + bi + (dr * s + di * c))
          }
        }
      }
    }
  }

  /// Folded fields from their modes, divided by N: the inverse of ``analyse(_:into:work:)``.
  ///
  /// - Parameters:
  ///   - spectrum: [N/2 + 1, lanes]; imaginary parts of modes 0 and N/2 must be 0.
  ///   - folded: [N/2, lanes].
  ///   - work: scratch, [N/2, lanes].
  package func synthesise(
    _ spectrum: inout ComplexField, into folded: inout ComplexField, work: inout ComplexField
  ) {
    let (count, lanes) = (length / 2, lanes)
    let scale = 1 / Double(length)
    spectrum.withPointers { x in
      folded.withPointers { z in
        for k in 0..<count {
          let (at, mirror) = (k * lanes, (count - k) * lanes)
          let (c, s) = (turns[k].real, -turns[k].imaginary)
          for lane in 0..<lanes {
            let (ar, ai) = (x.real[at &+ lane], x.imaginary[at &+ lane])
            let (br, bi) = (x.real[mirror &+ lane], -x.imaginary[mirror &+ lane])
            // i (X − X̄')
            let (dr, di) = (bi - ai, ar - br)
            z.real[at &+ lane] = scale * (ar + br + (dr * c - di * s))
            z.imaginary[at &+ lane] = scale * (ai + bi + (dr * s + di * c))
          }
        }
      }
    }
    half.transform(&folded, work: &work, inverse: true)
  }
}
