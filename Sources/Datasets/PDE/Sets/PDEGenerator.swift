import Tensors

/// Makes pairs u(0), u(T) of a problem.
///
/// Pair i is a function of (seed, split, i) alone: its field is drawn from a stream keyed by them, and
/// the solver's lanes do not mix. Any rank can make any range, and ranges put together are the same
/// numbers as one range. Not collective; several ranks writing one file is the caller's matter.
package struct PDEGenerator: Sendable {
  /// The problem solved.
  package let problem: PDEProblem
  /// Key of all draws.
  package let seed: UInt64
  /// Fields that are solved together. Numbers do not depend on it.
  package static let lanes = 4

  /// The generator of a named set.
  package init(set: PDESet, seed: UInt64) {
    self.init(problem: set.problem, seed: seed)
  }

  /// - Precondition: T and the number of steps are positive.
  package init(problem: PDEProblem, seed: UInt64) {
    precondition(problem.steps > 0 && problem.endTime > 0, "T and steps must be positive")
    self.problem = problem
    self.seed = seed
  }

  /// Pairs `range` of a part, [n, 2, s]: u(0), then u(T), at s equidistant points from x = 0 on.
  ///
  /// The s points are every (N/s)-th of the fine grid, as the papers sub-sample: values of the fine
  /// solution, not a solution on a coarse grid. Both fields hold modes up to the fine grid's cutoff.
  ///
  /// - Parameters:
  ///   - points: s, a divisor of the fine grid's N; all of them where left out.
  ///   - steps: number of steps instead of the problem's, to measure what they cost.
  /// - Throws: ``PDEError`` where a solution blew up or decayed to nothing.
  package func pairs(
    _ range: Range<Int>, of split: DatasetSplit, points: Int? = nil, steps: Int? = nil
  ) throws -> [Double] {
    let (fine, steps) = (problem.points, steps ?? problem.steps)
    let s = points ?? fine
    precondition(s > 0 && fine % s == 0, "\(s) points do not divide the \(fine) of the grid")
    precondition(range.lowerBound >= 0, "a sample index must not be negative, got \(range)")
    var buffer = [Double](repeating: 0, count: range.count * 2 * s)
    let template = ETDRK4Solver(
      linear: problem.equation, term: QuadraticFlux(), grid: problem.grid,
      step: problem.endTime / Double(steps), lanes: Self.lanes)
    for first in stride(from: range.lowerBound, to: range.upperBound, by: Self.lanes) {
      var solver = template
      let samples = first..<min(first + Self.lanes, range.upperBound)
      solver.modes = initialModes(samples, of: split)
      let before = solver.values
      solver.advance(steps: steps)
      let after = solver.values
      for (lane, sample) in samples.enumerated() {
        try check(before, after, lane: lane, sample: sample)
        let at = (sample - range.lowerBound) * 2 * s
        for j in 0..<s {
          let from = j * (fine / s) * Self.lanes + lane
          buffer[at + j] = before[from]
          buffer[at + s + j] = after[from]
        }
      }
    }
    return buffer
  }

  /// How far u(T) moves when the step is halved, relative L² over the fine grid: mean and largest.
  package func stepHalvingError(
    _ range: Range<Int>, of split: DatasetSplit
  ) throws -> (mean: Double, largest: Double) {
    let coarse = PDEPairs(
      values: try pairs(range, of: split), points: problem.points)
    let refined = PDEPairs(
      values: try pairs(range, of: split, steps: 2 * problem.steps), points: problem.points)
    let errors = (0..<coarse.count).map {
      refined.relativeError(of: coarse.output($0), sample: $0)
    }
    return (errors.reduce(0, +) / Double(errors.count), errors.max() ?? 0)
  }

  /// Modes 0…K of u(0), [K + 1, lanes]; lanes beyond the samples are 0.
  package func initialModes(_ samples: Range<Int>, of split: DatasetSplit) -> ComplexField {
    precondition(samples.count <= Self.lanes, "at most \(Self.lanes) samples at once")
    var modes = ComplexField(count: problem.grid.cutoff + 1, lanes: Self.lanes)
    for (lane, sample) in samples.enumerated() {
      var random = SampleRandom(
        seed: seed, purpose: .data, step: split.key, sample: UInt64(sample))
      problem.initial.draw(using: &random, points: problem.points, lane: lane, into: &modes)
    }
    return modes
  }

  private func check(_ before: [Double], _ after: [Double], lane: Int, sample: Int) throws {
    var (start, end) = (0.0, 0.0)
    for j in 0..<problem.points {
      let (u, v) = (before[j * Self.lanes + lane], after[j * Self.lanes + lane])
      start += u * u
      end += v * v
    }
    guard end.isFinite else { throw PDEError.notFinite(sample: sample) }
    // A relative error divides by the norm of u(T): below rounding of u(0) it measures nothing.
    let ratio = (end / start).squareRoot()
    guard ratio > 1e-12 else { throw PDEError.degenerate(sample: sample, ratio: ratio) }
  }
}

/// A problem whose solutions are no data.
package enum PDEError: Error, Equatable, CustomStringConvertible {
  /// u(T) is not finite.
  case notFinite(sample: Int)
  /// ‖u(T)‖/‖u(0)‖ is nothing but rounding.
  case degenerate(sample: Int, ratio: Double)

  package var description: String {
    switch self {
    case .notFinite(let sample):
      "sample \(sample): expected a finite solution, got an overflow\n"
        + "hint: take more steps"
    case .degenerate(let sample, let ratio):
      "sample \(sample): expected a solution that is there at the end time, got one that decayed"
        + " to \(ratio) of its start\nhint: a longer domain or a shorter time"
    }
  }
}
