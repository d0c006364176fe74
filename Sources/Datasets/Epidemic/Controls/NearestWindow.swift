/// What followed on the training window of the nearest input, shifted so that its last input day
/// matches: ŷ_h = x₁₃ + (y*_h − x*₁₃). A probe for leaks: good where training windows share days with
/// the test, bad where they do not.
///
/// Distance: mean square difference of the inputs, over all days, states and series; the earliest of
/// several nearest. Under ``RecoveredBlanks/masked`` over what is observed in both, and a change that
/// the training window does not have observed on all 21 days is taken as 0.
struct NearestWindow: EpidemicForecaster {
  let training: [Int]

  func forecast(_ window: Int, of windows: EpidemicWindows) -> [Double] {
    let width = EpidemicWindows.dayWidth
    let last = windows.inputRange(window).upperBound - width
    guard let nearest = nearest(to: window, of: windows) else {
      return (0..<EpidemicWindows.targetDays * width).map { windows.shares[last + $0 % width] }
    }
    let copied = windows.targetRange(nearest).lowerBound
    return (0..<EpidemicWindows.targetDays * width).map { place in
      let column = place % width
      let series = EpidemicSeries(rawValue: column % 3)!
      guard windows.isScored(window: nearest, state: column / 3, series: series) else {
        return windows.shares[last + column]
      }
      return windows.shares[last + column]
        + (windows.shares[copied + place] - windows.shares[copied - width + column])
    }
  }

  /// - Complexity: O(training windows · 2100).
  private func nearest(to window: Int, of windows: EpidemicWindows) -> Int? {
    let isMasked = windows.blanks == .masked
    let own = windows.inputRange(window).lowerBound
    let width = windows.inputRange(window).count
    return windows.shares.withUnsafeBufferPointer { shares in
      windows.mask.withUnsafeBufferPointer { mask in
        var best: (window: Int, distance: Double)?
        for other in training {
          let start = windows.inputRange(other).lowerBound
          var sum = 0.0
          var count = isMasked ? 0.0 : Double(width)
          for place in 0..<width {
            let difference = shares[own + place] - shares[start + place]
            if isMasked {
              let weight = mask[own + place] * mask[start + place]
              sum += weight * difference * difference
              count += weight
            } else {
              sum += difference * difference
            }
          }
          let distance = sum / count
          if distance < best?.distance ?? .infinity { best = (other, distance) }
        }
        return best?.window
      }
    }
  }
}
