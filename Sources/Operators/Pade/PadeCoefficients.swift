/// The Padé approximant [p/q] of the exponential, e^x ≈ A(x)/B(x).
///
///     a_j = (p+q−j)! p! / ((p+q)! j! (p−j)!),  b_j = (−1)^j (p+q−j)! q! / ((p+q)! j! (q−j)!)
///
/// with j up to p and up to q inclusive. Computed by a recurrence over j, because the factorials leave
/// the range of a Double long before p, q = 64 do.
package struct PadeCoefficients: Sendable, Equatable {
  /// a_0 … a_p.
  package let numerator: [Double]
  /// b_0 … b_q.
  package let denominator: [Double]

  package var p: Int { numerator.count - 1 }
  package var q: Int { denominator.count - 1 }

  package init(p: Int, q: Int) {
    precondition(p >= 0 && q >= 0, "a Padé approximant needs p, q ≥ 0, got [\(p)/\(q)]")
    func coefficients(_ degree: Int, sign: Double) -> [Double] {
      var result = [1.0]
      for j in stride(from: 1, through: degree, by: 1) {
        result.append(
          sign * result[j - 1] * Double(degree - j + 1) / (Double(p + q - j + 1) * Double(j)))
      }
      return result
    }
    numerator = coefficients(p, sign: 1)
    denominator = coefficients(q, sign: -1)
  }

  /// Σ c_j x^j.
  package static func evaluate(_ coefficients: [Double], at x: Double) -> Double {
    coefficients.reversed().reduce(0) { $0 * x + $1 }
  }
}

/// The degrees of a Padé approximant.
package struct PadeOrder: Sendable, Equatable {
  package var p: Int
  package var q: Int

  package init(p: Int, q: Int) {
    self.p = p
    self.q = q
  }
}
