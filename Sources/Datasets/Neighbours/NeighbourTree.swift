/// Exact nearest neighbours in R^D by a k-d tree (Bentley, 1975; with bounded search after Friedman,
/// Bentley & Finkel, 1977).
///
/// Each node is cut at the median of its widest axis until at most 12 points are left. A query goes down
/// the near side first and skips a far side that is farther than the k-th neighbour found so far.
package struct NeighbourTree: Sendable {
  /// D.
  package let dimension: Int
  /// Number of points.
  package let count: Int
  /// Points in the order of the leaves, [count, D].
  private var points: [Double]
  /// Number of each of these points where it comes from, [count].
  private var numbers: [Int]
  /// Inner nodes in the order in which they are met on the way down, near side first.
  private var nodes: [Node] = []

  private struct Node: Sendable {
    var range: Range<Int>
    /// −1 for a leaf.
    var axis: Int
    var cut: Double
    /// Number of the upper child; the lower one follows its parent.
    var upper: Int
  }

  private static var leafCount: Int { 12 }

  /// - Parameter rows: points, [count, D], finite.
  /// - Complexity: O(count log² count).
  package init(_ rows: [Double], dimension: Int) {
    precondition(dimension > 0 && rows.count % dimension == 0, "rows are not of \(dimension)")
    self.dimension = dimension
    count = rows.count / dimension
    points = rows
    numbers = Array(0..<count)
    if count > 0 { _ = build(0..<count, rows) }
    for (place, number) in numbers.enumerated() {
      for axis in 0..<dimension {
        points[place * dimension + axis] = rows[number * dimension + axis]
      }
    }
  }

  private mutating func build(_ range: Range<Int>, _ rows: [Double]) -> Int {
    let node = nodes.count
    nodes.append(Node(range: range, axis: -1, cut: 0, upper: -1))
    guard range.count > Self.leafCount else { return node }
    var widest = (axis: 0, width: -1.0)
    for axis in 0..<dimension {
      var (low, high) = (Double.infinity, -Double.infinity)
      for place in range {
        let value = rows[numbers[place] * dimension + axis]
        (low, high) = (min(low, value), max(high, value))
      }
      if high - low > widest.width { widest = (axis, high - low) }
    }
    // Points that are all alike cannot be cut.
    guard widest.width > 0 else { return node }
    let axis = widest.axis
    // Equal values by number: the tree is a function of the rows.
    numbers[range].sort {
      let (a, b) = (rows[$0 * dimension + axis], rows[$1 * dimension + axis])
      return a == b ? $0 < $1 : a < b
    }
    let middle = range.lowerBound + range.count / 2
    nodes[node].axis = axis
    nodes[node].cut = rows[numbers[middle] * dimension + axis]
    _ = build(range.lowerBound..<middle, rows)
    nodes[node].upper = build(middle..<range.upperBound, rows)
    return node
  }

  // MARK: - Queries

  /// Squared distances of the `k` nearest points to a query, ascending; fewer where there are fewer.
  ///
  /// - Parameters:
  ///   - query: [D].
  ///   - excluded: the number of a point that does not count, such as the query itself.
  /// - Complexity: about O(k log count) in few dimensions.
  package func nearestSquaredDistances(
    to query: [Double], count k: Int, excluding excluded: Int = -1
  ) -> [Double] {
    precondition(query.count == dimension, "a query has \(dimension) coordinates")
    guard count > 0, k > 0 else { return [] }
    var found: [Double] = []
    found.reserveCapacity(k + 1)
    search(0, query, k, excluded, &found)
    return found
  }

  private func search(
    _ number: Int, _ query: [Double], _ k: Int, _ excluded: Int, _ found: inout [Double]
  ) {
    let node = nodes[number]
    guard node.axis >= 0 else {
      for place in node.range where numbers[place] != excluded {
        var distance = 0.0
        for axis in 0..<dimension {
          let offset = points[place * dimension + axis] - query[axis]
          distance += offset * offset
        }
        if found.count == k {
          if distance >= found[k - 1] { continue }
          found.removeLast()
        }
        var position = found.count
        while position > 0, found[position - 1] > distance { position -= 1 }
        found.insert(distance, at: position)
      }
      return
    }
    let offset = query[node.axis] - node.cut
    let (near, far) = offset < 0 ? (number + 1, node.upper) : (node.upper, number + 1)
    search(near, query, k, excluded, &found)
    if found.count < k || offset * offset <= found[k - 1] {
      search(far, query, k, excluded, &found)
    }
  }

  /// Distance of each point to its k-th nearest other point, [count], in the order of the rows; to the
  /// farthest where there are fewer; 0 for a single point. Copies of a point count as neighbours.
  package func distances(toNeighbour k: Int) -> [Double] {
    var distances = [Double](repeating: 0, count: count)
    for place in 0..<count {
      let query = Array(points[place * dimension..<(place + 1) * dimension])
      let found = nearestSquaredDistances(to: query, count: k, excluding: numbers[place])
      distances[numbers[place]] = (found.last ?? 0).squareRoot()
    }
    return distances
  }
}
