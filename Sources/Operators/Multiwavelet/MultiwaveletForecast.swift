import Layers
import Tensors

/// A multiwavelet operator along the states for the epidemic: "MWT Leg", and with Padé blocks "Padé Exp".
///
/// The 50 states are padded to 64 positions, days and series are channels, and each position has a
/// learnt embedding, because its place among the others says nothing of a state. The published
/// layout, states × series × days as a field of three axes, has 18 million parameters for MWT; these
/// have 0.64 and, with Padé blocks, 0.68 million, complex weights counted once.
package struct MultiwaveletForecast: ForecastModel {
  /// The shape of the model.
  package struct Settings: Sendable, Equatable {
    package var order = 4
    package var multiplier = 16
    package var modes = 17
    package var cells = 3
    package var projection = 128
    /// Numbers of a state's embedding.
    package var embedding = 8
    /// [p/q] of Padé blocks; nil for linear spectral kernels.
    package var pade: PadeOrder?

    package init() {}

    /// Padé Exp.
    package static var padeExponential: Settings {
      var settings = Settings()
      settings.pade = PadeOrder(p: 4, q: 2)
      return settings
    }
  }

  /// 50 states, padded to a power of two.
  package static let positions = 64

  package let settings: Settings
  /// [64, E].
  private let embedding: Parameter?
  package let network: MultiwaveletOperator

  package init(_ settings: Settings = Settings(), in layout: inout ParameterLayout) {
    self.settings = settings
    embedding =
      settings.embedding > 0
      ? layout.add(
        "embedding", shape: [Self.positions, settings.embedding], .normal(deviation: 0.1)) : nil
    var shape = MultiwaveletOperator.Settings()
    shape.inputs = ForecastShape.historyDays * (ForecastShape.series + 1) + settings.embedding
    shape.outputs = ForecastShape.forecastDays * ForecastShape.series
    shape.order = settings.order
    shape.multiplier = settings.multiplier
    shape.modes = settings.modes
    shape.cells = settings.cells
    shape.projection = settings.projection
    shape.pade = settings.pade
    shape.startsAtZero = true
    network = MultiwaveletOperator(shape, in: &layout)
  }

  package var complexWeightCount: Int { network.complexWeightCount }
  package var padeBlocks: [PlacedPadeBlock] { network.padeBlocks(positions: Self.positions) }

  package func forecast<Scalar>(
    _ history: Value, observed: Value, on tape: Tape<Scalar>
  ) -> Value {
    let batch = tape.shape(of: history).rows
    var input = EpidemicGrid.statesAsPositions(
      history, observed: observed, positions: Self.positions, on: tape)
    if let embedding {
      let index = (0..<Self.positions * batch).map { $0 / batch }
      input = tape.concatenateColumns(
        input, tape.gatherRows(tape.value(of: embedding), index))
    }
    let output = network(input, positions: Self.positions, on: tape)
    return EpidemicGrid.forecast(fromStates: output, positions: Self.positions, on: tape)
  }
}
