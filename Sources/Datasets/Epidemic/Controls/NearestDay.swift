/// What followed on the nearest fourteen days that training windows hold, day after day:
/// x₁₄ = x₁₃ + (x*₁₄ − x*₁₃), seven times, each from the days before it.
///
/// A training window of 21 days holds seven pairs of fourteen days and the next, so that under random
/// folds the very days of a test window stand in training windows: what a network that learns day by
/// day can reach there by memory alone.
///
/// Distance: mean square difference over all days, states and series, as of ``NearestWindow``; the
/// earliest of several nearest. Under ``RecoveredBlanks/masked`` over what is known in both, and a
/// change from or to a missing number is taken as 0.
struct NearestDay: EpidemicForecaster {
  /// First days of the pairs, ascending.
  private let starts: [Int]

  init(training: [Int]) {
    starts = Set(training.flatMap { $0..<$0 + EpidemicWindows.targetDays }).sorted()
  }

  /// - Complexity: O(pairs · 7 · 2100).
  func forecast(_ window: Int, of windows: EpidemicWindows) -> [Double] {
    let width = EpidemicWindows.dayWidth
    let input = windows.inputRange(window)
    var shares = Array(windows.shares[input])
    var mask = knownNumbers(input, of: windows)
    for day in 0..<EpidemicWindows.targetDays {
      let last = shares.count - width
      let copied = nearest(to: shares, mask, from: day * width, of: windows).map {
        ($0 + EpidemicWindows.inputDays) * width
      }
      for column in 0..<width {
        guard let copied, isKnown(copied + column, windows),
          isKnown(copied - width + column, windows)
        else {
          shares.append(shares[last + column])
          continue
        }
        let change = windows.shares[copied + column] - windows.shares[copied - width + column]
        shares.append(shares[last + column] + change)
      }
      mask += mask[last..<last + width]
    }
    return Array(shares[input.count...])
  }

  private func isKnown(_ place: Int, _ windows: EpidemicWindows) -> Bool {
    windows.blanks != .masked || windows.mask[place] == 1
  }

  private func knownNumbers(_ range: Range<Int>, of windows: EpidemicWindows) -> [Double] {
    range.map { isKnown($0, windows) ? 1 : 0 }
  }

  private func nearest(
    to shares: [Double], _ mask: [Double], from first: Int, of windows: EpidemicWindows
  ) -> Int? {
    let isMasked = windows.blanks == .masked
    let length = EpidemicWindows.inputDays * EpidemicWindows.dayWidth
    var best: (start: Int, distance: Double)?
    shares.withUnsafeBufferPointer { own in
      mask.withUnsafeBufferPointer { ownMask in
        windows.shares.withUnsafeBufferPointer { others in
          windows.mask.withUnsafeBufferPointer { otherMask in
            for start in starts {
              let place = start * EpidemicWindows.dayWidth
              var (sum, count) = (0.0, isMasked ? 0.0 : Double(length))
              for i in 0..<length {
                let difference = own[first + i] - others[place + i]
                let weight = isMasked ? ownMask[first + i] * otherMask[place + i] : 1
                sum += weight * difference * difference
                if isMasked { count += weight }
              }
              let distance = sum / count
              if distance < best?.distance ?? .infinity { best = (start, distance) }
            }
          }
        }
      }
    }
    return best?.start
  }
}
