/// The steps of a solver from one output time to the next.
///
/// A plan is data: it is fixed before a tape is recorded, so that every shard on every rank takes the
/// same steps. A uniform plan follows from numbers alone; an adaptive one is found on a probe batch
/// (``StepPlan/adaptive(from:shape:through:tolerance:parameters:_:)``).
package struct StepPlan: Sendable, Equatable, Codable {
  /// Lengths of the steps of each interval.
  package let intervals: [[Double]]

  package init(intervals: [[Double]]) {
    precondition(
      intervals.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0 > 0 } },
      "expected a positive step or more in each interval, got \(intervals)")
    self.intervals = intervals
  }

  /// Equal steps from 0 to 1 through `outputs` equidistant times, the last of them 1.
  package static func uniform(outputs: Int, stepsPerOutput: Int) -> Self {
    precondition(outputs > 0 && stepsPerOutput > 0, "expected at least one step and one output")
    let length = 1 / Double(outputs * stepsPerOutput)
    return Self(
      intervals: Array(
        repeating: Array(repeating: length, count: stepsPerOutput), count: outputs))
  }

  /// Number of steps.
  package var count: Int { intervals.reduce(0) { $0 + $1.count } }
}
