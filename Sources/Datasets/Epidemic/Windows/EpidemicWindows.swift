/// All windows of 14 days of input and 7 days of target over a table, as shares of the population.
///
/// Window w covers the days w..<w + 21. Windows overlap in storage: no day is copied.
///
/// (Shapes: W windows, 14 input days, 7 target days, 50 states, 3 series.)
package struct EpidemicWindows: Sendable {
  /// Days of input.
  package static let inputDays = 14
  /// Days to forecast.
  package static let targetDays = 7
  /// Days of a window.
  package static let days = inputDays + targetDays
  /// Numbers of a day: 50 states × 3 series.
  package static let dayWidth = USStates.count * EpidemicSeries.allCases.count

  /// Number of windows: days − 20.
  package let count: Int
  /// The first day of the first window.
  package let firstDay: CalendarDay
  /// Inhabitants.
  package let populations: StatePopulations
  /// What stands where recovered is missing.
  package let blanks: RecoveredBlanks
  /// Count / population, [days, 50, 3]: row after row, so that an input and a target are each contiguous.
  package let shares: [Double]
  /// 1 where the source has a number, 0 where it is missing: the mask beside `shares`, [days, 50, 3].
  package let mask: [Double]
  private let scored: [Bool]

  /// - Parameters:
  ///   - table: the counts.
  ///   - populations: denominators.
  ///   - blanks: what stands where recovered is missing.
  /// - Throws: `DataError` for a table of fewer than 21 days, a count above the population, and a window
  ///   whose target is zero everywhere, which has no relative error.
  package init(
    _ table: EpidemicTable, populations: StatePopulations, blanks: RecoveredBlanks
  ) throws {
    guard table.dayCount >= Self.days else {
      throw DataError(
        kind: .unsuitableShape, file: "", expected: "\(Self.days) days or more",
        got: "\(table.dayCount) from \(table.firstDay)")
    }
    let width = Self.dayWidth
    count = table.dayCount - Self.days + 1
    firstDay = table.firstDay
    self.populations = populations
    self.blanks = blanks
    var shares = [Double](repeating: 0, count: table.counts.count)
    var mask = shares
    for place in shares.indices {
      let state = place % width / 3
      let isObserved = table.isObserved(
        day: place / width, state: state, series: EpidemicSeries(rawValue: place % 3)!)
      mask[place] = isObserved ? 1 : 0
      let count = table.counts[place]
      guard !(count > populations.persons[state]) else {
        throw DataError(
          kind: .outOfRange, file: "", column: EpidemicSeries(rawValue: place % 3)!.columnName,
          expected: "at most the \(Int(populations.persons[state])) inhabitants of "
            + USStates.names[state],
          got: "\(Int(count)) on \(table.day(place / width))",
          hint: "do the populations belong to these counts?")
      }
      if blanks == .masked ? isObserved : !count.isNaN {
        shares[place] = count / populations.persons[state]
      } else if blanks == .carriedForward && place >= width {
        shares[place] = shares[place - width]
      }
    }
    scored = Self.scored(mask: mask, windows: count, all: blanks != .masked)
    self.shares = shares
    self.mask = mask
    for window in 0..<count {
      let isDegenerate = (0..<Self.targetDays * width).allSatisfy { place in
        shares[(window + Self.inputDays) * width + place] == 0
          || !scored[window * width + place % width]
      }
      if isDegenerate {
        throw DataError(
          kind: .outOfRange, file: "",
          expected: "a count above 0 in the seven days from "
            + "\(table.day(window + Self.inputDays))",
          got: "zeros", hint: "a relative error needs a target: begin later")
      }
    }
  }

  /// Whether a window's forecast of a state's series counts: under ``RecoveredBlanks/masked``, whether
  /// it is observed on all 21 days; else always.
  package func isScored(window: Int, state: Int, series: EpidemicSeries) -> Bool {
    scored[window * Self.dayWidth + state * 3 + series.rawValue]
  }

  /// Number of (window, state) pairs whose forecast of a series counts.
  package func scoredPairs(of series: EpidemicSeries) -> Int {
    (0..<count).reduce(0) { sum, window in
      sum
        + (0..<USStates.count).count { isScored(window: window, state: $0, series: series) }
    }
  }

  /// Places in ``shares`` and ``mask`` of a window's input, [14, 50, 3].
  package func inputRange(_ window: Int) -> Range<Int> {
    precondition((0..<count).contains(window), "window \(window) is not in 0..<\(count)")
    return window * Self.dayWidth..<(window + Self.inputDays) * Self.dayWidth
  }

  /// Places in ``shares`` and ``mask`` of a window's target, [7, 50, 3].
  package func targetRange(_ window: Int) -> Range<Int> {
    let start = inputRange(window).upperBound
    return start..<start + Self.targetDays * Self.dayWidth
  }

  /// The first day to forecast.
  package func targetDay(_ window: Int) -> CalendarDay {
    firstDay.advanced(by: window + Self.inputDays)
  }

  /// A share of the population; `day` 0..<14 input, 14..<21 target.
  package func share(window: Int, day: Int, state: Int, series: EpidemicSeries) -> Double {
    shares[(window + day) * Self.dayWidth + state * 3 + series.rawValue]
  }

  private static func scored(mask: [Double], windows: Int, all: Bool) -> [Bool] {
    guard !all else { return [Bool](repeating: true, count: windows * dayWidth) }
    return (0..<windows * dayWidth).map { place in
      let start = place / dayWidth * dayWidth + place % dayWidth
      return (0..<days).allSatisfy { mask[start + $0 * dayWidth] == 1 }
    }
  }
}
