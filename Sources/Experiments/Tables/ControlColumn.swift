import Foundation

/// Controls of a table's cells whose names differ only in numbers, such as how many components the
/// validation points have chosen: one column.
struct ControlColumn: Equatable {
  /// The name with each number as `#`.
  let key: String
  /// All names, in the order in which they came.
  private(set) var names: [String]

  /// The columns of all controls in the order of the first cell that has them.
  static func columns(of results: [Scores]) -> [ControlColumn] {
    var columns: [ControlColumn] = []
    for name in results.flatMap({ $0.controls.map(\.name) }) {
      let key = Self.key(of: name)
      if let known = columns.firstIndex(where: { $0.key == key }) {
        if !columns[known].names.contains(name) { columns[known].names.append(name) }
      } else {
        columns.append(ControlColumn(key: key, names: [name]))
      }
    }
    return columns
  }

  /// Whether it follows the charts of a model, so that it is another one for each model.
  var isOfCharts: Bool { key.contains(" \(FittedControl.ofCharts) ") }

  /// The name; where numbers differ, from the smallest to the largest.
  var title: String {
    let numbers = names.map { $0.matches(of: Self.number).map { String($0.output) } }
    var place = 0
    return key.replacing(
      /#/,
      with: { _ -> String in
        defer { place += 1 }
        let values = numbers.map { $0[place] }.sorted { (Double($0) ?? 0) < (Double($1) ?? 0) }
        guard let first = values.first, let last = values.last, first != last else {
          return values.first ?? ""
        }
        return "\(first)–\(last)"
      })
  }

  func score(in scores: Scores) -> Double? {
    scores.controls.first { Self.key(of: $0.name) == key }?.testLogLikelihood.mean
  }

  private static var number: Regex<Substring> { /[0-9]+(?:\.[0-9]+)?/ }
  private static func key(of name: String) -> String { name.replacing(number, with: "#") }
}
