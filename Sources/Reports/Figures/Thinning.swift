/// Evenly spaced choice of what is drawn.
enum Thinning {
  /// At most `limit` of 0..<count, evenly spaced.
  static func indices(count: Int, limit: Int) -> [Int] {
    count <= limit ? Array(0..<count) : (0..<limit).map { $0 * count / limit }
  }

  /// At most `limit` elements and the last.
  static func every<Element>(_ elements: [Element], limit: Int) -> [Element] {
    var chosen = indices(count: elements.count, limit: limit).map { elements[$0] }
    if elements.count > limit, let last = elements.last { chosen.append(last) }
    return chosen
  }

  /// At most `limit` rows of [rows, columns].
  static func rows(_ values: [Double], columns: Int, limit: Int) -> [[Double]] {
    indices(count: values.count / columns, limit: limit).map {
      Array(values[$0 * columns..<($0 + 1) * columns])
    }
  }
}
