import Datasets

/// What the errors of a window's forecast are multiplied by before the loss adds them up: 0 where
/// nothing is scored.
///
/// Errors are in scaled shares, so each weight takes the scale out again.
package struct TargetWeights: Sendable {
  private let windows: EpidemicWindows
  private let scale: SeriesScale
  private let loss: ForecastLoss
  /// Mean absolute error of the slope in persons on the training windows, [3]; for `absolute`.
  private let slopeErrors: [Double]
  /// Smallest norm of a series' target, in parts of what is usual: where a series has hardly begun its
  /// relative error tells nothing.
  private static let smallestNorm = 0.02

  package init(
    _ loss: ForecastLoss, of windows: EpidemicWindows, training: [Int], scale: SeriesScale
  ) {
    (self.loss, self.windows, self.scale) = (loss, windows, scale)
    guard loss == .absolute else {
      slopeErrors = []
      return
    }
    let slope = EpidemicControl.slope.fitted(to: training, of: windows)
    let score = EpidemicScore(of: slope, on: training, of: windows)
    slopeErrors = EpidemicSeries.allCases.map { max(score.meanAbsoluteError($0) ?? 1, 1e-3) }
  }

  /// [7·150].
  func row(_ window: Int) -> [Double] {
    let range = windows.targetRange(window)
    var squares = [0.0, 0, 0]
    var counts = [0.0, 0, 0]
    for place in range where isScored(place, in: window) {
      squares[place % 3] += windows.shares[place] * windows.shares[place]
      counts[place % 3] += 1
    }
    let seriesCount = Double(counts.count { $0 > 0 })
    let total = squares.reduce(0, +).squareRoot()
    let factors = (0..<3).map { series -> Double in
      guard counts[series] > 0 else { return 0 }
      switch loss {
      case .relative: return 1 / total
      case .balanced:
        let usual = counts[series].squareRoot() / scale.factors[series]
        let norm = max(squares[series].squareRoot(), Self.smallestNorm * usual)
        return 1 / (norm * seriesCount.squareRoot())
      case .absolute: return 1 / (slopeErrors[series] * counts[series] * seriesCount)
      }
    }
    return range.map { place in
      guard isScored(place, in: window) else { return 0 }
      let persons = loss == .absolute ? windows.populations.persons[place % 150 / 3] : 1
      return factors[place % 3] * persons / scale.factors[place % 3]
    }
  }

  private func isScored(_ place: Int, in window: Int) -> Bool {
    let column = place % EpidemicWindows.dayWidth
    return windows.isScored(
      window: window, state: column / 3, series: EpidemicSeries(column: column))
  }
}
