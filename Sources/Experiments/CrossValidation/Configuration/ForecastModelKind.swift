import Operators
import Tensors

/// The models that a configuration may name.
package enum ForecastModelKind: String, ConfigurationChoice {
  case linear

  /// The keys of size that the kind has.
  var sizes: [String] {
    switch self {
    case .linear: []
    }
  }

  /// For tables.
  package var title: String {
    switch self {
    case .linear: "Linear"
    }
  }
}

/// A model of a configuration with the places of its parameters.
struct ForecastNetwork {
  let model: any ForecastModel
  let layout: ParameterLayout
  init(_ configuration: ForecastModelConfiguration) {
    guard let kind = configuration.kind else { preconditionFailure("checked when it was read") }
    var layout = ParameterLayout()
    let inner = layout.scoped("model") { Self.model(kind, configuration, in: &$0) }
    switch configuration.residual {
    case .none: model = inner
    case .slope: model = SlopeResidual(inner, scale: .shares)
    case .increments: model = SlopeResidual(inner, scale: .increments)
    }
    self.layout = layout
  }

  private static func model(
    _ kind: ForecastModelKind, _ settings: ForecastModelConfiguration,
    in layout: inout ParameterLayout
  ) -> any ForecastModel {
    switch kind {
    case .linear: LinearForecast(in: &layout)
    }
  }
}
