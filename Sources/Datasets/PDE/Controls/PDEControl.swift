/// What a neural operator has to beat: a map of fields without a network.
package protocol PDEControl: Sendable {
  /// Name in tables.
  var name: String { get }
  /// u(T) from u(0), both [s].
  func predict(_ initial: [Double]) -> [Double]
}

/// u(T) = u(0).
package struct FieldPersistence: PDEControl {
  package init() {}
  package let name = "persistence"
  package func predict(_ initial: [Double]) -> [Double] { initial }
}

/// u(T) = F⁻¹ m F u(0): one complex factor for every mode.
///
/// ``linearPropagator(equation:length:time:points:)`` has no parameter to fit; ``MultiplierStatistics``
/// fits the best.
package struct FourierMultiplier: PDEControl {
  package let name: String
  /// m of modes 0…s/2.
  package let factors: [ComplexNumber]

  package init(name: String, factors: [ComplexNumber]) {
    precondition(factors.count >= 3, "a multiplier needs 4 points at least")
    self.name = name
    self.factors = factors
  }

  /// e^{TL}: the exact solution without the nonlinear term.
  ///
  /// L at mode s/2 is taken as real: an odd derivative of that mode vanishes on the grid.
  package static func linearPropagator(
    equation: EvolutionEquation, length: Double, time: Double, points: Int
  ) -> Self {
    let grid = SpectralGrid(points: points, length: length)
    return Self(
      name: "linear-propagator",
      factors: (0...points / 2).map { n in
        let symbol = equation.symbol(waveNumber: grid.waveNumber(n))
        return .exp(time * (2 * n == points ? ComplexNumber(symbol.real) : symbol))
      })
  }

  package func predict(_ initial: [Double]) -> [Double] {
    let half = factors.count - 1
    precondition(initial.count == 2 * half, "expected \(2 * half) points, got \(initial.count)")
    let grid = SpectralGrid(points: initial.count, length: 1)
    var spectrum = grid.spectrum(of: initial)
    for n in 0...half { spectrum[n] = factors[n] * spectrum[n] }
    // Real fields have real modes 0 and s/2.
    spectrum[0].imaginary = 0
    spectrum[half].imaginary = 0
    return grid.values(of: spectrum)
  }
}
