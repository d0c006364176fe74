import Datasets
import Foundation
import Tensors
import Testing

@Suite("Controls on the sphere")
struct SphericalControlTests {
  /// Points around two places, 0.1 and 0.02 wide, three to one.
  static func clusters(_ count: Int, seed: UInt64) -> [Double] {
    (0..<count).flatMap { row -> [Double] in
      var random = SampleRandom(seed: seed, purpose: .test, sample: UInt64(row))
      let (centre, width) = row % 4 < 3 ? (SIMD3(1.0, 0, 0), 0.1) : (SIMD3(0, 0.6, -0.8), 0.02)
      let noise = SIMD3(random.normal(), random.normal(), random.normal())
      let point = centre + width * noise
      let unit = point / (point * point).sum().squareRoot()
      return [unit.x, unit.y, unit.z]
    }
  }

  /// ∫ p over the sphere by nested midpoint rules, finer around given places.
  static func mass(_ count: Int, _ density: ([Double]) -> [Double]) -> Double {
    var rows: [Double] = []
    PointSetTests.sphere(count) { point, _ in rows += [point.x, point.y, point.z] }
    return density(rows).reduce(0) { $0 + exp($1) } * 4 * .pi / Double(2 * count * count)
  }

  static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  @Test("EM finds two clusters, their weights and widths")
  func clustersAreFound() {
    let rows = Self.clusters(2000, seed: 1)
    let mixture = VonMisesFisherMixture.fit(
      to: rows, componentCount: 2, seed: 0, smallestWidth: 1e-4, maximumIterations: 200,
      tolerance: 1e-9)
    let wide = mixture.concentrations[0] < mixture.concentrations[1] ? 0 : 1
    #expect(mixture.componentCount == 3 && mixture.concentrations[2] == 0)
    #expect(abs(mixture.weights[wide] - 0.75) < 0.005)
    #expect(abs(mixture.means[wide].x - 1) < 1e-3)
    // Projected normals are nearly von Mises–Fisher where they are narrow.
    #expect(abs(1 / mixture.concentrations[wide].squareRoot() / 0.1 - 1) < 0.05)
    #expect(abs(1 / mixture.concentrations[1 - wide].squareRoot() / 0.02 - 1) < 0.08)
    let again = VonMisesFisherMixture.fit(
      to: rows, componentCount: 2, seed: 0, smallestWidth: 1e-4, maximumIterations: 200,
      tolerance: 1e-9)
    #expect(mixture == again)
    #expect(abs(Self.mass(300) { mixture.logProbability(of: $0) } - 1) < 1e-3)
  }

  @Test("concentrations solve coth κ − 1/κ = R from the uniform to the narrowest")
  func concentrations() {
    for kappa in [0.01, 0.5, 3, 20, 49, 60, 1e4, 1e7] {
      // Two points at equal angles from the pole have R = cos of the angle.
      let resultant = kappa < 300 ? 1 / tanh(kappa) - 1 / kappa : 1 - 1 / kappa
      let side = (1 - resultant * resultant).squareRoot()
      let mixture = VonMisesFisherMixture(
        rows: [side, 0, resultant, -side, 0, resultant], groups: [0, 0], smallestWidth: 1e-6)
      #expect(abs(mixture.concentrations[0] / kappa - 1) < 1e-4, "\(kappa)")
    }
  }

  @Test("widths have a floor, and opposite points a mean")
  func degenerate() {
    let same = [0.0, 0, 1, 0, 0, 1, 0, 0, 1]
    let narrow = VonMisesFisherMixture(rows: same, groups: [0, 0, 0], smallestWidth: 0.01)
    #expect(abs(narrow.concentrations[0] - 1e4) < 1e-6)
    #expect(narrow.logProbability(of: same)[0].isFinite)
    let opposite = VonMisesFisherMixture(
      rows: [0, 0, 1, 0, 0, -1], groups: [0, 0], smallestWidth: 0.01)
    #expect(abs(opposite.logProbability(of: [1, 0, 0])[0] + log(4 * .pi)) < 1e-3)
    let fitted = VonMisesFisherMixture.fit(
      to: same, componentCount: 3, seed: 1, smallestWidth: 0.01)
    #expect(fitted.logProbability(of: same).allSatisfy { $0.isFinite })
  }

  @Test("the number of components is chosen by points that were not fitted")
  func numberIsChosen() {
    let rows = Self.clusters(1200, seed: 2)
    let mixture = VonMisesFisherMixture.chosen(
      training: rows, validation: Self.clusters(400, seed: 3), largestCount: 400, seed: 1,
      smallestWidth: 1e-4)
    #expect(mixture.componentCount < 100)
    let test = Self.clusters(1000, seed: 4)
    let large = VonMisesFisherMixture.fit(
      to: rows, componentCount: 400, seed: 1, smallestWidth: 1e-4)
    #expect(
      Self.mean(mixture.logProbability(of: test)) > Self.mean(large.logProbability(of: test)))
  }

  @Test("the kernel density integrates to one, at its floor too, and members add up")
  func kernelDensity() {
    let rows = Self.clusters(60, seed: 5)
    let density = SphericalKernelDensity(
      training: rows, validation: Self.clusters(40, seed: 6), floorDegrees: 2)
    #expect(abs(density.memberWeights.reduce(0, +) - 1) < 1e-12)
    #expect(density.memberNames.count == density.memberWeights.count)
    #expect(abs(Self.mass(400) { density.logProbability(of: $0) } - 1) < 1e-3)
    let untried = SphericalKernelDensity(training: rows, validation: [], floorDegrees: 2)
    #expect(abs(Self.mass(400) { untried.logProbability(of: $0) } - 1) < 1e-3)
    let single = SphericalKernelDensity(training: [1, 0, 0], validation: [], floorDegrees: 2)
    #expect(abs(Self.mass(400) { single.logProbability(of: $0) } - 1) < 1e-3)
  }

  @Test("members are what they are called, by sums without cuts")
  func members() {
    // Three places, the first of them twice; the distances are 90°.
    let rows = [1.0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]
    let query = [0.6, 0.8, 0.0]
    func kernel(_ chord: Double, _ degrees: Double) -> Double {
      let kappa = 1 / pow(degrees * .pi / 180, 2)
      return kappa / (2 * .pi * (1 - exp(-2 * kappa))) * exp(-kappa * chord)
    }
    let chords = [1 - 0.6, 1 - 0.8, 1.0]
    let density = SphericalKernelDensity(training: rows, validation: [], floorDegrees: 5)
    var total = 0.0
    for (name, weight) in zip(density.memberNames, density.memberWeights) {
      let shares = name.hasSuffix("rows") ? [0.5, 0.25, 0.25] : [1.0 / 3, 1.0 / 3, 1.0 / 3]
      let degrees: Double
      if name == "uniform" {
        total += weight / (4 * .pi)
        continue
      } else if let end = name.firstIndex(of: "°") {
        degrees = Double(name[..<end])!
      } else {
        degrees = 90 * Double(name.prefix { $0 != " " })!
      }
      total += weight * zip(shares, chords).reduce(0) { $0 + $1.0 * kernel($1.1, degrees) }
    }
    // Names have five digits of a width.
    #expect(abs(exp(density.logProbability(of: query)[0]) / total - 1) < 1e-3)
  }

  @Test("a group's Gaussian has its mean, covariance and share, and one group is a fit of one")
  func groupsOfGaussians() {
    let rows: [Double] = [1, 2, 3, 5, -1, 0, 40, 40, 42, 41, 41, 47]
    let mixture = GaussianMixture(rows: rows, dimension: 2, groups: [7, 7, 7, 2, 2, 2])
    #expect(mixture.componentCount == 2 && mixture.weights == [0.5, 0.5])
    #expect(abs(mixture.means[0] - 41) < 1e-12 && abs(mixture.means[2] - 1) < 1e-12)
    let single = GaussianMixture(rows: rows, dimension: 2, groups: [1, 1, 1, 1, 1, 1])
    let fitted = GaussianMixture.fit(to: rows, dimension: 2, componentCount: 1, seed: 0)
    for (a, b) in zip(single.logProbability(of: rows), fitted.logProbability(of: rows)) {
      #expect(abs(a - b) < 1e-9)
    }
  }

  @Test("a kernel density of fixed bandwidth is the plain mean of its kernels")
  func fixedKernelDensity() {
    let centres: [Double] = [0, 0, 1, 0, 0, 3]
    let density = KernelDensity(centres, dimension: 2, bandwidth: 0.5)
    for query in [[0.2, 0.1], [1, 1], [5, -4]] {
      let plain = stride(from: 0, to: 6, by: 2).reduce(0.0) {
        let (a, b) = (centres[$1] - query[0], centres[$1 + 1] - query[1])
        return $0 + exp(-2 * (a * a + b * b)) / (2 * .pi * 0.25) / 3
      }
      #expect(abs(density.logProbability(of: query)[0] - log(plain)) < 1e-9)
    }
    #expect(density.logProbability(of: [1e6, 0])[0].isFinite)
  }
}
