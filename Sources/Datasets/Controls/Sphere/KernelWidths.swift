import Tensors

#if canImport(Glibc)
  import Glibc
#endif

/// Distinct places with the widths of all kernels on them.
struct KernelWidths: Sendable {
  /// Distinct places, [n].
  private let places: [SIMD3<Double>]
  /// Share of the rows at each place, [n], and the share without multiplicity.
  private let shares: [Double]
  private let evenShare: Double
  /// κ of the global widths, from the widest: ascending.
  private let globals: [Double]
  private let globalNorms: [Double]
  /// κ of each place under each adaptive rule, [n, A], and its normalisation.
  private let adaptives: [Double]
  private let adaptiveNorms: [Double]
  /// Smallest κ of each place over the adaptive rules, [n].
  private let smallest: [Double]
  /// Number of adaptive rules, A.
  private let ruleCount: Int
  /// Members: (global | adaptive) × (by rows | even), then uniform.
  let memberNames: [String]

  static let widestDegrees = 20.0
  private static let neighbours = [1, 2, 4, 8, 16, 32]
  private static let factors = [0.35, 0.7, 1.4]
  /// Kernels below e⁻⁴⁰ of their height count for nothing.
  private static let reach = 40.0

  init(training: [Double], floorDegrees: Double) {
    precondition(!training.isEmpty, "kernels need places")
    precondition(floorDegrees > 0 && floorDegrees < Self.widestDegrees, "floor \(floorDegrees)")
    var counts: [SIMD3<Double>: Int] = [:]
    var distinct: [SIMD3<Double>] = []
    let points = SphericalKernel.directions(training)
    for point in points {
      if counts[point] == nil { distinct.append(point) }
      counts[point, default: 0] += 1
    }
    places = distinct
    shares = distinct.map { Double(counts[$0] ?? 0) / Double(points.count) }
    evenShare = 1 / Double(distinct.count)

    let radian = Double.pi / 180
    let steps = Int((log(Self.widestDegrees / floorDegrees) / log(1.7)).rounded(.up))
    let grid = (0...steps).map {
      Self.widestDegrees * pow(floorDegrees / Self.widestDegrees, Double($0) / Double(steps))
    }
    globals = grid.map { SphericalKernel.concentration(width: $0 * radian) }
    globalNorms = globals.map { exp(SphericalKernel.logNormalisation($0)) }

    let rules = Self.neighbours.flatMap { k in Self.factors.map { (k: k, factor: $0) } }
    ruleCount = rules.count
    let tree = NeighbourTree(distinct.flatMap { [$0.x, $0.y, $0.z] }, dimension: 3)
    var adaptives: [Double] = []
    adaptives.reserveCapacity(distinct.count * rules.count)
    for (number, place) in distinct.enumerated() {
      let squared = tree.nearestSquaredDistances(
        to: [place.x, place.y, place.z], count: Self.neighbours[Self.neighbours.count - 1],
        excluding: number)
      for rule in rules {
        // Where there are fewer places, the farthest; for a single one the widest kernel.
        let chord = squared.isEmpty ? 2 : squared[min(rule.k, squared.count) - 1].squareRoot()
        let width = max(floorDegrees * radian, rule.factor * 2 * asin(min(1, chord / 2)))
        adaptives.append(SphericalKernel.concentration(width: width))
      }
    }
    self.adaptives = adaptives
    adaptiveNorms = adaptives.map { exp(SphericalKernel.logNormalisation($0)) }
    let count = rules.count
    smallest = distinct.indices.map { adaptives[$0 * count..<($0 + 1) * count].min() ?? 0 }
    let names =
      grid.map { "\(($0 * 1e5).rounded() / 1e5)°" }
      + rules.map { "\($0.factor) × neighbour \($0.k)" }
    memberNames = names.flatMap { ["\($0), by rows", "\($0), by places"] } + ["uniform"]
  }

  /// The density of each member at a point, [M].
  func densities(at point: SIMD3<Double>) -> [Double] {
    var sums = [Double](repeating: 0, count: memberNames.count)
    sums.withUnsafeMutableBufferPointer { sums in
      adaptives.withUnsafeBufferPointer { adaptives in
        adaptiveNorms.withUnsafeBufferPointer { norms in
          globals.withUnsafeBufferPointer { globals in
            for (number, place) in places.enumerated() {
              add(number, SphericalKernel.halfChord(point, place), globals, adaptives, norms, sums)
            }
          }
        }
      }
    }
    for member in globals.indices {
      sums[2 * member] *= globalNorms[member]
      sums[2 * member + 1] *= globalNorms[member] * evenShare
    }
    for rule in 0..<ruleCount { sums[2 * (globals.count + rule) + 1] *= evenShare }
    sums[sums.count - 1] = 1 / (4 * .pi)
    return sums
  }

  /// A draw from one member.
  func sample(ofMember member: Int, using random: inout SampleRandom) -> SIMD3<Double> {
    if member == memberNames.count - 1 {
      return SphericalKernel.sample(
        mean: SIMD3(0, 0, 1), concentration: 0, using: &random)
    }
    let rule = member / 2
    let uniform = random.uniform()
    let place =
      member % 2 == 0
      ? Categorical.draw(shares, at: uniform)
      : min(Int(uniform * Double(places.count)), places.count - 1)
    let concentration =
      rule < globals.count
      ? globals[rule] : adaptives[place * ruleCount + rule - globals.count]
    return SphericalKernel.sample(
      mean: places[place], concentration: concentration, using: &random)
  }

  @inline(__always)
  private func add(
    _ number: Int, _ chord: Double, _ globals: UnsafeBufferPointer<Double>,
    _ adaptives: UnsafeBufferPointer<Double>, _ norms: UnsafeBufferPointer<Double>,
    _ sums: UnsafeMutableBufferPointer<Double>
  ) {
    let share = shares[number]
    for member in 0..<globals.count {
      let exponent = chord * globals[member]
      // The next ones are narrower still.
      if exponent > Self.reach { break }
      let term = exp(-exponent)
      sums[2 * member] += share * term
      sums[2 * member + 1] += term
    }
    guard chord * smallest[number] <= Self.reach else { return }
    for rule in 0..<ruleCount {
      let exponent = chord * adaptives[number * ruleCount + rule]
      guard exponent <= Self.reach else { continue }
      let term = norms[number * ruleCount + rule] * exp(-exponent)
      let place = 2 * (globals.count + rule)
      sums[place] += share * term
      sums[place + 1] += term
    }
  }
}
