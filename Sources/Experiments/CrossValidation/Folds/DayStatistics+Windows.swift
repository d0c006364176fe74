import Datasets
import Operators

extension DayStatistics {
  /// Smallest scale of a state, in parts of the mean over the states.
  private static let smallest = 0.01

  /// From the days of the training windows of one fold, in units of `scale`; days on which a number is
  /// missing under ``RecoveredBlanks/masked`` do not count.
  package init(of windows: EpidemicWindows, training: [Int], scale: SeriesScale) {
    let width = EpidemicWindows.dayWidth
    var isUsed = [Bool](repeating: false, count: windows.shares.count / width)
    for window in training {
      for day in window..<window + EpidemicWindows.days { isUsed[day] = true }
    }
    func isKnown(_ day: Int, _ column: Int) -> Bool {
      isUsed[day] && (windows.blanks != .masked || windows.mask[day * width + column] == 1)
    }
    func share(_ day: Int, _ column: Int) -> Double {
      windows.shares[day * width + column] * scale.factors[column % 3]
    }
    var (rise, level, spread) = ([Double](), [Double](), [Double]())
    for column in 0..<width {
      let days = isUsed.indices.filter { isKnown($0, column) }
      let pairs = days.filter { $0 > 0 && isKnown($0 - 1, column) }
      let count = Double(max(days.count, 1))
      let mean = days.reduce(0) { $0 + share($1, column) } / count
      let squares = days.reduce(0) {
        $0 + (share($1, column) - mean) * (share($1, column) - mean)
      }
      level.append(mean)
      spread.append((squares / count).squareRoot())
      rise.append(
        pairs.reduce(0) { $0 + abs(share($1, column) - share($1 - 1, column)) }
          / Double(max(pairs.count, 1)))
    }
    self.init(
      rise: Self.bounded(rise), level: level, spread: Self.bounded(spread),
      masksBlanks: windows.blanks == .masked)
  }

  /// No state's scale below a part of its series' mean over the states.
  private static func bounded(_ scales: [Double]) -> [Double] {
    let means = (0..<3).map { series in
      stride(from: series, to: scales.count, by: 3).reduce(0) { $0 + scales[$1] }
        / Double(USStates.count)
    }
    return scales.enumerated().map { column, scale in
      let mean = means[column % 3]
      return mean > 0 ? max(scale, smallest * mean) : 1
    }
  }
}
