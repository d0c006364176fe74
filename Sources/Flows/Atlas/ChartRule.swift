/// Which charts hold a point: the (m, ε)-Voronoi cells U_k = {d_k ≤ (1 + ε) d̃_m} (VQ-Flows, UAI 2022,
/// §4.2, with ≤ as in the authors' talk; with < and ε = 0 a point would lie on m − 1 charts).
///
/// d_k is the distance of the encoded point to code k, d̃_m the m-th smallest. Squared distances are
/// compared with (1 + ε)². Ties go to the lowest k.
package struct ChartRule: Sendable, Equatable {
  /// m ≥ 1, the number of charts that a point lies on almost everywhere for ε = 0.
  package let neighbours: Int
  /// ε ≥ 0.
  package let overlap: Double

  package init(neighbours: Int = 1, overlap: Double = 0) {
    precondition(neighbours >= 1 && overlap >= 0, "expected m ≥ 1 and ε ≥ 0")
    self.neighbours = neighbours
    self.overlap = overlap
  }

  /// The largest number of charts that one point is given, [M].
  ///
  /// Without overlap m; with overlap all of them may be needed.
  package func capacity(charts: Int) -> Int {
    overlap == 0 ? min(neighbours, charts) : charts
  }

  /// The charts that hold a point, nearest first.
  ///
  /// - Parameters:
  ///   - point: encoded point, [d].
  ///   - codes: [K, d].
  ///   - isAllowed: charts of weight zero hold nothing.
  ///   - distances: room for K numbers.
  ///   - order: room for K numbers; the first entries become the charts.
  /// - Returns: how many charts hold the point.
  /// - Complexity: O(K · d + K · m).
  package func charts<Scalar: BinaryFloatingPoint>(
    of point: UnsafePointer<Scalar>, codes: UnsafePointer<Scalar>, count: Int, dimension: Int,
    isAllowed: (Int) -> Bool, distances: UnsafeMutablePointer<Scalar>,
    order: UnsafeMutablePointer<Int>
  ) -> Int {
    var allowed = 0
    for k in 0..<count where isAllowed(k) {
      var squared: Scalar = 0
      for j in 0..<dimension {
        let difference = point[j] - codes[k * dimension + j]
        squared = squared.addingProduct(difference, difference)
      }
      distances[k] = squared
      order[allowed] = k
      allowed += 1
    }
    // Selection sort as far as needed: m is small.
    var sorted = 0
    func bringNext() {
      var best = sorted
      for i in sorted..<allowed {
        let (a, b) = (distances[order[i]], distances[order[best]])
        if a < b || (a == b && order[i] < order[best]) { best = i }
      }
      (order[sorted], order[best]) = (order[best], order[sorted])
      sorted += 1
    }
    let wanted = min(neighbours, allowed)
    while sorted < wanted { bringNext() }
    guard overlap > 0, wanted > 0 else { return wanted }
    let factor = Scalar((1 + overlap) * (1 + overlap))
    let limit = distances[order[wanted - 1]] * factor
    while sorted < allowed {
      bringNext()
      if distances[order[sorted - 1]] > limit { return sorted - 1 }
    }
    return sorted
  }
}
