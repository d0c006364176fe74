import Glibc

/// Where the time of a step goes. A benchmark hands one to the step; training has none.
package final class PhaseClock {
  /// The parts of a step, in order.
  package enum Phase: Int, CaseIterable, Sendable {
    /// Reading and laying out the rows.
    case batch
    /// The model and its loss.
    case forward
    /// Gradients, summed along the rank's own sub-trees.
    case backward
    /// The rest of the sum over the job, and the parameters' way back to all ranks.
    case reduction
    case optimizer
  }

  /// Seconds spent in each phase so far.
  package private(set) var seconds = [Double](repeating: 0, count: Phase.allCases.count)
  private var last = 0.0

  package init() {}

  /// A step begins.
  func start() { last = now() }

  /// The time since the last mark belongs to `phase`.
  func mark(_ phase: Phase) {
    let time = now()
    seconds[phase.rawValue] += time - last
    last = time
  }

  private func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
