import Tensors

/// How many days go in and come out, and how many numbers a day has.
package struct SequenceShape: Sendable, Equatable {
  package var historyDays: Int
  package var forecastDays: Int
  /// Numbers of one day.
  package var width: Int

  package init(historyDays: Int, forecastDays: Int, width: Int) {
    precondition(
      historyDays > 0 && forecastDays > 0 && width > 0,
      "expected positive extents, got \(historyDays), \(forecastDays) and \(width)")
    self.historyDays = historyDays
    self.forecastDays = forecastDays
    self.width = width
  }

  /// Two weeks of 50 states × 3 series to one week.
  package static let epidemic = Self(
    historyDays: ForecastShape.historyDays, forecastDays: ForecastShape.forecastDays,
    width: ForecastShape.dayWidth)
}

extension Tape {
  /// A day of a history, [B, days · W] → [B, W].
  func day(_ day: Int, of history: Value, _ shape: SequenceShape) -> Value {
    columns(history, day * shape.width..<(day + 1) * shape.width)
  }

  /// Day after day, each from the window of days before it: [B, history · W] → [B, forecast · W].
  ///
  /// The window drops its first day and takes the new one, so that the last forecasts stand on
  /// forecasts. `next` is recorded anew for each day.
  func rollOut(_ history: Value, _ shape: SequenceShape, _ next: (Value) -> Value) -> Value {
    var (window, days) = (history, [Value]())
    for day in 0..<shape.forecastDays {
      let value = scoped("day\(day)") { next(window) }
      days.append(value)
      if day == shape.forecastDays - 1 { break }
      window =
        shape.historyDays == 1
        ? value
        : concatenateColumns(
          columns(window, shape.width..<shape.historyDays * shape.width), value)
    }
    return joined(days)
  }

  /// Days side by side.
  func joined(_ days: [Value]) -> Value { days.dropFirst().reduce(days[0], concatenateColumns) }
}
