import Operators
import Tensors

/// The models that a configuration may name.
package enum ForecastModelKind: String, ConfigurationChoice {
  case pade, mwt, fno, lno
  case mwtPlane = "mwt-plane"
  case neuralODE = "neural-ode"
  case seq2seq, transformer, fc
  case padeCourse = "pade-course"
  case padeDaily = "pade-daily"
  case linear

  static let documentation = """
    What the model is. pade and mwt: multiwavelet operators along the states, with Padé exponential blocks \
    and without; mwt-plane: without, over states and days. fno: a Fourier operator over states and days. \
    lno: a low-rank operator over the states. neural-ode, seq2seq (LSTM), transformer, fc \
    (auto-regressive): networks over the days that see all states at once. pade-course: a multiwavelet \
    Padé exponential operator along the days, the same for each state. pade-daily: a Padé exponential \
    operator that advances all states by one day, seven times over. linear: one linear map of the days, \
    the same for each state and series.
    """

  /// The keys of size that the kind has.
  var sizes: [String] {
    switch self {
    case .pade, .mwt, .mwtPlane, .fno, .padeCourse: ["width", "depth", "modes"]
    case .padeDaily, .lno, .seq2seq, .transformer, .fc, .neuralODE: ["width", "depth"]
    case .linear: []
    }
  }
}

/// A model of a configuration with the places of its parameters.
struct ForecastNetwork {
  let model: any ForecastModel
  let layout: ParameterLayout

  /// - Parameter statistics: of the training windows.
  init(_ configuration: ForecastModelConfiguration, statistics: DayStatistics) {
    guard let kind = configuration.kind else { preconditionFailure("checked when it was read") }
    var layout = ParameterLayout()
    let inner = layout.scoped("model") { Self.model(kind, configuration, statistics, in: &$0) }
    switch configuration.residual {
    case .none: model = inner
    case .slope: model = SlopeResidual(inner, scale: .shares)
    case .increments: model = SlopeResidual(inner, scale: .increments)
    }
    self.layout = layout
  }

  private static func model(
    _ kind: ForecastModelKind, _ settings: ForecastModelConfiguration, _ statistics: DayStatistics,
    in layout: inout ParameterLayout
  ) -> any ForecastModel {
    let (width, depth, modes) = (settings.width, settings.depth, settings.modes)
    switch kind {
    case .pade, .mwt:
      var shape: MultiwaveletForecast.Settings = kind == .pade ? .padeExponential : .init()
      if let width { shape.multiplier = max(1, width / shape.order) }
      if let depth { shape.cells = depth }
      if let modes { shape.modes = modes }
      return MultiwaveletForecast(shape, in: &layout)
    case .mwtPlane:
      var shape = PlaneMultiwaveletForecast.Settings()
      if let width { shape.multiplier = max(1, width / (shape.order * shape.order)) }
      if let depth { shape.cells = depth }
      if let modes { shape.stateModes = modes }
      return PlaneMultiwaveletForecast(shape, in: &layout)
    case .fno:
      var shape = FourierForecast.Settings()
      if let width { shape.width = width }
      if let depth { shape.layers = depth }
      if let modes { shape.stateModes = min(modes, ForecastShape.states / 2 + 1) }
      return FourierForecast(shape, in: &layout)
    case .lno:
      var shape = LowRankForecast.Settings()
      if let width { shape.width = width }
      if let depth { shape.layers = depth }
      return LowRankForecast(shape, in: &layout)
    case .padeCourse:
      var shape = CourseForecast.Settings()
      if let width { shape.multiplier = max(1, width / shape.order) }
      if let depth { shape.cells = depth }
      if let modes { shape.modes = modes }
      return CourseForecast(shape, in: &layout)
    case .padeDaily:
      var shape = DailyPropagator.Settings()
      if let width { shape.width = width }
      if let depth { shape.blocks = depth }
      return DailyPropagator(shape, statistics: statistics, in: &layout)
    case .neuralODE:
      return NeuralODE(
        hidden: width ?? 128, fieldLayers: depth ?? 4, steps: settings.solverSteps,
        derivative: settings.solverDerivative, in: &layout)
    case .seq2seq: return RecurrentForecast(width: width ?? 256, layers: depth ?? 2, in: &layout)
    case .transformer:
      return TransformerForecast(channels: width ?? 32, layers: depth ?? 5, in: &layout)
    case .fc:
      return AutoregressiveNetwork(
        widths: Array(repeating: width ?? 16, count: depth ?? 5), in: &layout)
    case .linear: return LinearForecast(in: &layout)
    }
  }
}
