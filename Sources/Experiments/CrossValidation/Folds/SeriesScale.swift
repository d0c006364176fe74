import Datasets

/// What the shares of each series are multiplied by, from the training windows of one fold:
/// 1 / root mean square of what they hold.
package struct SeriesScale: Sendable, Equatable {
  /// In the order C, R, D, [3].
  package let factors: [Double]

  /// - Parameter training: window numbers.
  package init(of windows: EpidemicWindows, training: [Int]) {
    var isUsed = [Bool](repeating: false, count: windows.count + EpidemicWindows.days - 1)
    for window in training {
      for day in window..<window + EpidemicWindows.days { isUsed[day] = true }
    }
    let width = EpidemicWindows.dayWidth
    factors = EpidemicSeries.allCases.map { series in
      var (sum, count) = (0.0, 0)
      for day in isUsed.indices where isUsed[day] {
        for state in 0..<USStates.count {
          let place = day * width + state * 3 + series.rawValue
          guard windows.blanks != .masked || windows.mask[place] == 1 else { continue }
          sum += windows.shares[place] * windows.shares[place]
          count += 1
        }
      }
      return sum > 0 ? (Double(count) / sum).squareRoot() : 1
    }
  }
}
