/// A problem u(0) ↦ u(T) on a periodic domain, and how it is solved.
package struct PDEProblem: Sendable, Equatable {
  /// What u obeys.
  package var equation: EvolutionEquation
  /// Length of the domain.
  package var length: Double
  /// T.
  package var endTime: Double
  /// Distribution of u(0).
  package var initial: InitialField
  /// Points of the grid that is solved on.
  package var points: Int
  /// Steps of ETDRK4 from 0 to T, part of the data's definition.
  package var steps: Int

  /// The grid that is solved on.
  package var grid: SpectralGrid { SpectralGrid(points: points, length: length) }
}

/// The named sets of pairs u(0), u(T).
///
/// Steps are chosen on the fine grid so that halving them changes u(T) by much less than the best
/// control's error; ``PDEGenerator/stepHalvingError(_:of:)`` says by how much, to stand beside results.
package enum PDESet: String, Sendable, CaseIterable, Codable {
  /// KdV on [0, 1], T = 1, the Gaussian field of the KdV papers: linear but for a thousandth. Data made
  /// by the papers' published script differ: it takes a single step of length 1.
  case kdvPaper = "kdv-paper"
  /// KdV on [0, 10], T = 1, four times that field: no linear model comes below 0.3.
  case kdvHard = "kdv-hard"
  /// KS on [0, 22], T = 5, the Gaussian field.
  case ks22 = "ks-22"
  /// KS on [0, 64], T = 5, ten sines.
  case ks64 = "ks-64"
  /// Burgers on [0, 1], ν = 0.1, T = 1, Gaussian field with γ = 2, τ = 5, σ = 25 (Li et al., 2021).
  case burgers

  /// The set on its fine grid of 1,024 points.
  package var problem: PDEProblem {
    switch self {
    case .kdvPaper:
      PDEProblem(
        equation: .kortewegDeVries, length: 1, endTime: 1, initial: .korteweg(), points: 1024,
        steps: 10_000)
    case .kdvHard:
      PDEProblem(
        equation: .kortewegDeVries, length: 10, endTime: 1, initial: .korteweg(amplitude: 4),
        points: 1024, steps: 4000)
    case .ks22:
      PDEProblem(
        equation: .kuramotoSivashinsky, length: 22, endTime: 5, initial: .korteweg(),
        points: 1024, steps: 500)
    case .ks64:
      PDEProblem(
        equation: .kuramotoSivashinsky, length: 64, endTime: 5, initial: .sines, points: 1024,
        steps: 500)
    case .burgers:
      PDEProblem(
        equation: .burgers(viscosity: 0.1), length: 1, endTime: 1,
        initial: .gaussian(amplitude: 1, sigma: 25, tau: 5, gamma: 2), points: 1024, steps: 1000)
    }
  }
}
