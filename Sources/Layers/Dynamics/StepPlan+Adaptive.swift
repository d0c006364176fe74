import Tensors

#if canImport(Glibc)
  import Glibc
#endif

extension StepPlan {
  /// How large the error of a step may be, element by element: absolute + relative · |z|.
  package struct Tolerance: Sendable, Equatable, Codable {
    package var absolute: Double
    package var relative: Double

    package init(absolute: Double = 1e-6, relative: Double = 1e-4) {
      self.absolute = absolute
      self.relative = relative
    }
  }

  /// Steps of the Dormand–Prince method that keep the error of each step within a tolerance.
  ///
  /// An adaptive solver inside a training would choose its steps by the rows it happens to hold, and its
  /// result would depend on how rows are dealt to ranks. Here steps are chosen once, before a tape is
  /// recorded, on a probe that is the same everywhere; the plan is then recorded like any other. It is a
  /// function of (probe, parameters, tolerance), which every rank has alike. Plan anew where parameters
  /// have moved far.
  ///
  /// The measure of an error is the root mean square of error / tolerance over all elements of the
  /// probe; a step is kept where it is at most 1, and the next length is
  /// h · min(5, max(0.2, 0.9 · measure^(−1/5))) (Hairer, Nørsett & Wanner, 1993, section II.4).
  ///
  /// - Parameters:
  ///   - state: z(0) of the probe, row-major.
  ///   - times: output times, ascending, after 0; each ends a step.
  ///   - field: f, recorded on the tape it is given.
  /// - Throws: ``StepPlanError`` where no step is short enough.
  /// - Complexity: seven evaluations of f for each step that is tried.
  package static func adaptive<Scalar>(
    from state: [Scalar], shape: Shape, through times: [Double],
    tolerance: Tolerance = Tolerance(), parameters: ParameterBuffer<Scalar>?,
    _ field: (Value, Tape<Scalar>) -> Value
  ) throws -> StepPlan {
    precondition(zip([0] + times, times).allSatisfy(<), "times must ascend from 0, got \(times)")
    precondition(
      tolerance.absolute > 0 && tolerance.relative >= 0, "a tolerance must be positive")
    let tape = Tape<Scalar>(shardCount: 1, parameters: parameters)
    var (z, time, length) = (state, 0.0, times.first ?? 1)
    var intervals: [[Double]] = []
    for end in times {
      var steps: [Double] = []
      while time < end {
        let isLast = time + length >= end - 1e-12 * end
        let tried = isLast ? end - time : length
        let trial = Self.trial(z, shape, tried, tolerance, tape, field)
        let growth = min(5, max(0.2, 0.9 * pow(max(trial.measure, 1e-12), -0.2)))
        guard trial.measure <= 1 else {
          length = tried * min(1, growth)
          guard length > 1e-9 * end else {
            throw StepPlanError(time: time, length: length, measure: trial.measure)
          }
          continue
        }
        z = trial.end
        steps.append(tried)
        time = isLast ? end : time + tried
        // A step cut short by an output time says little about the length that would do.
        length = isLast ? max(length, tried * growth) : tried * growth
      }
      intervals.append(steps)
    }
    return StepPlan(intervals: intervals)
  }

  private static func trial<Scalar>(
    _ z: [Scalar], _ shape: Shape, _ length: Double, _ tolerance: Tolerance, _ tape: Tape<Scalar>,
    _ field: (Value, Tape<Scalar>) -> Value
  ) -> (end: [Scalar], measure: Double) {
    tape.reset()
    let start = tape.input(shape, repeating: z, isDifferentiable: false)
    let (end, error) = RungeKutta.dormandPrince.stepWithError(start, length: length, on: tape) {
      field($0, tape)
    }
    tape.keep(end)
    tape.keep(error)
    tape.run()
    let (values, errors) = (tape.elements(of: end), tape.elements(of: error))
    var sum = 0.0
    for i in values.indices {
      let size = max(abs(Double(z[i])), abs(Double(values[i])))
      let share = Double(errors[i]) / (tolerance.absolute + tolerance.relative * size)
      sum += share * share
    }
    let measure = (sum / Double(max(1, values.count))).squareRoot()
    return (values, measure.isFinite ? measure : .infinity)
  }
}

/// A field that no step is short enough for.
package struct StepPlanError: Error, Equatable, CustomStringConvertible {
  package let time: Double
  package let length: Double
  package let measure: Double

  package var description: String {
    "adaptive steps at time \(time): expected an error within the tolerance, got \(measure) times it"
      + " with a step of \(length)\nhint: a larger tolerance, or look for parameters that overflow"
  }
}
