import Layers
import Tensors

/// A Transformer encoder over the days of a window, rolled over the forecast.
///
/// A day becomes a token of C channels plus a sinusoidal position; after the layers the last token
/// becomes the next day. The window then moves on by that day and *everything is computed anew*, so
/// that the seven forecasts are seven different ones. A token sees itself and earlier days of its own
/// sample. With five layers of 32 channels, four heads and 64 hidden units: 52,502 parameters.
package struct TransformerForecast: ForecastModel {
  package let shape: SequenceShape
  package let input: Dense
  package let layers: [TransformerLayer]
  package let output: Dense
  private let channels: Int
  private let positions: [Double]

  /// - Parameters:
  ///   - channels: C, a multiple of `heads`.
  ///   - hidden: width of the networks between attentions.
  package init(
    shape: SequenceShape = .epidemic, channels: Int = 32, heads: Int = 4, hidden: Int = 64,
    layers count: Int = 5, in layout: inout ParameterLayout
  ) {
    self.shape = shape
    self.channels = channels
    positions = SinusoidalPositions.values(tokens: shape.historyDays, width: channels)
    input = layout.scoped("input") { Dense(shape.width, channels, in: &$0) }
    var layers: [TransformerLayer] = []
    for index in 0..<count {
      layers.append(
        layout.scoped("\(index)") {
          TransformerLayer(channels, heads: heads, hidden: hidden, in: &$0)
        })
    }
    self.layers = layers
    output = layout.scoped("output") { Dense(channels, shape.width, in: &$0) }
  }

  /// The tokens of a window after all layers, [B, T·W] → [B·T, C].
  package func encode<Scalar>(_ window: Value, on tape: Tape<Scalar>) -> Value {
    let rows = tape.shape(of: window).rows
    let tokens = shape.historyDays
    let days = tape.reshape(window, rows * tokens, shape.width)
    let embedded = tape.scoped("input") { input(days, on: tape) }
    let placed = tape.add(
      tape.reshape(embedded, rows, tokens * channels),
      rowVector: tape.constant(1, positions.count, positions.map { Scalar($0) }))
    var value = tape.reshape(placed, rows * tokens, channels)
    for (index, layer) in layers.enumerated() {
      value = tape.scoped("\(index)") { layer(value, tokens: tokens, on: tape) }
      tape.endSegment()
    }
    return value
  }

  package func forecast<Scalar>(
    _ history: Value, observed: Value, on tape: Tape<Scalar>
  ) -> Value {
    let rows = tape.shape(of: history).rows
    let end = shape.historyDays * channels
    return tape.rollOut(history, shape) { window in
      let tokens = tape.reshape(encode(window, on: tape), rows, end)
      let last = tape.columns(tokens, end - channels..<end)
      return tape.scoped("output") { output(last, on: tape) }
    }
  }
}
