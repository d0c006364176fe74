extension GaussianMixture {
  /// One Gaussian for each group of rows, with the group's share as weight: what charts alone give,
  /// without a flow on them.
  ///
  /// - Parameters:
  ///   - rows: points, [n, D].
  ///   - groups: group of each row, [n]; groups without rows get no component.
  ///   - regularisation: share of the mean variance added to each variance, as in `fit`.
  package init(
    rows: [Double], dimension: Int, groups: [Int], regularisation: Double = 1e-6
  ) {
    precondition(rows.count == groups.count * dimension, "a group for each of the rows")
    // Numbers without gaps, in the order of the groups.
    let present = Set(groups).sorted()
    let numbers = Dictionary(uniqueKeysWithValues: zip(present, 0...))
    let places = groups.map { numbers[$0] ?? 0 }
    var centres = [Double](repeating: 0, count: present.count * dimension)
    // Moments about any row of the group lose no digits.
    for (row, place) in places.enumerated().reversed() {
      for axis in 0..<dimension {
        centres[place * dimension + axis] = rows[row * dimension + axis]
      }
    }
    var statistics = MixtureStatistics(dimension: dimension, centres: centres)
    for (row, place) in places.enumerated() { statistics.add(rows, row: row, to: place) }
    self.init(
      dimension: dimension, weights: [Double](repeating: 0, count: present.count),
      means: centres,
      choleskyFactors: [Double](repeating: 0, count: present.count * dimension * dimension))
    statistics.update(
      &self, ridge: regularisation * max(Self.meanVariance(rows, dimension), 1e-300))
  }
}
