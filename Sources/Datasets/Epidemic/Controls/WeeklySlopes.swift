import Foundation

/// ŷ_h = x₁₃, the last of the input days x₀…x₁₃.
struct Persistence: EpidemicForecaster {
  func forecast(_ window: Int, of windows: EpidemicWindows) -> [Double] {
    columnForecast(window, of: windows) { input, target in
      for h in 0..<target.count { target[h] = input[13] }
    }
  }
}

/// ŷ_h = x₁₃ + h (x₁₃ − x₆)/7, h = 1…7.
struct WeeklySlope: EpidemicForecaster {
  func forecast(_ window: Int, of windows: EpidemicWindows) -> [Double] {
    columnForecast(window, of: windows) { input, target in
      for h in 1...target.count {
        target[h - 1] = input[13] + Double(h) * (input[13] - input[6]) / 7
      }
    }
  }
}

/// ŷ_h = x₁₃ + g Σ_{i=1…h} r^{0.7 i}, with the slopes g = (x₁₃ − x₆)/7 and g₀ = (x₆ − x₀)/6 and the
/// weekly ratio g/g₀, held in ½…2 (1 where g₀ ≤ 0), as a daily one: r = (g/g₀)^{1/7}.
struct DampedSlope: EpidemicForecaster {
  func forecast(_ window: Int, of windows: EpidemicWindows) -> [Double] {
    columnForecast(window, of: windows) { input, target in
      let slope = (input[13] - input[6]) / 7
      let before = (input[6] - input[0]) / 6
      let ratio = before > 0 ? min(max(slope / before, 0.5), 2) : 1
      let daily = pow(ratio, 0.7 / 7)
      var factor = 1.0
      var sum = 0.0
      for h in 0..<target.count {
        factor *= daily
        sum += factor
        target[h] = input[13] + slope * sum
      }
    }
  }
}

/// Forecasts each of the 150 columns from its own 14 days.
func columnForecast(
  _ window: Int, of windows: EpidemicWindows,
  _ body: (_ input: [Double], _ target: inout [Double]) -> Void
) -> [Double] {
  let width = EpidemicWindows.dayWidth
  let start = windows.inputRange(window).lowerBound
  var forecast = [Double](repeating: 0, count: EpidemicWindows.targetDays * width)
  var input = [Double](repeating: 0, count: EpidemicWindows.inputDays)
  var target = [Double](repeating: 0, count: EpidemicWindows.targetDays)
  for column in 0..<width {
    for day in input.indices { input[day] = windows.shares[start + day * width + column] }
    body(input, &target)
    for day in target.indices { forecast[day * width + column] = target[day] }
  }
  return forecast
}
