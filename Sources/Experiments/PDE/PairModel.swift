import Datasets
import Operators
import Tensors

/// A column of the tables of partial differential equations: an operator that is trained, or a control.
package enum PairModel: String, Sendable, CaseIterable, Codable {
  /// Controls without training.
  case persistence, propagator, multiplier
  /// Operators.
  case fno, mwt, pade, lno, gno, mgno, exponential

  /// As in the table.
  package var title: String {
    switch self {
    case .persistence: "persistence"
    case .propagator: "linear propagator"
    case .multiplier: "least-squares multiplier"
    case .fno: "FNO"
    case .mwt: "MWT Leg"
    case .pade: "Padé Exp"
    case .lno: "LNO"
    case .gno: "GNO"
    case .mgno: "MGNO"
    case .exponential: "exact symbol + correction"
    }
  }

  package static let controls: [PairModel] = [.persistence, .propagator, .multiplier]
  package var isControl: Bool { Self.controls.contains(self) }

  /// The sizes of the operators in the tables: for a processor core and half a minute.
  ///
  /// - Precondition: an operator, no control.
  package func makeOperator(
    for problem: PDEProblem, in layout: inout ParameterLayout
  ) -> any NeuralOperator {
    switch self {
    case .fno:
      var settings = FourierOperator.Settings()
      (settings.width, settings.modes, settings.projection) = (32, 24, 64)
      return FourierOperator(settings, in: &layout)
    case .mwt, .pade:
      var settings =
        self == .pade ? MultiwaveletOperator.Settings.padeExponential : .init()
      (settings.multiplier, settings.projection) = (8, 64)
      return MultiwaveletOperator(settings, in: &layout)
    case .lno:
      var settings = LowRankOperator.Settings()
      (settings.kernelWidths, settings.projection) = ([32, 64], 64)
      return LowRankOperator(settings, in: &layout)
    case .gno:
      var settings = GraphOperator.Settings()
      settings.kernelWidth = 32
      return GraphOperator(settings, in: &layout)
    case .mgno:
      var settings = MultipoleOperator.Settings()
      (settings.kernelWidth, settings.depth) = (32, 2)
      return MultipoleOperator(settings, in: &layout)
    case .exponential:
      var settings = ExponentialOperator.Settings()
      settings.symbol = problem.equation.exactSymbol
      (settings.length, settings.time) = (problem.length, problem.endTime)
      (settings.width, settings.modes) = (24, 24)
      return ExponentialOperator(settings, in: &layout)
    case .persistence, .propagator, .multiplier:
      preconditionFailure("\(rawValue) is no operator")
    }
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

extension EvolutionEquation {
  /// The linear part, as the exponential operator takes it.
  var exactSymbol: Operators.LinearSymbol {
    switch self {
    case .kortewegDeVries: .kortewegDeVries
    case .kuramotoSivashinsky: .kuramotoSivashinsky
    case .burgers(let viscosity): .diffusion(viscosity: viscosity)
    }
  }
}
