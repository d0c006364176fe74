import Datasets
import Foundation
import Tensors
import Testing

@Suite("Point sets")
struct PointSetTests {
  /// 40,000-sample values with standard errors of 0.005.
  static let trackB: [(PointSet, Double)] = [
    (.helix, -0.418), (.knotted, 1.631), (.bentLissajous, 2.406), (.twistedEight, 2.457),
    (.interlockedCircles, 2.457),
  ]

  @Test("entropy ceilings of track b agree with the reference table", arguments: trackB)
  func ceilingsOfTrackB(set: PointSet, expected: Double) {
    let ceiling = EntropyCeiling(of: PointGenerator(set: set, track: .b, seed: 5), count: 4000)
    #expect(abs(ceiling.mean - expected) < 3 * hypot(ceiling.standardError, 0.005), "\(ceiling)")
  }

  @Test(
    "ceilings of the curves of this project are those of their length, −E log speed range − log 2πe s²",
    arguments: [PointSet.nonKnotted, .star, .fiveCircles], Track.allCases)
  func ceilingsOfOwnCurves(set: PointSet, track: Track) {
    let generator = PointGenerator(set: set, track: track, seed: 3)
    let steps = 4000
    var meanLogSpeed = 0.0
    for component in 0..<set.componentCount {
      for step in 0..<steps {
        let theta = -Double.pi + 2 * .pi * (Double(step) + 0.5) / Double(steps)
        let chord =
          set.point(component: component, theta: theta + 1e-5)
          - set.point(component: component, theta: theta - 1e-5)
        meanLogSpeed += log((chord * chord).sum().squareRoot() / 2e-5)
      }
    }
    meanLogSpeed /= Double(steps * set.componentCount)
    let length = meanLogSpeed + log(2 * Double.pi * Double(set.componentCount) * generator.scale)
    let thin = -length - log(2 * Double.pi * M_E * generator.noise * generator.noise)
    let ceiling = EntropyCeiling(of: generator, count: 4000)
    // Curvature and near misses move the ceiling up a little: 0.02 nats are generous for s/R ≤ 0.05.
    #expect(abs(ceiling.mean - thin) < 3 * ceiling.standardError + 0.02, "\(ceiling) \(thin)")
  }

  @Test("without noise the points have distance 0 from their set", arguments: PointSet.allCases)
  func pointsLieOnTheirSet(set: PointSet) {
    // Blobs need a spread to be a set at all.
    let noise = set == .sphericalBlobs ? 0.2 : 0
    let clean = PointGenerator(set: set, noise: noise, seed: 4)
    let density = ExactDensity(PointGenerator(set: set, seed: 4))
    let rows = (0..<500).flatMap { clean.row($0, of: .train) }
    for row in 0..<500 {
      let point = SIMD3(rows[3 * row], rows[3 * row + 1], rows[3 * row + 2])
      // Nodes are at most s/4 apart.
      #expect(density.distance(of: point) < 0.13 * clean.set.defaultNoise)
    }
    #expect(density.shareOff(rows) == 0)
    #expect(density.shareOff(rows.map { $0 + 40 }) == 1)
    #expect(density.shareOff([0, .nan, 0]) == 1)
    let noisy = PointGenerator(set: set, seed: 4)
    let share = density.shareOff((0..<4000).flatMap { noisy.row($0, of: .train) })
    // Two directions across a curve: P(r > 4 s) = e⁻⁸ = 0.0003.
    #expect(share <= 0.002)
  }

  @Test("the five circles are far from each other, and the crossings of the unknot are open")
  func setsDoNotMeet() {
    func points(_ set: PointSet, _ component: Int) -> [SIMD3<Double>] {
      (0..<300).map { set.point(component: component, theta: 2 * .pi * Double($0) / 300) }
    }
    func distance(_ a: [SIMD3<Double>], _ b: [SIMD3<Double>], apart: Int) -> Double {
      var smallest = Double.infinity
      for (i, p) in a.enumerated() {
        for (j, q) in b.enumerated() where min((i - j + 300) % 300, (j - i + 300) % 300) >= apart {
          smallest = min(smallest, ((p - q) * (p - q)).sum())
        }
      }
      return smallest.squareRoot()
    }
    for circle in 1..<5 {
      #expect(distance(points(.fiveCircles, 0), points(.fiveCircles, circle), apart: 0) > 1.9)
    }
    for set in [PointSet.nonKnotted, .star] {
      #expect(distance(points(set, 0), points(set, 0), apart: 30) > 0.4, "\(set)")
    }
  }

  @Test("the density of the ribbon is a sum over θ and width, on it, at its edge and far away")
  func ribbonMatchesPlainSum() {
    let generator = PointGenerator(set: .lissajousRibbon, scale: 1, noise: 0.1, seed: 1)
    let density = ExactDensity(generator)
    func plain(_ x: [Double]) -> Double {
      var exponents: [Double] = []
      for i in 0..<1500 {
        let t = -Double.pi + 2 * Double.pi * (Double(i) + 0.5) / 1500
        for j in 0..<200 {
          let w = -0.25 + 0.5 * (Double(j) + 0.5) / 200
          let offset = [cos(t) - x[0], sin(2 * t) - x[1], 0.5 * sin(t) + w - x[2]]
          exponents.append(-50 * offset.reduce(0) { $0 + $1 * $1 })
        }
      }
      let top = exponents.max()!
      return top + log(exponents.reduce(0) { $0 + exp($1 - top) } / 300_000)
        - 1.5 * log(2 * Double.pi * 0.01)
    }
    for point in [
      [1.0, 0, 0], [1, 0, 0.25], [0, 0, 0.5], [0, 0, 0], [0.7, 1, 0.8], [0.7, -0.9, -1.5],
      [3, 2, 1],
    ] {
      let value = density.logProbability(of: point)[0]
      #expect(abs(value - plain(point)) < 1e-3 * max(1, abs(value)), "at \(point): \(value)")
    }
    for far in [[0, 0, 60.0], [1e6, 0, 0], [0, 0, -1e7]] {
      let value = density.logProbability(of: far)[0]
      let distance = far.reduce(0) { max($0, abs($1)) }
      #expect(value.isFinite && abs(value / (-50 * distance * distance) - 1) < 0.05)
    }
  }

  @Test("the density of the ribbon integrates to one")
  func ribbonIntegratesToOne() {
    let density = ExactDensity(
      PointGenerator(set: .lissajousRibbon, scale: 1, noise: 0.2, seed: 1))
    let step = 0.1
    var rows: [Double] = []
    for i in -20...20 {
      for j in -20...20 { for k in -18...18 { rows += [i, j, k].map { step * Double($0) } } }
    }
    let mass = density.logProbability(of: rows).reduce(0) { $0 + exp($1) } * step * step * step
    #expect(abs(mass - 1) < 1e-3)
  }

  // MARK: - The sphere

  /// Gauss–Legendre would do with fewer; the midpoint rule in z and φ is plain.
  static func sphere(_ count: Int, _ body: (SIMD3<Double>, Double) -> Void) {
    for i in 0..<count {
      let z = -1 + 2 * (Double(i) + 0.5) / Double(count)
      let radius = (1 - z * z).squareRoot()
      for j in 0..<2 * count {
        let angle = Double.pi * (Double(j) + 0.5) / Double(count)
        body(
          SIMD3(radius * cos(angle), radius * sin(angle), z),
          4 * .pi / Double(2 * count * count))
      }
    }
  }

  @Test(
    "the projected normal has the mass, the entropy and the extremes of the reference",
    arguments: [
      (SIMD3(0.0, 0, 0), -2.531024), (SIMD3(-1.0, -1, 0), -1.836919),
      (SIMD3(2, 1, -0.5), -1.130057),
    ])
  func projectedNormal(mean: SIMD3<Double>, expected: Double) {
    let density = ProjectedNormal(mean: mean)
    var (mass, entropy) = (0.0, 0.0)
    Self.sphere(200) { point, area in
      let value = density.logProbability(of: point)
      mass += exp(value) * area
      entropy += exp(value) * value * area
    }
    #expect(abs(mass - 1) < 1e-4 && abs(entropy - expected) < 1e-4)
    let root = 0.5.squareRoot()
    let cef = ProjectedNormal(mean: SIMD3(-1, -1, 0))
    #expect(abs(exp(cef.logProbability(of: SIMD3(-root, -root, 0))) - 0.472946) < 1e-6)
    #expect(abs(exp(cef.logProbability(of: SIMD3(root, root, 0))) - 0.00451921) < 1e-8)
  }

  @Test("the projected normal is smooth where its formula changes, and finite for any mean")
  func projectedNormalTails() {
    func value(_ t: Double) -> Double {
      ProjectedNormal(mean: SIMD3(t, 0, 0)).logProbability(of: SIMD3(1, 0, 0)) + 0.5 * t * t
    }
    for joint in [0.0, -20] {
      let slope = value(joint - 2e-6) - value(joint - 1e-6)
      let step = value(joint + 1e-6) - value(joint - 1e-6)
      #expect(abs(step + 2 * slope) < 1e-6, "at \(joint)")
    }
    for t in [1e3, -1e3, 40, -40] {
      #expect(
        ProjectedNormal(mean: SIMD3(t, 0, 0)).logProbability(of: SIMD3(1, 0, 0)).isFinite)
    }
  }

  @Test(
    "the blobs' density integrates to one over a sphere of any radius, and their mean is as drawn")
  func blobs() {
    let generator = PointGenerator(set: .sphericalBlobs, scale: 2, noise: 0.25, seed: 6)
    let density = ExactDensity(generator)
    #expect(density.measure == .area)
    var (mass, mean, entropy) = (0.0, SIMD3<Double>(), 0.0)
    Self.sphere(150) { point, area in
      let value = density.logProbability(of: 2 * point)
      mass += exp(value) * 4 * area
      mean += exp(value) * 4 * area * 2 * point
      entropy += exp(value) * value * 4 * area
    }
    #expect(abs(mass - 1) < 1e-3)
    var drawn = SIMD3<Double>()
    for index in 0..<4000 {
      let row = generator.row(index, of: .test)
      #expect(abs((row[0] * row[0] + row[1] * row[1] + row[2] * row[2]).squareRoot() - 2) < 1e-12)
      drawn += SIMD3(row[0], row[1], row[2]) / 4000
    }
    for axis in 0..<3 { #expect(abs(drawn[axis] - mean[axis]) < 5 * 1.2 / 4000.0.squareRoot()) }
    let ceiling = EntropyCeiling(of: generator, count: 4000)
    #expect(abs(ceiling.mean - entropy) < 3 * ceiling.standardError + 1e-3)
  }

  @Test("tracks say scale, noise and the helix's turns; track a is the default")
  func tracks() {
    let helix = PointGenerator(set: .helix, track: .b, seed: 0)
    #expect(helix.scale == 1 && helix.noise == 0.05)
    #expect(helix.thetaRange == 0...(8 * .pi))
    let star = PointGenerator(set: .star, track: .b, seed: 0)
    #expect(star.scale == 1 && star.noise == 0.02)
    for set in PointSet.allCases {
      let (own, a) = (
        PointGenerator(set: set, seed: 2), PointGenerator(set: set, track: .a, seed: 2)
      )
      #expect(own.row(7, of: .train) == a.row(7, of: .train))
    }
  }

  @Test("the first points of the first sets are what they have always been")
  func pointsOfOldRuns() {
    let known: [(PointSet, [Double])] = [
      (.helix, [5.943175415071542, 0.9570544100106061, -0.32197641984346337]),
      (.interlockedCircles, [0.24257163767107012, -0.00876151902814679, 1.5762276717783401]),
    ]
    for (set, expected) in known {
      // Recomputed from the definition of the generator in another language.
      let row = PointGenerator(set: set, seed: 1).row(0, of: .train)
      for axis in 0..<3 { #expect(abs(row[axis] - expected[axis]) < 1e-12) }
    }
  }
}
