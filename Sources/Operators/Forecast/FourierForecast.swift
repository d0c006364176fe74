import Layers
import Tensors

/// A Fourier operator over (state, day) with C, R and D as channels, "FNO 3D" of the epidemic's table.
///
/// The published layout has C/R/D as a third axis of three points, which carries no modes worth the name;
/// here it is the channels. The output lives on the same 14 days, shifted by a week: its last seven days
/// are the forecast. About 1.07 million parameters with complex weights counted once.
package struct FourierForecast: ForecastModel {
  /// The shape of the model.
  package struct Settings: Sendable, Equatable {
    package var width = 32
    /// Modes along the states, at most 26.
    package var stateModes = 20
    /// Modes along the days, |l| below this.
    package var dayModes = 7
    package var layers = 4
    package var projection = 128
    package var activation = PointwiseActivation.gelu

    package init() {}
  }

  package let settings: Settings
  private let lifting: Dense
  private let layers: [FourierLayer]
  private let projection: Dense
  private let head: Dense

  package init(_ settings: Settings = Settings(), in layout: inout ParameterLayout) {
    precondition(
      settings.stateModes <= ForecastShape.states / 2 + 1,
      "50 states carry 26 modes, not \(settings.stateModes)")
    self.settings = settings
    let modes =
      settings.stateModes
      * PlaneFourierBasis.innerModeCount(
        positions: ForecastShape.historyDays, modes: settings.dayModes)
    lifting = layout.scoped("lifting") {
      Dense(EpidemicGrid.planeChannels, settings.width, in: &$0)
    }
    var layers: [FourierLayer] = []
    for index in 0..<settings.layers {
      layers.append(
        layout.scoped("\(index)") { FourierLayer(width: settings.width, modes: modes, in: &$0) })
    }
    self.layers = layers
    projection = layout.scoped("projection") {
      Dense(settings.width, settings.projection, in: &$0)
    }
    head = layout.scoped("head") {
      Dense(settings.projection, ForecastShape.series, startsAtZero: true, in: &$0)
    }
  }

  package var complexWeightCount: Int {
    layers.reduce(0) { $0 + $1.convolution.complexWeightCount }
  }

  package func forecast<Scalar>(
    _ history: Value, observed: Value, on tape: Tape<Scalar>
  ) -> Value {
    let basis = PlaneFourierBasis(
      outer: ForecastShape.states, inner: ForecastShape.historyDays,
      outerModes: settings.stateModes, innerModes: settings.dayModes, on: tape)
    var v = tape.scoped("lifting") {
      lifting(EpidemicGrid.plane(history, observed: observed, on: tape), on: tape)
    }
    for (index, layer) in layers.enumerated() {
      tape.endSegment()
      v = tape.scoped("\(index)") { layer(v, basis: basis, on: tape) }
      if index < layers.count - 1 { v = settings.activation(v, on: tape) }
    }
    tape.endSegment()
    let hidden = settings.activation(
      tape.scoped("projection") { projection(v, on: tape) }, on: tape)
    let output = tape.scoped("head") { head(hidden, on: tape) }
    return EpidemicGrid.forecast(fromPlane: output, on: tape)
  }
}
