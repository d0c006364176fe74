import Glibc

/// Durations of one thing, and what is said of them.
package struct Timings: Sendable {
  private var seconds: [Double] = []

  package init(_ seconds: [Double] = []) { self.seconds = seconds }

  package var count: Int { seconds.count }

  mutating func reserve(_ count: Int) { seconds.reserveCapacity(seconds.count + count) }
  mutating func append(contentsOf other: Timings) { seconds += other.seconds }
  mutating func append(_ duration: Double) { seconds.append(duration) }

  /// A part of the durations in the order in which they were taken.
  func range(_ range: Range<Int>) -> Timings {
    Timings(Array(seconds[range.clamped(to: seconds.indices)]))
  }

  /// Median, in seconds; 0 where nothing was timed.
  package var median: Double { quantile(0.5) }
  /// The middle half, in seconds.
  package var quartiles: (Double, Double) { (quantile(0.25), quantile(0.75)) }

  private func quantile(_ p: Double) -> Double {
    guard !seconds.isEmpty else { return 0 }
    let sorted = seconds.sorted()
    return sorted[min(sorted.count - 1, Int(p * Double(sorted.count)))]
  }
}

/// Seconds of a clock that nobody sets.
func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
