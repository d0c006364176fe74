import Tensors

/// Sizes of the epidemic's windows: 14 days of 50 states × 3 series, then 7 days.
package enum ForecastShape {
  package static let historyDays = 14
  package static let forecastDays = 7
  package static let states = 50
  package static let series = 3
  /// Numbers of a day.
  package static let dayWidth = states * series
}

extension Tape {
  /// The same linear map along the days for each of the 150 columns:
  /// y[b, e, c] = Σ_d x[b, d, c] · weight[d, e].
  ///
  /// - Parameters:
  ///   - x: day-major, [B, D·150].
  ///   - weight: [D, E].
  /// - Returns: [B, E·150].
  package func mixDays(_ x: Value, weight: Value) -> Value {
    let batch = shape(of: x).rows
    let (days, targets) = (shape(of: weight).rows, shape(of: weight).columns)
    let width = ForecastShape.dayWidth
    // One product of [E, D] and [D, 150·B]: days are the rows of the transposed batch.
    let byDay = reshape(transpose(x), days, width * batch)
    let mixed = matmul(weight, byDay, transposeA: true)
    return transpose(reshape(mixed, targets * width, batch))
  }

  /// One number a sample and series on each of so many days and all states, [B, 3] → [B, days·150].
  package func spreadSeries(_ x: Value, days: Int) -> Value {
    let columns = days * ForecastShape.dayWidth
    var choice = [Scalar](repeating: 0, count: ForecastShape.series * columns)
    for column in 0..<columns { choice[column % ForecastShape.series * columns + column] = 1 }
    return matmul(x, constant(ForecastShape.series, columns, choice))
  }

  /// The mask of all three series: 1 for confirmed and deaths, `observed` [B, 14·50] for recovered.
  ///
  /// - Returns: [B, 14·150], in the order of a history.
  package func historyMask(observed: Value) -> Value {
    let cells = ForecastShape.historyDays * ForecastShape.states
    let ones = constant(shape(of: observed).rows, cells, repeating: 1)
    let bySeries = concatenateColumns(concatenateColumns(ones, observed), ones)
    return permuteColumns(
      bySeries,
      (0..<cells * ForecastShape.series).map {
        $0 % ForecastShape.series * cells + $0 / ForecastShape.series
      })
  }
}
