import Tensors

#if canImport(Glibc)
  import Glibc
#endif

/// Random initial conditions on a periodic domain, x measured in parts of its length.
///
/// A draw is a function, not a vector: modes are drawn from the lowest upwards, so a finer grid adds
/// modes and changes none.
package enum InitialField: Sendable, Equatable {
  /// u = A Σ_{n ≥ 1} a_n cos 2πnx + b_n sin 2πnx, with a_n, b_n ~ N(0, λ_n²) and
  /// λ_n = √2 σ ((2πn)² + τ²)^{−γ/2}: N(0, σ² (−Δ + τ²)^{−γ}) without its mean.
  case gaussian(amplitude: Double, sigma: Double, tau: Double, gamma: Double)
  /// u = Σ_{j ≤ 10} A_j sin(2π l_j x + φ_j), A_j uniform on ±½, l_j of 1, 2, 3, φ_j of a turn: the
  /// protocol of Brandstetter, Welling & Worrall (2022) with three wave numbers.
  case sines

  /// The field of the KdV papers: γ = 2.5, τ = 7, σ = 49.
  package static func korteweg(amplitude: Double = 1) -> Self {
    .gaussian(amplitude: amplitude, sigma: 49, tau: 7, gamma: 2.5)
  }

  /// λ_n times the amplitude; the standard deviation of a mode's two numbers. 0 for `sines`, whose
  /// numbers are not normal.
  package func deviation(mode n: Int) -> Double {
    guard case .gaussian(let amplitude, let sigma, let tau, let gamma) = self else { return 0 }
    let k = 2 * Double.pi * Double(n)
    return amplitude * 2.0.squareRoot() * sigma * pow(k * k + tau * tau, -gamma / 2)
  }

  /// Modes 0…K of a draw on a grid, into a lane of `modes`, [K + 1, lanes].
  ///
  /// The order of draws is part of the data's definition: a_1, b_1, a_2, … for the Gaussian field;
  /// A, l, φ of each sine.
  func draw(
    using random: inout SampleRandom, points: Int, lane: Int, into modes: inout ComplexField
  ) {
    let count = Double(points)
    switch self {
    case .gaussian:
      modes[0, lane] = .zero
      for n in 1..<modes.count {
        let size = deviation(mode: n)
        let (a, b) = (random.normal(), random.normal())
        // a cos + b sin is (a − ib)/2 at mode n.
        modes[n, lane] = (0.5 * count * size) * ComplexNumber(a, -b)
      }
    case .sines:
      for n in 0..<modes.count { modes[n, lane] = .zero }
      for _ in 0..<10 {
        let amplitude = random.uniform(from: -0.5, to: 0.5)
        let n = 1 + random.integer(below: 3)
        let phase = ComplexNumber.unit(turns: random.uniform())
        // A sin(2πnx + φ) is −iA e^{iφ}/2 at mode n.
        modes[n, lane] += (0.5 * count * amplitude) * ComplexNumber(phase.imaginary, -phase.real)
      }
    }
  }
}
