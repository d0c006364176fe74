/// Errors of forecasts over some windows: of a fold, or of all.
///
/// Absolute errors are kept by horizon, state and series, in persons; the relative error is
/// ‖ŷ − y‖₂ / ‖y‖₂ of a window, on shares of the population, over all that is scored.
package struct EpidemicScore: Sendable, Equatable, Codable {
  /// Number of windows.
  package private(set) var windowCount = 0
  /// Sums over windows of the absolute error in persons, [7, 50, 3].
  package private(set) var absoluteErrors = [Double](
    repeating: 0, count: EpidemicWindows.targetDays * EpidemicWindows.dayWidth)
  /// Number of windows scored, [50, 3].
  package private(set) var scoredWindows = [Int](repeating: 0, count: EpidemicWindows.dayWidth)
  private var relativeSum = 0.0

  /// No window yet.
  package init() {}

  /// Adds the forecasts of windows, in the order given.
  package init(
    of forecaster: any EpidemicForecaster, on test: [Int], of windows: EpidemicWindows
  ) {
    for window in test {
      add(forecaster.forecast(window, of: windows), window: window, of: windows)
    }
  }

  /// Adds a window's forecast, shares of the population, [7, 50, 3].
  package mutating func add(_ forecast: [Double], window: Int, of windows: EpidemicWindows) {
    let width = EpidemicWindows.dayWidth
    precondition(
      forecast.count == absoluteErrors.count,
      "a forecast has \(absoluteErrors.count) numbers, got \(forecast.count)")
    let target = windows.targetRange(window).lowerBound
    var (error, size) = (0.0, 0.0)
    for column in 0..<width
    where windows.isScored(
      window: window, state: column / 3, series: EpidemicSeries(rawValue: column % 3)!)
    {
      scoredWindows[column] += 1
      for day in 0..<EpidemicWindows.targetDays {
        let place = day * width + column
        let value = windows.shares[target + place]
        let difference = forecast[place] - value
        absoluteErrors[place] += abs(difference) * windows.populations.persons[column / 3]
        error += difference * difference
        size += value * value
      }
    }
    relativeSum += (error / size).squareRoot()
    windowCount += 1
  }

  /// Mean absolute error in persons over windows, the seven days and the states; nil where nothing of
  /// the series is scored.
  package func meanAbsoluteError(_ series: EpidemicSeries) -> Double? {
    mean(series, days: 0..<EpidemicWindows.targetDays, states: 0..<USStates.count)
  }

  /// Mean absolute error in persons of the forecasts `horizon` days ahead, 1…7.
  package func meanAbsoluteError(_ series: EpidemicSeries, horizon: Int) -> Double? {
    mean(series, days: horizon - 1..<horizon, states: 0..<USStates.count)
  }

  /// Mean absolute error in persons of a state.
  package func meanAbsoluteError(_ series: EpidemicSeries, state: Int) -> Double? {
    mean(series, days: 0..<EpidemicWindows.targetDays, states: state..<state + 1)
  }

  /// Mean over windows of the relative L2 error; nil without a window.
  package var relativeL2Error: Double? {
    windowCount > 0 ? relativeSum / Double(windowCount) : nil
  }

  private func mean(
    _ series: EpidemicSeries, days: Range<Int>, states: Range<Int>
  ) -> Double? {
    var (sum, count) = (0.0, 0)
    for state in states {
      let column = state * 3 + series.rawValue
      count += scoredWindows[column] * days.count
      for day in days { sum += absoluteErrors[day * EpidemicWindows.dayWidth + column] }
    }
    return count > 0 ? sum / Double(count) : nil
  }
}
