import Tensors

/// A low-rank operator over the states for the epidemic, "LNO 3D" of its table: days and series are
/// channels, and φ and ψ of each layer see the features of the moment.
///
/// The published layout has one point a state, series and day; with the states alone as points an
/// evaluation costs a fourteenth. The inner products are means over the states. About 0.28 million
/// parameters.
package struct LowRankForecast: ForecastModel {
  /// The shape of the model.
  package struct Settings: Sendable, Equatable {
    package var width = 8
    package var rank = 4
    package var kernelWidths = [128]
    package var layers = 4
    package var projection = 128

    package init() {}
  }

  private let network: LowRankOperator

  package init(_ settings: Settings = Settings(), in layout: inout ParameterLayout) {
    var shape = LowRankOperator.Settings()
    shape.inputs = ForecastShape.historyDays * (ForecastShape.series + 1)
    shape.outputs = ForecastShape.forecastDays * ForecastShape.series
    (shape.width, shape.rank, shape.layers) = (settings.width, settings.rank, settings.layers)
    (shape.kernelWidths, shape.projection) = (settings.kernelWidths, settings.projection)
    network = LowRankOperator(shape, features: .hidden, startsAtZero: true, in: &layout)
  }

  package func forecast<Scalar>(
    _ history: Value, observed: Value, on tape: Tape<Scalar>
  ) -> Value {
    let states = ForecastShape.states
    let input = EpidemicGrid.statesAsPositions(
      history, observed: observed, positions: states, on: tape)
    return EpidemicGrid.forecast(
      fromStates: network(input, positions: states, on: tape), positions: states, on: tape)
  }
}
