import Datasets
import Foundation
import Tensors
import Testing

@Suite("Weights and draws of the multi-scale kernel density")
struct SphericalKernelTests {
  private static let training = (0..<60).flatMap { row -> [Double] in
    var random = SampleRandom(seed: 3, purpose: .test, sample: UInt64(row))
    let x = [1 + 0.2 * random.normal(), 0.2 * random.normal(), 0.6 * random.normal()]
    let length = x.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return x.map { $0 / length }
  }

  /// ∫ f over S² by the midpoint rule.
  private func integral(_ f: ([Double]) -> [Double]) -> Double {
    let (angles, longitudes) = (150, 300)
    var (points, areas): ([Double], [Double]) = ([], [])
    for i in 0..<angles {
      let theta = (Double(i) + 0.5) * .pi / Double(angles)
      for j in 0..<longitudes {
        let phi = (Double(j) + 0.5) * 2 * .pi / Double(longitudes)
        points += [sin(theta) * cos(phi), sin(theta) * sin(phi), cos(theta)]
        areas.append(sin(theta) * .pi / Double(angles) * 2 * .pi / Double(longitudes))
      }
    }
    return zip(f(points), areas).reduce(0) { $0 + $1.0 * $1.1 }
  }

  @Test(
    "Draws follow the density: each coordinate's mean and mean square, for three sets of weights")
  func draws() {
    let equal = SphericalKernelDensity(
      training: Self.training, memberWeights: nil, floorDegrees: 4)
    let count = equal.memberNames.count
    for weights in [
      Array(repeating: 1.0, count: count),
      (0..<count).map { $0 % 2 == 0 ? 1 : 0 },
      (0..<count).map { $0 == count - 1 ? 1 : 0 },
    ] {
      let density = SphericalKernelDensity(
        training: Self.training, memberWeights: weights, floorDegrees: 4)
      #expect(abs(density.memberWeights.reduce(0, +) - 1) < 1e-12)
      let n = 20_000
      let samples = (0..<n).map { row -> [Double] in
        var random = SampleRandom(seed: 9, purpose: .sampling, sample: UInt64(row))
        return density.sample(using: &random)
      }
      for column in 0..<3 {
        for power in [1.0, 2.0] {
          let values = samples.map { pow($0[column], power) }
          let mean = values.reduce(0, +) / Double(n)
          let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(n)
          let truth = integral { points in
            density.logProbability(of: points).enumerated().map {
              exp($1) * pow(points[3 * $0 + column], power)
            }
          }
          #expect(
            abs(mean - truth) < 5 * (variance / Double(n)).squareRoot() + 1e-3,
            "\(column) \(power): \(mean) \(truth)")
        }
      }
    }
  }

  @Test("Weights by EM make the points likelier than any single member does")
  func weights() {
    let density = SphericalKernelDensity(
      training: Self.training, memberWeights: nil, floorDegrees: 4)
    // Every third point is far from all kernels.
    let points = (0..<90).flatMap { row -> [Double] in
      row % 3 == 0 ? [-1, 0, 0] : Array(Self.training[3 * (row % 60)..<3 * (row % 60) + 3])
    }
    let densities = density.memberDensities(of: points)
    let weights = SphericalKernelDensity.weights(densities)
    #expect(abs(weights.reduce(0, +) - 1) < 1e-12 && weights.allSatisfy { $0 > 0 })
    func likelihood(_ weights: [Double]) -> Double {
      densities.reduce(0) { sum, row in sum + log(zip(weights, row).reduce(0) { $0 + $1.0 * $1.1 })
      }
    }
    let best = likelihood(weights)
    for member in weights.indices {
      #expect(best > likelihood(weights.indices.map { $0 == member ? 1 : 1e-12 }))
    }
  }
}
