import Tensors

/// Steps of the Dormand–Prince method whose lengths each row chooses by its own error.
///
/// The lengths are values of the tape, [B, 1]: a function of the row and of the parameters alone, not of
/// which rows a shard or a rank holds, and found anew whenever the tape is replayed. A tape has a fixed
/// number of operations, so an interval has a fixed number of attempts; the last one takes what is left
/// of the interval, whatever its error. A row that has arrived takes steps of length zero.
///
/// The measure of an error is the root mean square of error / (tolerance · (1 + |z|)) over the elements of
/// a row. A step is kept where it is below 1, and the next length is
/// h · min(2, max(0.2, 0.9 · measure^(−1/5))) (Hairer, Nørsett & Wanner, 1993, section II.4); 2 and not the
/// usual 5, because an attempt that fails is one less. Derivatives take the lengths as constants.
struct AdaptiveSteps {
  /// Attempts in an interval: 28 evaluations of f, where the classical method has 4 for one step.
  static let attempts = 4

  private let tolerance: Double
  private let interval: Double
  /// What the next step would have, [B, 1].
  private var length: Value

  init<Scalar>(tolerance: Double, interval: Double, rows: Int, on tape: Tape<Scalar>) {
    self.tolerance = tolerance
    self.interval = interval
    length = tape.constant(rows, 1, repeating: Scalar(interval))
  }

  /// Moves z, [B, Z], to the end of an interval.
  ///
  /// - Returns: the lengths of the steps that were kept, zero for those that were not.
  mutating func advance<Scalar>(
    _ z: inout Value, on tape: Tape<Scalar>, _ f: RungeKutta.Field
  ) -> [StepLength] {
    let rows = tape.shape(of: z).rows
    var left = tape.constant(rows, 1, repeating: Scalar(interval))
    var kept: [StepLength] = []
    for attempt in 1...Self.attempts {
      let isLast = attempt == Self.attempts
      // min(length, left).
      let tried =
        isLast ? left : tape.subtract(left, tape.relu(tape.subtract(left, length)))
      let (end, error) = RungeKutta.dormandPrince.stepWithError(
        z, length: .rows(tried), on: tape, f)
      let measure = squaredMeasure(error, at: z, on: tape)
      let rise = tape.multiply(tried, growth(measure, on: tape))
      // A step cut short by the end of the interval says little about the length that would do.
      let longer = tape.multiply(
        tape.isPositive(tape.subtract(length, tried)), tape.relu(tape.subtract(length, rise)))
      guard !isLast else {
        z = end
        kept.append(.rows(tried))
        length = tape.add(rise, longer)
        continue
      }
      let isKept = tape.isPositive(tape.add(tape.negate(measure), constant: 1))
      let moved = tape.multiply(isKept, tried)
      z = tape.add(z, tape.multiply(tape.subtract(end, z), columnVector: isKept))
      kept.append(.rows(moved))
      left = tape.subtract(left, moved)
      length = tape.add(rise, tape.multiply(isKept, longer))
    }
    return kept
  }

  /// [B, 1].
  private func squaredMeasure<Scalar>(
    _ error: Value, at z: Value, on tape: Tape<Scalar>
  ) -> Value {
    let z = tape.stopGradient(z)
    let size = tape.add(tape.relu(z), tape.relu(tape.negate(z)))
    let allowed = tape.scale(tape.add(size, constant: 1), by: tolerance)
    let shares = tape.divide(tape.stopGradient(error), allowed)
    return tape.scale(
      tape.rowSquaredSums(shares), by: 1 / Double(tape.shape(of: z).columns))
  }

  /// min(2, max(0.2, 0.9 · measure^(−1/5))) of a squared measure.
  private func growth<Scalar>(_ measure: Value, on tape: Tape<Scalar>) -> Value {
    let power = tape.exp(tape.scale(tape.log(tape.add(measure, constant: 1e-10)), by: -0.1))
    let wanted = tape.scale(power, by: 0.9)
    let atLeast = tape.add(tape.relu(tape.add(wanted, constant: -0.2)), constant: 0.2)
    return tape.add(
      tape.negate(tape.relu(tape.add(tape.negate(atLeast), constant: 2))), constant: 2)
  }
}
