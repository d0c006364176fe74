/// Linear in the daily increments: for each series ŷ = x₁₃ + Wᵀ z, with z [13] the increments of the
/// share times 1000, and W [13, 7] shared by all states, without intercept:
/// W = (ZᵀZ + 1)⁻¹ ZᵀY, Y the seven offsets from the last input day times 1000.
///
/// Pairs (window, state) that are not scored do not train either. Sums run over windows and states in
/// ascending order.
struct IncrementRidge: EpidemicForecaster {
  private static let inputs = EpidemicWindows.inputDays - 1
  private static let outputs = EpidemicWindows.targetDays
  private static let scale = 1000.0
  private static let penalty = 1.0
  /// [3] of [13, 7].
  private let weights: [[Double]]

  init(training: [Int], of windows: EpidemicWindows) {
    weights = EpidemicSeries.allCases.map {
      Self.weights(of: $0, training: training, windows: windows)
    }
  }

  func forecast(_ window: Int, of windows: EpidemicWindows) -> [Double] {
    let width = EpidemicWindows.dayWidth
    let start = windows.inputRange(window).lowerBound
    var forecast = [Double](repeating: 0, count: Self.outputs * width)
    for column in 0..<width {
      let weights = weights[column % 3]
      for h in 0..<Self.outputs {
        var offset = 0.0
        for day in 0..<Self.inputs {
          let place = start + day * width + column
          offset +=
            (windows.shares[place + width] - windows.shares[place])
            * weights[day * Self.outputs + h]
        }
        forecast[h * width + column] = windows.shares[start + Self.inputs * width + column] + offset
      }
    }
    return forecast
  }

  private static func weights(
    of series: EpidemicSeries, training: [Int], windows: EpidemicWindows
  ) -> [Double] {
    let width = EpidemicWindows.dayWidth
    // Columns 0..<13 are increments, 13..<20 offsets.
    let columns = inputs + outputs
    var moments = [Double](repeating: 0, count: inputs * columns)
    var row = [Double](repeating: 0, count: columns)
    for window in training {
      for state in 0..<USStates.count
      where windows.isScored(window: window, state: state, series: series) {
        let start = windows.inputRange(window).lowerBound + state * 3 + series.rawValue
        for day in 0..<inputs {
          let place = start + day * width
          row[day] = scale * (windows.shares[place + width] - windows.shares[place])
        }
        let last = windows.shares[start + inputs * width]
        for h in 0..<outputs {
          row[inputs + h] = scale * (windows.shares[start + (inputs + 1 + h) * width] - last)
        }
        for i in 0..<inputs {
          for j in 0..<columns { moments[i * columns + j] += row[i] * row[j] }
        }
      }
    }
    var gram = [Double](repeating: 0, count: inputs * inputs)
    var cross = [Double](repeating: 0, count: inputs * outputs)
    for i in 0..<inputs {
      for j in 0..<inputs { gram[i * inputs + j] = moments[i * columns + j] }
      gram[i * inputs + i] += penalty
      for h in 0..<outputs { cross[i * outputs + h] = moments[i * columns + inputs + h] }
    }
    solve(&gram, &cross)
    return cross
  }

  /// Solves A X = B in place of B by A = L Lᵀ, A [13, 13] symmetric and positive definite, B [13, 7].
  private static func solve(_ a: inout [Double], _ b: inout [Double]) {
    for i in 0..<inputs {
      for j in 0...i {
        var sum = a[i * inputs + j]
        for k in 0..<j { sum -= a[i * inputs + k] * a[j * inputs + k] }
        a[i * inputs + j] = i == j ? sum.squareRoot() : sum / a[j * inputs + j]
      }
    }
    for h in 0..<outputs {
      for i in 0..<inputs {
        var sum = b[i * outputs + h]
        for k in 0..<i { sum -= a[i * inputs + k] * b[k * outputs + h] }
        b[i * outputs + h] = sum / a[i * inputs + i]
      }
      for i in stride(from: inputs - 1, through: 0, by: -1) {
        var sum = b[i * outputs + h]
        for k in i + 1..<inputs { sum -= a[k * inputs + i] * b[k * outputs + h] }
        b[i * outputs + h] = sum / a[i * inputs + i]
      }
    }
  }
}
