import Foundation
import Tensors

/// An epidemic that never was, by formula: for trials without a file.
///
/// Cases of a state are two logistic waves, C(t) = N Σ a σ((t′ − m)/w), with strength, middle and width of
/// its own and a weekly beat in reporting, t′ = t + 0.2 sin(2πt/7). Deaths are 2 % of the cases nine days
/// before; recovered are 80 % of those twelve days before, blank in every seventh state and everywhere on
/// the last fifth of the days.
package struct SyntheticEpidemic: Sendable {
  /// Counts.
  package let table: EpidemicTable
  /// Inhabitants.
  package let populations: StatePopulations

  /// - Precondition: `days` ≥ 1.
  package init(days: Int, seed: UInt64) throws {
    precondition(days >= 1, "an epidemic has a day, got \(days)")
    let persons = USStates.names.indices.map { 600_000 + 1_234_567 * Double($0 * 17 % 23) }
    let waves = USStates.names.indices.map { Self.waves(state: $0, days: days, seed: seed) }
    let firstDay = CalendarDay(year: 2020, month: 4, day: 12)!
    var records: [EpidemicRecord] = []
    for day in 0..<days {
      for state in USStates.names.indices {
        func cases(_ delay: Double) -> Double {
          waves[state].cases(at: Double(day) - delay) * persons[state]
        }
        let isBlank = state % 7 == 3 || 5 * day >= 4 * days
        records.append(
          EpidemicRecord(
            day: firstDay.advanced(by: day), state: state,
            counts: [
              cases(0).rounded(), isBlank ? nil : (0.8 * cases(12)).rounded(),
              (0.02 * cases(9)).rounded(),
            ], file: "the formula", line: records.count + 1))
      }
    }
    table = try EpidemicTable(
      records, findings: EpidemicFindings(), file: "the formula",
      missingDay: { preconditionFailure("no day is missing, but \($0) is") })
    populations = StatePopulations(persons: persons)
  }

  /// A state's share of cases over time.
  private struct Waves {
    /// Share of the population, middle and width in days.
    var parts: [(share: Double, middle: Double, width: Double)]

    func cases(at day: Double) -> Double {
      let beat = day + 0.2 * sin(2 * .pi * day / 7)
      return parts.reduce(0) { $0 + $1.share / (1 + exp(-(beat - $1.middle) / $1.width)) }
    }
  }

  private static func waves(state: Int, days: Int, seed: UInt64) -> Waves {
    var random = SampleRandom(seed: seed, purpose: .data, sample: UInt64(state))
    return Waves(
      parts: [0.25, 0.75].map { place in
        (
          share: 0.02 + 0.04 * random.uniform(),
          middle: Double(days) * (place + 0.3 * (random.uniform() - 0.5)),
          width: 6 + 6 * random.uniform()
        )
      })
  }
}
