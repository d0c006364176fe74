import Layers
import Tensors

/// A dense network from a window of days to the next day, rolled over the forecast.
///
///     2,100 → 16 → 16 → 16 → 16 → 16 → 150,    leaky ReLU between, 37,254 parameters
///
/// The baseline "FC" of COVID forecasts, of the shape of Auto_FC in Wang, Maddix, Faloutsos, Wang & Yu
/// (2021). Recovered counts that are missing are zeros to it.
package struct AutoregressiveNetwork: ForecastModel {
  package let shape: SequenceShape
  package let layers: [Dense]

  /// - Parameter widths: hidden widths.
  package init(
    shape: SequenceShape = .epidemic, widths: [Int] = [16, 16, 16, 16, 16],
    in layout: inout ParameterLayout
  ) {
    self.shape = shape
    let extents = [shape.historyDays * shape.width] + widths + [shape.width]
    var layers: [Dense] = []
    for index in 0..<extents.count - 1 {
      layers.append(
        layout.scoped("\(index)") { Dense(extents[index], extents[index + 1], in: &$0) })
    }
    self.layers = layers
  }

  package func forecast<Scalar>(
    _ history: Value, observed: Value, on tape: Tape<Scalar>
  ) -> Value {
    tape.rollOut(history, shape) { window in
      var value = window
      for (index, layer) in layers.enumerated() {
        value = tape.scoped("\(index)") { layer(value, on: tape) }
        if index < layers.count - 1 { value = tape.leakyRelu(value) }
      }
      return value
    }
  }
}
