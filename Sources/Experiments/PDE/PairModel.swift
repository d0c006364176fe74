import Datasets

/// A column of the tables of partial differential equations: an operator that is trained, or a control.
package enum PairModel: String, Sendable, CaseIterable, Codable {
  /// Controls without training.
  case persistence, propagator, multiplier
  /// Operators.
  case fno, mwt, pade
  case padeResidual = "pade-residual"
  case lno, gno, mgno, exponential

  /// As in the table.
  package var title: String {
    switch self {
    case .persistence: "persistence"
    case .propagator: "linear propagator"
    case .multiplier: "least-squares multiplier"
    case .fno: "FNO"
    case .mwt: "MWT Leg"
    case .pade: "Padé Exp"
    case .padeResidual: "multiplier + Padé Exp"
    case .lno: "LNO"
    case .gno: "GNO"
    case .mgno: "MGNO"
    case .exponential: "exact symbol + correction"
    }
  }

  package static let controls: [PairModel] = [.persistence, .propagator, .multiplier]
  package var isControl: Bool { Self.controls.contains(self) }
  /// Whether it is applied on the grid of its training alone, because its levels follow the grid or it
  /// has a multiplier of that grid; see ``Operators/ResampledOperator``.
  package var keepsTrainingGrid: Bool {
    [.mwt, .pade, .padeResidual, .mgno].contains(self)
  }

  /// A control on a grid.
  ///
  /// - Parameter train: pairs on the same grid, to fit the multiplier to.
  /// - Precondition: a control.
  package func makeControl(
    for problem: PDEProblem, points: Int, train: PDEPairs
  ) -> any PDEControl {
    switch self {
    case .persistence: return FieldPersistence()
    case .propagator:
      return FourierMultiplier.linearPropagator(
        equation: problem.equation, length: problem.length, time: problem.endTime, points: points)
    case .multiplier: return MultiplierStatistics(of: train).multiplier
    default: preconditionFailure("\(rawValue) is no control")
    }
  }
}
