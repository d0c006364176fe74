import Tensors

/// Windows of the epidemic as functions on a grid, and back.
///
/// The order of the states has no geometry: an operator along it sees neighbours in the alphabet. What
/// the models gain from it is a fixed place for each state, on which all others act.
package enum EpidemicGrid {
  /// States as positions, padded with zeros to `positions` ≥ 50; days and series as channels.
  ///
  /// Channels are 14 × (C, R, D), then 14 × whether R is observed.
  /// - Returns: [positions·B, 56].
  package static func statesAsPositions<Scalar>(
    _ history: Value, observed: Value, positions: Int, on tape: Tape<Scalar>
  ) -> Value {
    let batch = checkedBatch(history, observed, on: tape)
    let (days, states) = (ForecastShape.historyDays, ForecastShape.states)
    precondition(positions >= states, "\(states) states do not fit on \(positions) positions")
    let index = (0..<positions).flatMap { state in
      (0..<batch).flatMap { b in
        (0..<days).map { state < states ? (b * days + $0) * states + state : -1 }
      }
    }
    func columns(_ x: Value, _ width: Int) -> Value {
      tape.reshape(
        tape.gatherRows(tape.reshape(x, batch * days * states, width), index),
        positions * batch, days * width)
    }
    return tape.concatenateColumns(columns(history, ForecastShape.series), columns(observed, 1))
  }

  /// The reverse for a forecast: [positions·B, 7·3] → [B, 7·150].
  package static func forecast<Scalar>(
    fromStates x: Value, positions: Int, on tape: Tape<Scalar>
  ) -> Value {
    let batch = Grid.batch(rows: tape.shape(of: x).rows, positions: positions)
    let (days, states) = (ForecastShape.forecastDays, ForecastShape.states)
    let index = (0..<batch).flatMap { b in
      (0..<days).flatMap { day in (0..<states).map { ($0 * batch + b) * days + day } }
    }
    let cells = tape.reshape(x, positions * batch * days, ForecastShape.series)
    return tape.reshape(
      tape.gatherRows(cells, index), batch, days * ForecastShape.dayWidth)
  }

  /// Channels of ``plane(_:observed:states:days:on:)``.
  package static let planeChannels = ForecastShape.series + 3

  /// States × days as positions; C, R, D, whether R is observed, and both coordinates as channels.
  ///
  /// More positions than 50 × 14 are padded with zeros, behind the states and before the days.
  /// - Returns: [states·days·B, 6], row (state·days + day)·B + sample.
  package static func plane<Scalar>(
    _ history: Value, observed: Value, states: Int = ForecastShape.states,
    days: Int = ForecastShape.historyDays, on tape: Tape<Scalar>
  ) -> Value {
    let batch = checkedBatch(history, observed, on: tape)
    let (realStates, realDays) = (ForecastShape.states, ForecastShape.historyDays)
    precondition(
      states >= realStates && days >= realDays,
      "\(realStates) states and \(realDays) days do not fit on \(states) × \(days) positions")
    var index: [Int] = []
    var coordinates: [Scalar] = []
    for state in 0..<states {
      for position in 0..<days {
        let day = position - (days - realDays)
        for b in 0..<batch {
          index.append(
            state < realStates && day >= 0 ? (b * realDays + day) * realStates + state : -1)
          coordinates.append(Scalar(state) / Scalar(states))
          coordinates.append(Scalar(position) / Scalar(days))
        }
      }
    }
    func cells(_ x: Value, _ width: Int) -> Value {
      tape.gatherRows(tape.reshape(x, batch * realDays * realStates, width), index)
    }
    return tape.concatenateColumns(
      tape.concatenateColumns(cells(history, ForecastShape.series), cells(observed, 1)),
      tape.constant(index.count, 2, coordinates))
  }

  /// The last seven days of a plane as a forecast, [states·days·B, 3] → [B, 7·150].
  package static func forecast<Scalar>(
    fromPlane x: Value, states: Int = ForecastShape.states, days: Int = ForecastShape.historyDays,
    on tape: Tape<Scalar>
  ) -> Value {
    let ahead = ForecastShape.forecastDays
    let batch = Grid.batch(rows: tape.shape(of: x).rows, positions: days * states)
    let index = (0..<batch).flatMap { b in
      (0..<ahead).flatMap { day in
        (0..<ForecastShape.states).map { ($0 * days + days - ahead + day) * batch + b }
      }
    }
    return tape.reshape(
      tape.gatherRows(x, index), batch, ahead * ForecastShape.dayWidth)
  }

  private static func checkedBatch<Scalar>(
    _ history: Value, _ observed: Value, on tape: Tape<Scalar>
  ) -> Int {
    let batch = tape.shape(of: history).rows
    let (days, states) = (ForecastShape.historyDays, ForecastShape.states)
    precondition(
      tape.shape(of: history) == Shape(batch, days * ForecastShape.dayWidth)
        && tape.shape(of: observed) == Shape(batch, days * states),
      "expected a history [B, \(days * ForecastShape.dayWidth)] and a mask [B, \(days * states)], "
        + "got \(tape.shape(of: history)) and \(tape.shape(of: observed))")
    return batch
  }
}
