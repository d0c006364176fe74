import Foundation

/// The frame that pictures of the same columns share, so that data and samples can be compared.
struct Axes {
  /// Names of the first columns, three at most.
  let names: [String]
  /// What is shown of each.
  let ranges: [ClosedRange<Double>]

  /// The first columns of points [rows, columns], with a margin around the finite ones.
  init(of points: [Double], names: [String]) {
    self.names = Array(names.prefix(3))
    ranges = (0..<min(names.count, 3)).map { column in
      let values = stride(from: column, to: points.count, by: names.count).map { points[$0] }
        .filter { $0.isFinite }
      guard let low = values.min(), let high = values.max() else { return -1...1 }
      let margin = high > low ? 0.07 * (high - low) : max(0.07 * abs(high), 1e-6)
      return (low - margin)...(high + margin)
    }
  }

  /// Length of each axis in the units of the data.
  var extents: [Double] { ranges.map { $0.upperBound - $0.lowerBound } }

  /// Whether a unit is as long on every axis; not where that would make thin strips.
  var isTrueToScale: Bool {
    (extents.max() ?? 1) < 4 * (extents.min() ?? 1)
  }

  /// Length of each axis, the longest being 1.
  var lengths: [Double] {
    guard isTrueToScale, let longest = extents.max() else { return extents.map { _ in 1 } }
    return extents.map { $0 / longest }
  }

  /// Every pair of columns.
  var pairs: [(Int, Int)] {
    names.indices.flatMap { first in
      names.indices.dropFirst(first + 1).map { (first, $0) }
    }
  }

  /// Round numbers within an axis, about `count` of them on the longest.
  func tics(_ axis: Int, count: Int) -> [Double] {
    let step = ticStep(axis, count: count)
    let first = (ranges[axis].lowerBound / step).rounded(.up)
    let last = (ranges[axis].upperBound / step).rounded(.down)
    guard last >= first, last - first < 100 else { return [] }
    return stride(from: first, through: last, by: 1).map { $0 * step }
  }

  /// 1, 2 or 5 times a power of ten, the same on all axes where they are true to scale.
  func ticStep(_ axis: Int, count: Int) -> Double {
    Tics.step(isTrueToScale ? extents.max() ?? 1 : extents[axis], count: count)
  }
}

/// Round numbers for axes.
enum Tics {
  /// 1, 2 or 5 times a power of ten that divides an extent into about `count` parts.
  static func step(_ extent: Double, count: Int) -> Double {
    let wanted = max(extent / Double(count), .leastNormalMagnitude)
    let power = pow(10, floor(log10(wanted)))
    return ([1, 2, 5].map { $0 * power }.first { $0 * 1.4 >= wanted }) ?? 10 * power
  }

  /// A whole number with its thousands apart.
  static func whole(_ value: Double) -> String {
    let digits = String(format: "%.0f", value)
    var text = ""
    for (place, digit) in digits.reversed().enumerated() {
      if place > 0 && place % 3 == 0 && digit != "-" { text = "," + text }
      text = String(digit) + text
    }
    return text
  }

  /// A tic's number, without a sign where it is zero.
  static func text(_ value: Double) -> String {
    abs(value) < 1e-12 ? "0" : String(format: "%.4g", value)
  }
}
