import Datasets
import Foundation
import Tensors
import Testing

@Suite("Samples of the mixtures")
struct MixtureSampleTests {
  private static let count = 20_000

  private static let gaussians: GaussianMixture = {
    let rows = (0..<1200).flatMap { row -> [Double] in
      var random = SampleRandom(seed: 9, purpose: .test, sample: UInt64(row))
      let (a, b) = (random.normal(), random.normal())
      return row % 3 == 0 ? [3 + 0.4 * a, b - 0.7 * a] : [-1 + a, 0.5 * b + 0.8 * a]
    }
    return GaussianMixture.fit(to: rows, dimension: 2, componentCount: 2, seed: 1)
  }()

  private static let directions = VonMisesFisherMixture.fit(
    to: SphericalControlTests.clusters(1500, seed: 4), componentCount: 2, seed: 0,
    smallestWidth: 1e-4)

  private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  private func error(_ values: [Double]) -> Double {
    let mean = mean(values)
    let variance = self.mean(values.map { ($0 - mean) * ($0 - mean) })
    return (variance / Double(values.count)).squareRoot()
  }

  @Test("A draw of one Gaussian has the density that its normal numbers say")
  func oneGaussian() {
    let rows = MixtureSampleTests.gaussians.samples(count: 60, seed: 2)
    let one = GaussianMixture.fit(to: rows, dimension: 2, componentCount: 1, seed: 0)
    let l = one.choleskyFactors
    for row in 0..<50 as Range<UInt64> {
      var random = SampleRandom(seed: 5, purpose: .sampling, sample: row)
      var twin = random
      let x = one.sample(using: &random)
      _ = twin.uniform()
      let z = [twin.normal(), twin.normal()]
      let expected = -0.5 * (z[0] * z[0] + z[1] * z[1]) - log(2 * .pi) - log(l[0] * l[3])
      #expect(abs(one.logProbability(of: x)[0] - expected) < 1e-9)
    }
  }

  @Test("Draws of a Gaussian mixture have its moments and its mean log-density")
  func gaussianMoments() {
    let mixture = Self.gaussians
    let x = mixture.samples(count: Self.count, seed: 3)
    func column(_ j: Int) -> [Double] { stride(from: j, to: x.count, by: 2).map { x[$0] } }
    for i in 0..<2 {
      let expected = mixture.weights.indices.reduce(0.0) {
        $0 + mixture.weights[$1] * mixture.means[2 * $1 + i]
      }
      #expect(abs(mean(column(i)) - expected) < 4.5 * error(column(i)))
      for j in 0...i {
        let products = zip(column(i), column(j)).map { $0 * $1 }
        let second = mixture.weights.indices.reduce(0.0) { sum, k in
          let l = Array(mixture.choleskyFactors[4 * k..<4 * k + 4])
          let covariance = l[2 * i] * l[2 * j] + l[2 * i + 1] * l[2 * j + 1]
          return sum + mixture.weights[k]
            * (covariance + mixture.means[2 * k + i] * mixture.means[2 * k + j])
        }
        #expect(abs(mean(products) - second) < 4.5 * error(products), "\(i) \(j)")
      }
    }
    // E log p by the midpoint rule.
    let (extent, cells) = (12.0, 600)
    let width = 2 * extent / Double(cells)
    let axis = (0..<cells).map { (Double($0) + 0.5) * width - extent }
    var grid: [Double] = []
    for x in axis { for y in axis { grid += [x, y] } }
    let densities = mixture.logProbability(of: grid)
    let mass = densities.reduce(0) { $0 + exp($1) } * width * width
    let expected = densities.reduce(0) { $0 + exp($1) * $1 } * width * width
    #expect(abs(mass - 1) < 1e-4)
    let drawn = mixture.logProbability(of: x)
    #expect(abs(mean(drawn) - expected) < 4.5 * error(drawn))
    // The check can fail: draws that are a little too wide do not pass.
    let wide = mixture.logProbability(of: x.map { 1.1 * $0 })
    #expect(abs(mean(wide) - expected) > 4.5 * error(wide))
  }

  @Test(
    "Draws of a von Mises-Fisher mixture are unit vectors with its moments and mean log-density")
  func sphereMoments() {
    let mixture = Self.directions
    let x = mixture.samples(count: Self.count, seed: 3)
    for start in stride(from: 0, to: x.count, by: 3) {
      let square = (0..<3).reduce(0.0) { $0 + x[start + $1] * x[start + $1] }
      #expect(abs(square - 1) < 1e-14)
    }
    for axis in 0..<3 {
      let column = stride(from: axis, to: x.count, by: 3).map { x[$0] }
      let expected = mixture.weights.indices.reduce(0.0) { sum, k in
        let kappa = mixture.concentrations[k]
        let length = kappa < 1e-6 ? 0 : kappa > 300 ? 1 - 1 / kappa : 1 / tanh(kappa) - 1 / kappa
        return sum + mixture.weights[k] * length * mixture.means[k][axis]
      }
      #expect(abs(mean(column) - expected) < 4.5 * error(column), "axis \(axis)")
    }
    var rows: [Double] = []
    PointSetTests.sphere(400) { point, _ in rows += [point.x, point.y, point.z] }
    let densities = mixture.logProbability(of: rows)
    let area = 4 * Double.pi / Double(densities.count)
    let expected = densities.reduce(0) { $0 + exp($1) * $1 } * area
    let drawn = mixture.logProbability(of: x)
    #expect(abs(mean(drawn) - expected) < 4.5 * error(drawn) + 1e-3)
    // Draws of a mixture with other widths do not pass.
    let other = VonMisesFisherMixture.fit(
      to: SphericalControlTests.clusters(1500, seed: 4), componentCount: 1, seed: 0,
      smallestWidth: 1e-4)
    let wrong = mixture.logProbability(of: other.samples(count: Self.count, seed: 3))
    #expect(abs(mean(wrong) - expected) > 4.5 * error(wrong) + 1e-3)
  }

  @Test("Narrow and wide von Mises-Fisher draws lie as far from the mean as the density says")
  func widths() {
    for degrees in [0.001, 1, 60] {
      // All points in one place: the smallest width decides.
      let width = degrees * Double.pi / 180
      let place = [0.6, 0, -0.8]
      let mixture = VonMisesFisherMixture(
        rows: place, groups: [0], smallestWidth: width)
      let x = mixture.samples(count: 4000, seed: 1)
      let kappa = mixture.concentrations[0]
      let halfChords = stride(from: 0, to: x.count, by: 3).map { start in
        (0..<3).reduce(0.0) { $0 + pow(x[start + $1] - place[$1], 2) } / 2
      }
      // E c = 1/κ − 2/(e^2κ − 1)
      let expected = 1 / kappa - 2 / expm1(2 * kappa)
      #expect(
        abs(mean(halfChords) / expected - 1) < 4.5 * error(halfChords) / expected, "\(degrees)")
    }
  }

  @Test("A draw depends on seed and number alone")
  func keys() {
    let few = Self.gaussians.samples(count: 10, seed: 7)
    #expect(Array(Self.gaussians.samples(count: 30, seed: 7).prefix(20)) == few)
    #expect(Self.gaussians.samples(count: 10, seed: 8) != few)
    let places = Self.directions.samples(count: 10, seed: 7)
    #expect(Array(Self.directions.samples(count: 30, seed: 7).prefix(30)) == places)
    #expect(Self.directions.samples(count: 10, seed: 8) != places)
  }
}
