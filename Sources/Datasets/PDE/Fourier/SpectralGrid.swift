/// N equal intervals of a periodic domain, and the modes that a quadratic product leaves clean.
///
/// Modes |n| ≤ (N − 1)/3 are kept (the 2/3 rule): a product of two of them aliases onto none of them.
package struct SpectralGrid: Sendable, Equatable {
  /// N.
  package let points: Int
  /// Length of the domain.
  package let length: Double

  /// - Precondition: `points` is even and at least 4, `length` positive.
  package init(points: Int, length: Double) {
    precondition(points >= 4 && points % 2 == 0, "a grid needs an even number ≥ 4, got \(points)")
    precondition(length > 0 && length.isFinite, "a domain needs a positive length, got \(length)")
    self.points = points
    self.length = length
  }

  /// The highest mode kept.
  package var cutoff: Int { (points - 1) / 3 }

  /// k = 2πn/length.
  package func waveNumber(_ mode: Int) -> Double { 2 * .pi * Double(mode) / length }

  /// Modes 0…N/2 of one field, X_k = Σ_j u_j e^{−2πi jk/N}.
  /// - Parameter values: [N].
  package func spectrum(of values: [Double]) -> ComplexField {
    precondition(values.count == points, "expected \(points) values, got \(values.count)")
    var folded = ComplexField(count: points / 2)
    for j in 0..<points / 2 { folded[j] = ComplexNumber(values[2 * j], values[2 * j + 1]) }
    var work = ComplexField(count: points / 2)
    var spectrum = ComplexField(count: points / 2 + 1)
    RealFourierPlan(length: points).analyse(&folded, into: &spectrum, work: &work)
    return spectrum
  }

  /// Values on the grid, [N, lanes], of modes 0…K, [K + 1, lanes], the others being 0.
  /// - Precondition: K ≤ N/2; modes 0 and N/2 are real.
  package func values(of modes: ComplexField) -> [Double] {
    let lanes = modes.lanes
    precondition(modes.count <= points / 2 + 1, "\(modes.count) modes on \(points) points")
    var spectrum = ComplexField(count: points / 2 + 1, lanes: lanes)
    spectrum.real.replaceSubrange(0..<modes.real.count, with: modes.real)
    spectrum.imaginary.replaceSubrange(0..<modes.real.count, with: modes.imaginary)
    var folded = ComplexField(count: points / 2, lanes: lanes)
    var work = folded
    RealFourierPlan(length: points, lanes: lanes)
      .synthesise(&spectrum, into: &folded, work: &work)
    var values = [Double](repeating: 0, count: points * lanes)
    for j in 0..<points / 2 {
      for lane in 0..<lanes {
        values[2 * j * lanes + lane] = folded.real[j * lanes + lane]
        values[(2 * j + 1) * lanes + lane] = folded.imaginary[j * lanes + lane]
      }
    }
    return values
  }
}
