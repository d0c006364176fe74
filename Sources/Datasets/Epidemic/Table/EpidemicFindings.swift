/// What a reader met in the data beside plain counts: each kind with its places.
package struct EpidemicFindings: Equatable, Sendable, CustomStringConvertible {
  /// What was met.
  package enum Kind: String, CaseIterable, Sendable {
    // Repaired
    /// A whole number written with a point, `84471.0`: read as 84471.
    case decimalCount
    /// A row of a place that is none of the 50 states: left out.
    case otherPlace
    /// A second row of a state and day with the same counts: left out.
    case repeatedRow
    /// A zero of recovered on the five days of 2020-04-30…05-04: taken as missing.
    case placeholderZero
    // Kept as they are
    /// A blank recovered field: missing.
    case blankRecovered
    /// The first positive recovered count of a state after days without one: a jump, no epidemic.
    case lateStart
    /// A cumulative count below the one before it.
    case decreaseOfConfirmed
    /// A cumulative count below the one before it.
    case decreaseOfRecovered
    /// A cumulative count below the one before it.
    case decreaseOfDeaths

    /// Whether what a model sees differs from what the file says.
    package var isRepair: Bool {
      switch self {
      case .decimalCount, .otherPlace, .repeatedRow, .placeholderZero: true
      default: false
      }
    }

    var sentence: String {
      switch self {
      case .decimalCount: "whole numbers written with a point, read as whole numbers"
      case .otherPlace: "rows of other places, left out"
      case .repeatedRow: "rows that repeat a state and day with equal counts, left out"
      case .placeholderZero: "placeholder zeros of recovered, taken as missing"
      case .blankRecovered: "blank recovered fields, missing"
      case .lateStart: "late starts of recovered, kept"
      case .decreaseOfConfirmed: "decreases of confirmed, kept"
      case .decreaseOfRecovered: "decreases of recovered, kept"
      case .decreaseOfDeaths: "decreases of deaths, kept"
      }
    }
  }

  /// Where something was met.
  package struct Place: Hashable, Sendable {
    /// The day.
    package var day: CalendarDay
    /// The state, or the name that is none.
    package var name: String
  }

  private var placesOfKind: [Kind: [Place]] = [:]

  /// Number of places of a kind.
  package func count(of kind: Kind) -> Int { placesOfKind[kind]?.count ?? 0 }

  /// Places of a kind by day, then in the order they were read.
  package func places(of kind: Kind) -> [Place] { placesOfKind[kind] ?? [] }

  /// One line a kind that was met: number, what, first and last day, names.
  package var description: String {
    Kind.allCases.compactMap { kind -> String? in
      let places = places(of: kind)
      guard let first = places.first, let last = places.last else { return nil }
      let names = Set(places.map(\.name)).sorted()
      let days = first.day == last.day ? "on \(first.day)" : "from \(first.day) to \(last.day)"
      return "\(places.count) \(kind.sentence): \(days), "
        + names.prefix(4).joined(separator: ", ")
        + (names.count > 4 ? " and \(names.count - 4) more" : "")
    }.joined(separator: "\n")
  }

  mutating func add(_ kind: Kind, day: CalendarDay, name: String) {
    placesOfKind[kind, default: []].append(Place(day: day, name: name))
  }
}
