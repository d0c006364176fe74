/// What the training windows say of each of a day's 150 numbers, in the unit of a history.
package struct DayStatistics: Sendable, Equatable {
  /// Mean of |x_d − x_{d−1}|, [150]; positive.
  package let rise: [Double]
  /// Mean and deviation of x, [150]; the deviation is positive.
  package let level: [Double]
  package let spread: [Double]
  /// Whether what is missing is left out; otherwise the zero that stands there is data.
  package let masksBlanks: Bool

  package init(rise: [Double], level: [Double], spread: [Double], masksBlanks: Bool) {
    for values in [rise, level, spread] {
      precondition(values.count == ForecastShape.dayWidth, "expected 150 numbers")
    }
    precondition(rise.allSatisfy { $0 > 0 } && spread.allSatisfy { $0 > 0 })
    (self.rise, self.level, self.spread) = (rise, level, spread)
    self.masksBlanks = masksBlanks
  }
}
