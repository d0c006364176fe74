import Tensors

#if canImport(Glibc)
  import Glibc
#endif

/// The multi-scale kernel density on S²: a control without training that is hard to beat, and a chart
/// that an atlas of the sphere may have besides its flows.
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
  package private(set) var memberWeights: [Double]
  /// The points that the kernels sit on, unit vectors, [n, 3].
  package let training: [Double]
  /// The smallest width.
  package let floorDegrees: Double
  private let widths: KernelWidths

  /// - Parameters:
  ///   - training: unit vectors, [n, 3], at least one.
  ///   - validation: unit vectors, [m, 3]; without any all members weigh the same.
  ///   - floorDegrees: the smallest width.
  /// - Complexity: O(n m), 33 widths for each pair that is near enough.
  package init(training: [Double], validation: [Double], floorDegrees: Double) {
    self.init(training: training, memberWeights: nil, floorDegrees: floorDegrees)
    guard !validation.isEmpty else { return }
    memberWeights = Self.weights(memberDensities(of: validation))
  }

  /// - Parameters:
  ///   - training: unit vectors, [n, 3], at least one.
  ///   - memberWeights: ≥ 0, scaled to add up to 1; nil for equal ones.
  ///   - floorDegrees: the smallest width.
  /// - Precondition: as many weights as members, not all of them zero.
  package init(training: [Double], memberWeights: [Double]?, floorDegrees: Double) {
    widths = KernelWidths(training: training, floorDegrees: floorDegrees)
    (self.training, self.floorDegrees) = (training, floorDegrees)
    memberNames = widths.memberNames
    let given = memberWeights ?? Array(repeating: 1, count: memberNames.count)
    let total = given.reduce(0, +)
    precondition(
      given.count == memberNames.count && given.allSatisfy { $0 >= 0 } && total > 0,
      "expected \(memberNames.count) weights, got \(given)")
    // What was scaled before keeps its bits.
    self.memberWeights = abs(total - 1) < 1e-12 ? given : given.map { $0 / total }
  }

  /// The density of each member at each row, [rows][M].
  package func memberDensities(of rows: [Double]) -> [[Double]] {
    SphericalKernel.directions(rows).map(widths.densities(at:))
  }

  /// One draw, a unit vector, [3].
  package func sample(using random: inout SampleRandom) -> [Double] {
    let member = Categorical.draw(memberWeights, at: random.uniform())
    let point = widths.sample(ofMember: member, using: &random)
    return [point.x, point.y, point.z]
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
  ///
  /// - Parameter densities: of each member at each point, [points][M]; at least one point.
  package static func weights(_ densities: [[Double]]) -> [Double] {
    let memberCount = densities[0].count
    var weights = [Double](repeating: 1 / Double(memberCount), count: memberCount)
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
