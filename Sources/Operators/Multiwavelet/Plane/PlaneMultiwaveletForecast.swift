import Tensors

/// A multiwavelet operator over (state, day) for the epidemic, with C, R, D, whether R is observed and
/// both coordinates as channels.
///
/// 50 states are padded to 64 and 14 days to 16 with zeros, the days in front, so that the last seven
/// positions are the last seven days; there the forecast is read, as ``FourierForecast`` does it. 0.43
/// million parameters with complex weights counted once.
package struct PlaneMultiwaveletForecast: ForecastModel {
  /// The shape of the model.
  package struct Settings: Sendable, Equatable {
    package var order = 2
    package var multiplier = 4
    /// Modes along the states, and |l| below this along the days.
    package var stateModes = 8
    package var dayModes = 4
    package var cells = 2
    package var projection = 64

    package init() {}
  }

  /// 50 states and 14 days, padded to powers of two.
  package static let states = 64
  package static let days = 16
  /// Modes along the states of the finest level, half as many cells.
  package static let largestModes = states / 4 + 1

  package let network: PlaneMultiwaveletOperator

  package init(_ settings: Settings = Settings(), in layout: inout ParameterLayout) {
    var shape = PlaneMultiwaveletOperator.Settings()
    shape.inputs = EpidemicGrid.planeChannels
    shape.outputs = ForecastShape.series
    shape.order = settings.order
    shape.multiplier = settings.multiplier
    shape.outerModes = settings.stateModes
    shape.innerModes = settings.dayModes
    shape.cells = settings.cells
    shape.projection = settings.projection
    shape.startsAtZero = true
    network = PlaneMultiwaveletOperator(shape, in: &layout)
  }

  package var complexWeightCount: Int { network.complexWeightCount }

  package func forecast<Scalar>(
    _ history: Value, observed: Value, on tape: Tape<Scalar>
  ) -> Value {
    let plane = EpidemicGrid.plane(
      history, observed: observed, states: Self.states, days: Self.days, on: tape)
    let output = network(plane, outer: Self.states, inner: Self.days, on: tape)
    return EpidemicGrid.forecast(
      fromPlane: output, states: Self.states, days: Self.days, on: tape)
  }
}
