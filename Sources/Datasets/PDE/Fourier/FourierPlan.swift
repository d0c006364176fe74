/// The discrete Fourier transform of `lanes` complex fields of one length.
///
///     X_k = Σ_j x_j e^{−2πi jk/N}     (forward; inverse with the other sign, not divided by N)
///
/// Mixed radix, decimation in frequency, in Stockham's order that sorts itself (Stockham, 1966;
/// formulas of a stage in ``FourierStage``): radix 4 while it divides, then 2, then odd factors, for
/// which a stage costs their square. Lengths 2^a 3^b 5^c are the fast ones.
///
/// A plan holds tables only. It is reused, shared between threads, and allocates nothing in a
/// transform.
///
/// - Complexity: O(N log N) per lane for small factors.
package struct FourierPlan: Sendable {
  /// N.
  package let length: Int
  /// Fields side by side.
  package let lanes: Int
  private let stages: [FourierStage]

  /// - Precondition: `length` and `lanes` are positive.
  package init(length: Int, lanes: Int = 1) {
    precondition(length > 0 && lanes > 0, "length and lanes must be positive")
    self.length = length
    self.lanes = lanes
    var stages: [FourierStage] = []
    var (rest, stride) = (length, lanes)
    for factor in Self.factors(of: length) {
      stages.append(FourierStage(radix: factor, subLength: rest, stride: stride))
      rest /= factor
      stride *= factor
    }
    self.stages = stages
  }

  /// Fours, at most one two, then odd primes.
  static func factors(of length: Int) -> [Int] {
    var factors: [Int] = []
    var rest = length
    while rest % 4 == 0 {
      factors.append(4)
      rest /= 4
    }
    var candidate = 2
    while rest > 1 {
      if candidate * candidate > rest { candidate = rest }
      while rest % candidate == 0 {
        factors.append(candidate)
        rest /= candidate
      }
      candidate += 1
    }
    return factors
  }

  /// Transforms in place.
  ///
  /// - Parameters:
  ///   - field: [N, lanes].
  ///   - work: scratch of the same shape; its numbers are lost.
  ///   - inverse: e^{+2πi jk/N}, without the factor 1/N.
  package func transform(
    _ field: inout ComplexField, work: inout ComplexField, inverse: Bool = false
  ) {
    precondition(
      field.count == length && field.lanes == lanes && work.count == length && work.lanes == lanes,
      "a plan for [\(length), \(lanes)] was given [\(field.count), \(field.lanes)]")
    field.withPointers { data in
      work.withPointers { scratch in
        var (from, to) = inverse ? (data.swapped, scratch.swapped) : (data, scratch)
        for stage in stages {
          stage.run(from, to)
          swap(&from, &to)
        }
        guard stages.count % 2 == 1 else { return }
        let total = length * lanes
        data.real.update(from: scratch.real, count: total)
        data.imaginary.update(from: scratch.imaginary, count: total)
      }
    }
  }
}
