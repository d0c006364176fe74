import Layers

/// How a neural differential equation is solved.
package enum ForecastSolver: String, ConfigurationChoice {
  case fixed, dopri5

  static let documentation = """
    Of neural-ode. fixed: a step of the classical Runge–Kutta method a day. dopri5: steps of Dormand and \
    Prince that each window chooses by its own error, four attempts a day. null is fixed.
    """
}

/// How its gradient comes about.
package enum ForecastGradient: String, ConfigurationChoice {
  case backpropagation, adjoint

  static let documentation = """
    Of neural-ode. backpropagation: through the steps of the solver, exact. adjoint: the adjoint equation, \
    solved backwards, right up to the solver's error. null is backpropagation.
    """
}

extension ForecastModelConfiguration {
  /// The keys of a neural differential equation that are given.
  var solverKeys: [(key: String, value: String)] {
    [
      ("solver", solver?.rawValue), ("gradient", gradient?.rawValue),
      ("tolerance", tolerance.map { "\($0)" }),
    ].compactMap { key, value in value.map { (key, $0) } }
  }

  /// Refuses them for other kinds, and a tolerance for equal steps.
  func checkSolver(_ kind: ForecastModelKind, _ demands: inout ConfigurationDemands) {
    for (key, value) in solverKeys {
      demands.require(
        kind == .neuralODE, at: key,
        expected: "null, because the kind \(kind.rawValue) solves no differential equation",
        got: value)
    }
    demands.require(
      kind != .neuralODE || tolerance == nil || solver == .dopri5, at: "tolerance",
      expected: "null, because the solver \(ForecastSolver.fixed.rawValue) has none",
      got: "\(tolerance ?? 0)")
  }

  var solverSteps: ODESolver.Steps {
    switch solver ?? .fixed {
    case .fixed: .fixed(.classical, perOutput: 1)
    case .dopri5: .adaptive(tolerance: tolerance ?? 1e-3)
    }
  }

  var solverDerivative: ODESolver.Derivative {
    switch gradient ?? .backpropagation {
    case .backpropagation: .recorded
    case .adjoint: .adjoint
    }
  }
}
