import Tensors

/// One linear map of the 14 days to the 7 for all states and series, 105 parameters with its bias:
/// ŷ_e = Σ_d x_d W_de + b_e. Starts at zero.
package struct LinearForecast: ForecastModel {
  /// [14, 7].
  package let weight: Parameter
  /// [1, 7].
  package let bias: Parameter

  package init(in layout: inout ParameterLayout) {
    weight = layout.add(
      "weight", shape: [ForecastShape.historyDays, ForecastShape.forecastDays], .zeros)
    bias = layout.add("bias", shape: [ForecastShape.forecastDays], .zeros)
  }

  package func forecast<Scalar>(
    _ history: Value, observed: Value, on tape: Tape<Scalar>
  ) -> Value {
    let mixed = tape.mixDays(history, weight: tape.value(of: weight))
    let days = ForecastShape.forecastDays
    var spread = [Scalar](repeating: 0, count: days * days * ForecastShape.dayWidth)
    for column in 0..<days * ForecastShape.dayWidth {
      spread[column / ForecastShape.dayWidth * days * ForecastShape.dayWidth + column] = 1
    }
    let offset = tape.matmul(
      tape.value(of: bias), tape.constant(days, days * ForecastShape.dayWidth, spread))
    return tape.add(mixed, rowVector: offset)
  }
}
