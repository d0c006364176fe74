import Layers
import Tensors

/// Two stacks of LSTM layers: one reads the history, the other writes the forecast (Sutskever, Vinyals
/// & Le, 2014).
///
/// The decoder takes over the encoder's states. It reads the last day that was observed, then its own
/// forecast of each day before; it is trained as it is used, without the true days (no teacher
/// forcing). With two layers of 256 it has 1,926,806 parameters, with 250 it has 1,845,650: two bias
/// vectors a layer, as ``LSTMCell`` says.
package struct RecurrentForecast: ForecastModel {
  package let shape: SequenceShape
  package let encoder: StackedLSTM
  package let decoder: StackedLSTM
  package let output: Dense

  package init(
    shape: SequenceShape = .epidemic, width: Int = 256, layers: Int = 2,
    in layout: inout ParameterLayout
  ) {
    self.shape = shape
    encoder = layout.scoped("encoder") {
      StackedLSTM(shape.width, width: width, layers: layers, in: &$0)
    }
    decoder = layout.scoped("decoder") {
      StackedLSTM(shape.width, width: width, layers: layers, in: &$0)
    }
    output = layout.scoped("output") { Dense(width, shape.width, in: &$0) }
  }

  package func forecast<Scalar>(
    _ history: Value, observed: Value, on tape: Tape<Scalar>
  ) -> Value {
    var states = encoder.zeroState(rows: tape.shape(of: history).rows, on: tape)
    for day in 0..<shape.historyDays {
      _ = tape.scoped("encoder") { encoder(tape.day(day, of: history, shape), &states, on: tape) }
      tape.endSegment()
    }
    var day = tape.day(shape.historyDays - 1, of: history, shape)
    var days: [Value] = []
    for _ in 0..<shape.forecastDays {
      let hidden = tape.scoped("decoder") { decoder(day, &states, on: tape) }
      day = tape.scoped("output") { output(hidden, on: tape) }
      days.append(day)
      tape.endSegment()
    }
    return tape.joined(days)
  }
}
