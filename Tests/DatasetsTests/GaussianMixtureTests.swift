import Datasets
import Foundation
import Tensors
import Testing

@Suite("Gaussian mixture control")
struct GaussianMixtureTests {
  @Test("32 components reach −2.22 nats on the interlocked circles, and never the ceiling")
  func reproducesTheReference() throws {
    let generator = PointGenerator(set: .interlockedCircles, seed: 1)
    let train = try GeneratedRows(generator, split: .train, count: 10_000)
      .values(rows: Array(0..<10_000))
    let test = try GeneratedRows(generator, split: .test, count: 5_000)
      .values(rows: Array(0..<5_000))
    let clock = ContinuousClock()
    var mixture: GaussianMixture?
    let time = clock.measure {
      mixture = GaussianMixture.fit(
        to: train, dimension: 3, componentCount: 32, seed: 0, tolerance: 0)
    }
    let score = try #require(mixture).logLikelihood(of: test)
    #expect(abs(score.mean + 2.22) < 0.1, "\(score)")
    // Paired with the exact density: the gap is a Kullback–Leibler divergence.
    let exact = CurveDensity(generator).logProbability(of: test)
    let own = try #require(mixture).logProbability(of: test)
    #expect(zip(exact, own).reduce(0) { $0 + $1.0 - $1.1 } / 5000 > 0)
    #expect(time < .seconds(60), "half a second on a machine without other work")
  }

  @Test("one component is the sample mean and covariance")
  func oneComponentIsTheMoments() {
    let rows: [Double] = [1, 2, 3, 5, -1, 0, 4, 4, 2, 2]
    let mixture = GaussianMixture.fit(
      to: rows, dimension: 2, componentCount: 1, seed: 0, regularisation: 1e-12)
    let n = 5.0
    let mean = [0, 1].map { axis in (0..<5).reduce(0.0) { $0 + rows[2 * $1 + axis] } / n }
    func covariance(_ a: Int, _ b: Int) -> Double {
      (0..<5).reduce(0.0) { $0 + (rows[2 * $1 + a] - mean[a]) * (rows[2 * $1 + b] - mean[b]) } / n
    }
    let determinant = covariance(0, 0) * covariance(1, 1) - covariance(0, 1) * covariance(0, 1)
    for axis in 0..<2 { #expect(abs(mixture.means[axis] - mean[axis]) < 1e-12) }
    let atMean = mixture.logProbability(of: mean)[0]
    #expect(abs(atMean - (-log(2 * Double.pi) - 0.5 * log(determinant))) < 1e-9)
  }

  @Test("well separated blobs are found, with their weights")
  func separatedBlobs() {
    var rows: [Double] = []
    for index in 0..<900 {
      var random = SampleRandom(seed: 1, purpose: .test, sample: UInt64(index))
      let centre = index % 3 == 0 ? -50.0 : 50
      rows += [centre + random.normal(), 3 * random.normal()]
    }
    let mixture = GaussianMixture.fit(to: rows, dimension: 2, componentCount: 2, seed: 3)
    let left = mixture.means[0] < 0 ? 0 : 1
    #expect(abs(mixture.weights[left] - 1.0 / 3) < 1e-9)
    #expect(abs(mixture.means[2 * left] + 50) < 0.3)
    #expect(mixture == GaussianMixture.fit(to: rows, dimension: 2, componentCount: 2, seed: 3))
  }

  @Test("rows that repeat or lie in a plane still give a finite density")
  func degenerateRows() {
    var flat: [Double] = []
    for row in 0..<60 { flat += [Double(row % 5), 0, 1e6] }
    let mixture = GaussianMixture.fit(to: flat, dimension: 3, componentCount: 8, seed: 0)
    #expect(mixture.logProbability(of: flat).allSatisfy { $0.isFinite })
    #expect(abs(mixture.weights.reduce(0, +) - 1) < 1e-9)
  }
}
