import Tensors

/// A model that forecasts what the slope of the last week gets wrong:
/// ŷ_h = x₁₃ + h (x₁₃ − x₆)/7 + s · model(…)_h, h = 1…7.
///
/// In ``Scale/increments`` the model sees the course of the window alone, neither the level nor the size
/// of the epidemic: (x_d − x₁₃)/s, with s the root mean square over the states of the series' rise in the
/// last week. So it may be used at levels that no training window had.
package struct SlopeResidual: ForecastModel {
  /// What the model sees, and in which unit it answers.
  package enum Scale: Sendable {
    /// The history as it is; s = 1.
    case shares
    /// Differences from the last day in units of the last week's rise, 0 where recovered is missing then
    /// or on the last day.
    case increments
  }

  package let model: any ForecastModel
  package let scale: Scale
  package var complexWeightCount: Int { model.complexWeightCount }
  package var padeBlocks: [PlacedPadeBlock] { model.padeBlocks }
  /// Smallest s, in the unit of the history.
  private static let smallestRise = 1e-4

  package init(_ model: any ForecastModel, scale: Scale) {
    (self.model, self.scale) = (model, scale)
  }

  package func forecast<Scalar>(
    _ history: Value, observed: Value, on tape: Tape<Scalar>
  ) -> Value {
    let slope = tape.scoped("slope") { tape.mixDays(history, weight: Self.slope(on: tape)) }
    guard scale == .increments else {
      return tape.add(slope, model.forecast(history, observed: observed, on: tape))
    }
    let (course, unit) = tape.scoped("increments") {
      Self.course(history, observed: observed, on: tape)
    }
    let correction = model.forecast(course, observed: observed, on: tape)
    let spread = tape.spreadSeries(unit, days: ForecastShape.forecastDays)
    return tape.add(slope, tape.multiply(correction, spread))
  }

  /// The history's course in units of s, [B, 14·150], and s, [B, 3].
  private static func course<Scalar>(
    _ history: Value, observed: Value, on tape: Tape<Scalar>
  ) -> (Value, Value) {
    let days = ForecastShape.historyDays
    let mask = tape.historyMask(observed: observed)
    let isLastObserved = tape.mixDays(mask, weight: last(days: days, on: tape))
    let valid = tape.multiply(mask, isLastObserved)
    let course = tape.multiply(
      tape.subtract(history, tape.mixDays(history, weight: last(days: days, on: tape))), valid)
    // x₆ − x₁₃, of which the sign does not matter.
    let week = tape.columns(
      course, (days - 8) * ForecastShape.dayWidth..<(days - 7) * ForecastShape.dayWidth)
    var mean = [Scalar](repeating: 0, count: ForecastShape.dayWidth * ForecastShape.series)
    for column in 0..<ForecastShape.dayWidth {
      mean[column * ForecastShape.series + column % ForecastShape.series] =
        1 / Scalar(ForecastShape.states)
    }
    let squares = tape.matmul(
      tape.square(week), tape.constant(ForecastShape.dayWidth, ForecastShape.series, mean))
    let unit = tape.squareRoot(tape.add(squares, constant: smallestRise * smallestRise))
    let scaled = tape.multiply(
      course, tape.spreadSeries(tape.reciprocal(unit), days: days))
    return (scaled, unit)
  }

  /// The last day on each of so many days, [14, days].
  private static func last<Scalar>(days: Int, on tape: Tape<Scalar>) -> Value {
    var weight = [Scalar](repeating: 0, count: ForecastShape.historyDays * days)
    for day in 0..<days { weight[(ForecastShape.historyDays - 1) * days + day] = 1 }
    return tape.constant(ForecastShape.historyDays, days, weight)
  }

  /// The straight line through days 6 and 13, [14, 7].
  private static func slope<Scalar>(on tape: Tape<Scalar>) -> Value {
    let (days, targets) = (ForecastShape.historyDays, ForecastShape.forecastDays)
    var weight = [Scalar](repeating: 0, count: days * targets)
    for h in 1...targets {
      let rise = Scalar(h) / 7
      weight[(days - 1) * targets + h - 1] = 1 + rise
      weight[(days - 8) * targets + h - 1] = -rise
    }
    return tape.constant(days, targets, weight)
  }
}
