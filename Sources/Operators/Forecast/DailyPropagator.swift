import Layers
import Tensors

/// A Padé exponential operator that advances the whole country by one day; seven days are seven
/// applications, as e^{7L} = (e^L)⁷:
///
///     z = E features(x),    z ← z + [p/q] block(z),    x₁₄ = x₁₃ + rise ∘ (H z)
///
/// Features are the thirteen daily rises in units of what is usual, g(r) = sign(r) log(1 + |r|), and the
/// last day against its mean. What needs a day on which recovered is missing is 0, unless blanks are data; days
/// that are forecast count as observed where the last input day is. H starts at zero, so that the start is persistence.
///
/// It is trained on the true days before each of the seven (teacher forcing), so that a window of 21 days
/// teaches seven steps, and what follows a day is learnt from every window that holds it. Under a plan
/// whose test windows share days with training windows this is close to looking up the answer.
package struct DailyPropagator: ForecastModel {
  /// The shape of the model.
  package struct Settings: Sendable, Equatable {
    /// Numbers of z.
    package var width = 256
    package var blocks = 2
    package var pade = PadeOrder(p: 4, q: 2)

    package init() {}
  }

  package let settings: Settings
  package let statistics: DayStatistics
  private let lift: Dense
  package let blocks: [LatentPadeBlock]
  private let head: Dense

  private static let (width, days) = (ForecastShape.dayWidth, ForecastShape.historyDays)
  /// Thirteen rises and a level.
  private static let features = days * width

  package init(
    _ settings: Settings = Settings(), statistics: DayStatistics, in layout: inout ParameterLayout
  ) {
    (self.settings, self.statistics) = (settings, statistics)
    lift = layout.scoped("lift") { Dense(Self.features, settings.width, in: &$0) }
    var blocks: [LatentPadeBlock] = []
    for block in 0..<settings.blocks {
      blocks.append(
        layout.scoped("block\(block)") {
          LatentPadeBlock(
            channels: settings.width, p: settings.pade.p, q: settings.pade.q, in: &$0)
        })
    }
    self.blocks = blocks
    head = layout.scoped("head") {
      Dense(settings.width, Self.width, startsAtZero: true, in: &$0)
    }
  }

  package var padeBlocks: [PlacedPadeBlock] {
    blocks.map { PlacedPadeBlock(block: $0, positions: 1) }
  }

  package func forecast<Scalar>(
    _ history: Value, observed: Value, on tape: Tape<Scalar>
  ) -> Value {
    var (window, mask) = (history, mask(observed: observed, on: tape))
    let isLastObserved = Self.lastDay(of: mask, on: tape)
    var ahead: [Value] = []
    for day in 0..<ForecastShape.forecastDays {
      let next = tape.scoped("day\(day)") { advance(window, mask: mask, on: tape) }
      ahead.append(next)
      window = Self.shifted(window, adding: next, on: tape)
      mask = Self.shifted(mask, adding: isLastObserved, on: tape)
    }
    return tape.joined(ahead)
  }

  package func taughtForecast<Scalar>(
    _ history: Value, observed: Value, target: Value, on tape: Tape<Scalar>
  ) -> Value {
    let batch = tape.shape(of: history).rows
    let mask = mask(observed: observed, on: tape)
    var (windows, masks) = ([history], [mask])
    let isLastObserved = Self.lastDay(of: mask, on: tape)
    for day in 0..<ForecastShape.forecastDays - 1 {
      let truth = tape.columns(target, day * Self.width..<(day + 1) * Self.width)
      windows.append(Self.shifted(windows[day], adding: truth, on: tape))
      masks.append(
        Self.shifted(
          masks[day], adding: known(truth, wasKnown: isLastObserved, on: tape), on: tape))
    }
    // Row (b, day) of all windows at once.
    func rows(_ parts: [Value]) -> Value {
      tape.reshape(tape.joined(parts), batch * parts.count, Self.features)
    }
    let next = advance(rows(windows), mask: rows(masks), on: tape)
    return tape.reshape(next, batch, ForecastShape.forecastDays * Self.width)
  }

  /// 1 where a number is known, [B, 14·150].
  private func mask<Scalar>(observed: Value, on tape: Tape<Scalar>) -> Value {
    statistics.masksBlanks
      ? tape.historyMask(observed: observed)
      : tape.constant(tape.shape(of: observed).rows, Self.features, repeating: 1)
  }

  /// Where a true day is known: as the last input day, and not where recovered has a blank.
  private func known<Scalar>(_ truth: Value, wasKnown: Value, on tape: Tape<Scalar>) -> Value {
    guard statistics.masksBlanks else { return wasKnown }
    // A blank of recovered is 0; confirmed and deaths have none, but may be 0.
    let others = (0..<Self.width).map { Scalar($0 % ForecastShape.series == 1 ? 0 : 1) }
    let recovered = others.map { 1 - $0 }
    let isKnown = tape.add(
      tape.multiply(tape.isPositive(truth), rowVector: tape.constant(1, Self.width, recovered)),
      rowVector: tape.constant(1, Self.width, others))
    return tape.multiply(wasKnown, isKnown)
  }

  /// The day after each window, [B, 14·150] → [B, 150].
  private func advance<Scalar>(_ window: Value, mask: Value, on tape: Tape<Scalar>) -> Value {
    func row(_ numbers: [Double]) -> Value {
      tape.constant(1, numbers.count, numbers.map { Scalar($0) })
    }
    let later = Self.width..<Self.features
    let earlier = 0..<Self.features - Self.width
    let last = Self.lastDay(of: window, on: tape)
    let isKnown = tape.multiply(tape.columns(mask, later), tape.columns(mask, earlier))
    let perRise = (1..<Self.days).flatMap { _ in statistics.rise.map { 1 / $0 } }
    let rises = tape.multiply(
      tape.multiply(
        tape.subtract(tape.columns(window, later), tape.columns(window, earlier)), isKnown),
      rowVector: row(perRise))
    let level = tape.multiply(
      tape.multiply(
        tape.add(last, rowVector: row(statistics.level.map { -$0 })),
        Self.lastDay(of: mask, on: tape)),
      rowVector: row(statistics.spread.map { 1 / $0 }))
    var z = tape.scoped("lift") {
      lift(tape.concatenateColumns(Self.compressed(rises, on: tape), level), on: tape)
    }
    for (index, block) in blocks.enumerated() {
      z = tape.scoped("block\(index)") { tape.add(z, block(z, on: tape)) }
    }
    let change = tape.scoped("head") { head(z, on: tape) }
    return tape.add(last, tape.multiply(change, rowVector: row(statistics.rise)))
  }

  /// sign(x) log(1 + |x|).
  private static func compressed<Scalar>(_ x: Value, on tape: Tape<Scalar>) -> Value {
    func half(_ x: Value) -> Value { tape.log(tape.add(tape.relu(x), constant: 1)) }
    return tape.subtract(half(x), half(tape.negate(x)))
  }

  private static func lastDay<Scalar>(of window: Value, on tape: Tape<Scalar>) -> Value {
    tape.columns(window, features - width..<features)
  }

  private static func shifted<Scalar>(
    _ window: Value, adding day: Value, on tape: Tape<Scalar>
  ) -> Value {
    tape.concatenateColumns(tape.columns(window, width..<features), day)
  }
}
