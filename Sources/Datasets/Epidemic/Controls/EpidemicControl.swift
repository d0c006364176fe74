/// Forecasts of one window from what was learnt on others.
package protocol EpidemicForecaster: Sendable {
  /// Shares of the population on the seven target days, [7, 50, 3], from the window's input alone.
  func forecast(_ window: Int, of windows: EpidemicWindows) -> [Double]
}

/// The controls without a network: each table of results has all of them.
package enum EpidemicControl: String, CaseIterable, Sendable {
  /// The last input day, repeated.
  case persistence
  /// A straight line through the last week.
  case slope
  /// The last week's slope, bent by how it changed from the week before.
  case dampedSlope = "damped-slope"
  /// Linear in the daily increments, by least squares with a ridge.
  case ridge
  /// What followed on the most similar training window: the probe for leaks.
  case nearestWindow = "nearest-window"
  /// What followed on the most similar two weeks inside training windows, day after day.
  case nearestDay = "nearest-day"

  /// Learns from training windows; the first three learn nothing.
  package func fitted(to training: [Int], of windows: EpidemicWindows) -> any EpidemicForecaster {
    switch self {
    case .persistence: Persistence()
    case .slope: WeeklySlope()
    case .dampedSlope: DampedSlope()
    case .ridge: IncrementRidge(training: training, of: windows)
    case .nearestWindow: NearestWindow(training: training)
    case .nearestDay: NearestDay(training: training)
    }
  }
}
