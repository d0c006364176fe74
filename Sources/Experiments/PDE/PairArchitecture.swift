import Datasets
import Operators
import Tensors

/// An operator of the tables with its sizes: for a processor core and half a minute a cell.
package enum PairArchitecture: Sendable {
  case fourier(FourierOperator.Settings)
  case multiwavelet(MultiwaveletOperator.Settings)
  /// The least-squares multiplier of the training pairs and a multiwavelet correction.
  case multiplierResidual(MultiwaveletOperator.Settings)
  case lowRank(LowRankOperator.Settings)
  case graph(GraphOperator.Settings)
  case multipole(MultipoleOperator.Settings)
  case exponential(ExponentialOperator.Settings)

  /// Nil for a control.
  package init?(_ model: PairModel, for problem: PDEProblem) {
    switch model {
    case .persistence, .propagator, .multiplier: return nil
    case .fno:
      var settings = FourierOperator.Settings()
      (settings.width, settings.modes, settings.projection) = (32, 24, 64)
      self = .fourier(settings)
    case .mwt, .pade, .padeResidual:
      var settings = model == .mwt ? .init() : MultiwaveletOperator.Settings.padeExponential
      (settings.multiplier, settings.projection) = (8, 64)
      settings.startsAtZero = model == .padeResidual
      self = model == .padeResidual ? .multiplierResidual(settings) : .multiwavelet(settings)
    case .lno:
      var settings = LowRankOperator.Settings()
      (settings.rank, settings.kernelWidths, settings.projection) = (2, [64], 64)
      self = .lowRank(settings)
    case .gno:
      var settings = GraphOperator.Settings()
      (settings.width, settings.kernelWidth, settings.layers) = (8, 32, 4)
      settings.maximumNeighbours = 9
      self = .graph(settings)
    case .mgno:
      var settings = MultipoleOperator.Settings()
      (settings.width, settings.kernelWidth, settings.depth) = (8, 32, 2)
      self = .multipole(settings)
    case .exponential:
      var settings = ExponentialOperator.Settings()
      settings.symbol = problem.equation.exactSymbol
      (settings.length, settings.time) = (problem.length, problem.endTime)
      (settings.width, settings.modes) = (24, 24)
      self = .exponential(settings)
    }
  }

  /// - Parameter pairs: those of the training, on its grid; the operators with levels are made for that
  ///   grid, and a multiplier is fitted to them.
  package func makeOperator(
    trainedOn pairs: PDEPairs, in layout: inout ParameterLayout
  ) -> any NeuralOperator {
    func onItsGrid(_ model: any NeuralOperator) -> any NeuralOperator {
      ResampledOperator(model, positions: pairs.points)
    }
    switch self {
    case .fourier(let settings): return FourierOperator(settings, in: &layout)
    case .multiwavelet(let settings):
      return onItsGrid(MultiwaveletOperator(settings, in: &layout))
    case .multiplierResidual(let settings):
      let factors = MultiplierStatistics(of: pairs).multiplier.factors
      return onItsGrid(
        MultiplierResidual(
          factors: factors.map { LinearSymbol.Complex($0.real, $0.imaginary) },
          positions: pairs.points, correction: MultiwaveletOperator(settings, in: &layout)))
    case .lowRank(let settings): return LowRankOperator(settings, in: &layout)
    case .graph(let settings): return GraphOperator(settings, in: &layout)
    case .multipole(let settings):
      return onItsGrid(MultipoleOperator(settings, in: &layout))
    case .exponential(let settings):
      return ExponentialOperator(settings, correctionPositions: pairs.points, in: &layout)
    }
  }

  /// All sizes, as a line of a cell's settings.
  var line: String {
    let settings: Any =
      switch self {
      case .fourier(let settings): settings
      case .multiwavelet(let settings), .multiplierResidual(let settings): settings
      case .lowRank(let settings): settings
      case .graph(let settings): settings
      case .multipole(let settings): settings
      case .exponential(let settings): settings
      }
    let sizes = Mirror(reflecting: settings).children.map { "\($0.label ?? "")=\($0.value)" }
    return "operator: " + sizes.joined(separator: ", ")
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
