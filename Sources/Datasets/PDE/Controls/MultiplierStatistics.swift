/// Sums over pairs that the least-squares Fourier multiplier needs, per mode 0…s/2:
///
///     m = Σ Ā B / (Σ |A|² + 1e-12),   A = F u(0), B = F u(T).
///
/// Sums of disjoint pairs add up, so that shards of a data set need one pass and no epochs.
package struct MultiplierStatistics: Sendable, Equatable {
  /// Σ Ā B.
  package private(set) var cross: [ComplexNumber]
  /// Σ |A|².
  package private(set) var power: [Double]

  /// No pair.
  package init(points: Int) {
    precondition(points >= 4 && points % 2 == 0, "an even number of points ≥ 4, got \(points)")
    cross = [ComplexNumber](repeating: .zero, count: points / 2 + 1)
    power = [Double](repeating: 0, count: points / 2 + 1)
  }

  /// The sums of `pairs`.
  package init(of pairs: PDEPairs) {
    self.init(points: pairs.points)
    let grid = SpectralGrid(points: pairs.points, length: 1)
    for sample in 0..<pairs.count {
      let a = grid.spectrum(of: Array(pairs.input(sample)))
      let b = grid.spectrum(of: Array(pairs.output(sample)))
      for n in power.indices {
        cross[n] += a[n].conjugate * b[n]
        power[n] += a[n].squaredMagnitude
      }
    }
  }

  /// Adds the sums of other pairs.
  package mutating func add(_ other: Self) {
    precondition(power.count == other.power.count, "statistics of different resolutions")
    for n in power.indices {
      cross[n] += other.cross[n]
      power[n] += other.power[n]
    }
  }

  /// The multiplier.
  package var multiplier: FourierMultiplier {
    FourierMultiplier(
      name: "linear-spectral",
      factors: zip(cross, power).map { (1 / ($1 + 1e-12)) * $0 })
  }
}
