import Foundation

/// The three cumulative counts, in the order of every array.
package enum EpidemicSeries: Int, CaseIterable, Sendable {
  /// C: confirmed and probable cases.
  case confirmed
  /// R: recovered persons.
  case recovered
  /// D: deaths.
  case deaths

  /// Name of its column in the tidy file.
  package var columnName: String {
    switch self {
    case .confirmed: "confirmed"
    case .recovered: "recovered"
    case .deaths: "deaths"
    }
  }
  /// Name of its column in a daily report.
  package var reportColumnName: String { columnName.capitalized }
  /// Letter in tables of results.
  package var letter: String { columnName.prefix(1).uppercased() }
}
