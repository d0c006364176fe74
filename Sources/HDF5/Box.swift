/// An axis-aligned box of an N-dimensional row-major array: a hyperslab with stride one.
public struct Box: Equatable, Sendable {
  /// First index along each axis, [N].
  public let start: [Int]
  /// Extent along each axis, [N].
  public let count: [Int]

  /// Creates a box.
  /// - Precondition: `start` and `count` have the same length and no negative entry.
  public init(start: [Int], count: [Int]) {
    precondition(start.count == count.count, "box: \(start.count) starts, \(count.count) counts")
    precondition(start.allSatisfy { $0 >= 0 } && count.allSatisfy { $0 >= 0 }, "box: negative")
    self.start = start
    self.count = count
  }

  /// Product of the extents; 1 for a scalar (N = 0).
  public var elementCount: Int { count.reduce(1, *) }

  /// Cuts the flat element range [a, b) of a row-major array into at most 2N − 1 boxes, in flat order.
  ///
  /// A rank owns a run of elements of a flat buffer; an array in a file has a true shape. Along the
  /// first axis the run is a broken first row, whole rows, and a broken last row; the broken rows are
  /// runs of arrays with one axis less, and a run that starts at a row's beginning (or ends at its
  /// end) needs only one box for each axis below. Hence 1 for N = 1, then two more for each axis.
  ///
  /// - Precondition: 0 ≤ a ≤ b ≤ product of `shape`.
  /// - Returns: boxes whose elements, one box after the other, are the range in order; none if empty.
  public static func covering(_ range: Range<Int>, of shape: [Int]) -> [Box] {
    let total = shape.reduce(1, *)
    precondition(
      range.lowerBound >= 0 && range.upperBound <= total,
      "flat range \(range) is outside of an array of \(total) elements")
    guard !range.isEmpty else { return [] }
    guard let rows = shape.first else { return [Box(start: [], count: [])] }
    let inner = Array(shape.dropFirst())
    let rowLength = total / rows
    let (first, last) = (range.lowerBound / rowLength, (range.upperBound - 1) / rowLength)

    func broken(row: Int) -> [Box] {
      let lower = max(range.lowerBound - row * rowLength, 0)
      let upper = min(range.upperBound - row * rowLength, rowLength)
      return covering(lower..<upper, of: inner).map {
        Box(start: [row] + $0.start, count: [1] + $0.count)
      }
    }

    var boxes: [Box] = []
    var (wholeStart, wholeEnd) = (first, last + 1)
    let endsWhole = range.upperBound % rowLength == 0
    if range.lowerBound % rowLength != 0 || (first == last && !endsWhole) {
      boxes += broken(row: first)
      wholeStart += 1
    }
    let tail = !endsWhole && last >= wholeStart
    if tail { wholeEnd -= 1 }
    if wholeStart < wholeEnd {
      boxes.append(
        Box(
          start: [wholeStart] + inner.map { _ in 0 }, count: [wholeEnd - wholeStart] + inner))
    }
    if tail { boxes += broken(row: last) }
    return boxes
  }
}
