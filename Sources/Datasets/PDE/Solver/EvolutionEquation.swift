/// A linear operator with constant coefficients on a periodic domain, as its symbol: u_t = L u becomes
/// v_t = L(k) v for every mode.
package protocol LinearSymbol: Sendable {
  /// L(k), k = 2πn/length ≥ 0; L(−k) is its conjugate.
  func symbol(waveNumber k: Double) -> ComplexNumber
}

/// A nonlinear term N(u) = D g(u): g works point by point, D is a symbol.
package protocol PointwiseTerm: Sendable {
  /// g in place.
  func apply(to values: UnsafeMutableBufferPointer<Double>)
  /// D(k), k ≥ 0; D(−k) is its conjugate.
  func multiplier(waveNumber k: Double) -> ComplexNumber
}

/// −½ (u²)_x, the transport of all three equations.
package struct QuadraticFlux: PointwiseTerm {
  package init() {}

  package func apply(to values: UnsafeMutableBufferPointer<Double>) {
    for i in values.indices { values[i] *= values[i] }
  }

  /// −ik/2.
  package func multiplier(waveNumber k: Double) -> ComplexNumber { ComplexNumber(0, -0.5 * k) }
}

/// The equations of the data sets, u_t = L u − ½ (u²)_x on a periodic domain.
package enum EvolutionEquation: Sendable, Equatable, LinearSymbol {
  /// u_t = −u u_x − u_xxx (Korteweg & de Vries, 1895).
  case kortewegDeVries
  /// u_t = −u u_x − u_xx − u_xxxx.
  case kuramotoSivashinsky
  /// u_t = −u u_x + ν u_xx.
  case burgers(viscosity: Double)

  /// ik³, k² − k⁴, −νk².
  package func symbol(waveNumber k: Double) -> ComplexNumber {
    switch self {
    case .kortewegDeVries: ComplexNumber(0, k * k * k)
    case .kuramotoSivashinsky: ComplexNumber(k * k * (1 - k * k))
    case .burgers(let viscosity): ComplexNumber(-viscosity * k * k)
    }
  }
}
