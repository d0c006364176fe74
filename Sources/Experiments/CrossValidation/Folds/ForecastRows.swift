import Datasets

/// Windows as rows of a training:
/// history [14·150], observed [14·50], target [7·150], weights of the target [7·150].
package struct ForecastRows: RowSource, Sendable {
  /// Places of the parts in a row.
  package enum Part {
    package static let history = 0..<EpidemicWindows.inputDays * EpidemicWindows.dayWidth
    package static let observed =
      history.upperBound..<history.upperBound + EpidemicWindows.inputDays * USStates.count
    package static let target =
      observed.upperBound..<observed.upperBound + EpidemicWindows.targetDays
      * EpidemicWindows.dayWidth
    package static let weight = target.upperBound..<target.upperBound + target.count
  }

  /// Numbers of the windows, in the order of the rows.
  package let numbers: [Int]
  package let columnNames: [String]
  private let rows: [Float]
  private static let width = Part.weight.upperBound

  /// - Parameters:
  ///   - numbers: windows.
  ///   - scale: what shares are multiplied by.
  ///   - weights: of the entries of a window's target.
  package init(
    _ windows: EpidemicWindows, numbers: [Int], scale: SeriesScale, weights: TargetWeights
  ) {
    self.numbers = numbers
    columnNames = (0..<Self.width).map { "\($0)" }
    let factors = scale.factors
    rows = numbers.flatMap { window -> [Float] in
      func scaled(_ range: Range<Int>) -> [Float] {
        range.map { Float(windows.shares[$0] * factors[$0 % 3]) }
      }
      let history = windows.inputRange(window)
      let observed = stride(from: history.lowerBound + 1, to: history.upperBound, by: 3)
      return scaled(history) + observed.map { Float(windows.mask[$0]) }
        + scaled(windows.targetRange(window)) + weights.row(window).map { Float($0) }
    }
  }

  package var count: Int { numbers.count }
  package func originalRow(_ row: Int) -> Int { numbers[row] }

  package func read(rows wanted: [Int], into destination: UnsafeMutablePointer<Float>) {
    rows.withUnsafeBufferPointer { source in
      for (place, row) in wanted.enumerated() {
        precondition(numbers.indices.contains(row), "row \(row) is not in 0..<\(count)")
        (destination + place * Self.width).update(
          from: source.baseAddress! + row * Self.width, count: Self.width)
      }
    }
  }

  package func read(rows wanted: [Int], into destination: UnsafeMutablePointer<Double>) {
    for (place, row) in wanted.enumerated() {
      for column in 0..<Self.width {
        destination[place * Self.width + column] = Double(rows[row * Self.width + column])
      }
    }
  }
}

extension EpidemicSeries {
  /// The series of a place in a day, a target or a history.
  init(column: Int) { self = EpidemicSeries.allCases[column % 3] }
}
