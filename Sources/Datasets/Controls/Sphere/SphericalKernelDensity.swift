#if canImport(Glibc)
  import Glibc
#endif

/// The multi-scale kernel density on S²: a control without training that is hard to beat.
///
/// Kernels sit on the distinct training places. Each member of the mixture is one rule for their widths,
/// once with places weighted by how many rows they have and once with all places alike:
/// - global widths on a geometric grid from the floor to 20°;
/// - adaptive widths a · (angle to the k-th nearest other place), k ∈ {1, 2, 4, 8, 16, 32},
///   a ∈ {0.35, 0.7, 1.4};
/// - the uniform density.
/// No width is below the floor. The members' weights are fitted by EM to the *validation* densities, so
/// that the scales are chosen by points that no kernel sits on.
package struct SphericalKernelDensity: Sendable {
  /// Names of the members, [M], widths in degrees.
  package let memberNames: [String]
  /// Weight of each member, [M]; they add up to 1.
  package let memberWeights: [Double]
  private let widths: KernelWidths

  /// - Parameters:
  ///   - training: unit vectors, [n, 3], at least one.
  ///   - validation: unit vectors, [m, 3]; without any all members weigh the same.
  ///   - floorDegrees: the smallest width.
  /// - Complexity: O(n m), 33 widths for each pair that is near enough.
  package init(training: [Double], validation: [Double], floorDegrees: Double) {
    widths = KernelWidths(training: training, floorDegrees: floorDegrees)
    memberNames = widths.memberNames
    let count = memberNames.count
    let densities = SphericalKernel.directions(validation).map(widths.densities(at:))
    memberWeights = Self.weights(densities, memberCount: count)
  }

  /// log p(x) of each row, [rows], in nats per unit area.
  /// - Parameter rows: unit vectors, [rows, 3].
  package func logProbability(of rows: [Double]) -> [Double] {
    SphericalKernel.directions(rows).map { point in
      log(zip(memberWeights, widths.densities(at: point)).reduce(0) { $0 + $1.0 * $1.1 })
    }
  }

  /// Weights that maximise the likelihood of points, by EM, from equal ones.
  ///
  /// A thousandth of a point is added to each member, so that none vanishes: the uniform one keeps
  /// every density above zero.
  private static func weights(_ densities: [[Double]], memberCount: Int) -> [Double] {
    var weights = [Double](repeating: 1 / Double(memberCount), count: memberCount)
    guard !densities.isEmpty else { return weights }
    let pseudo = 1e-3
    for _ in 0..<300 {
      var totals = [Double](repeating: pseudo, count: memberCount)
      for row in densities {
        var sum = 0.0
        for m in 0..<memberCount { sum += weights[m] * row[m] }
        let scale = 1 / sum
        for m in 0..<memberCount { totals[m] += weights[m] * row[m] * scale }
      }
      let total = Double(densities.count) + pseudo * Double(memberCount)
      var change = 0.0
      for m in 0..<memberCount {
        change = max(change, abs(totals[m] / total - weights[m]))
        weights[m] = totals[m] / total
      }
      if change < 1e-7 { break }
    }
    return weights
  }
}
