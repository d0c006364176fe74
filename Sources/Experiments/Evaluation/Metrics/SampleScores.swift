import Datasets
import Foundation

/// How good samples of a model are, where the true density is known. Each number stands beside that of
/// an oracle: as many points drawn from the true density itself.
package struct SampleScores: Codable, Sendable, Equatable {
  /// The model's number and the oracle's.
  package struct Pair<Number: Codable & Sendable & Equatable>: Codable, Sendable, Equatable {
    package var model: Number
    package var oracle: Number
  }

  /// Number of samples.
  package var count: Int
  /// Bandwidth of the kernel densities, in the units of the data.
  package var bandwidth: Double
  /// Mean of log p* over the samples: precision, by the exact density.
  package var exactLogDensity: Pair<Likelihood>
  /// Mean over the samples of a kernel density of the training points: precision, as papers measure it.
  package var kernelLogDensity: Pair<Likelihood>
  /// Mean over the test points of a kernel density of the samples: what the samples leave out.
  package var coverage: Pair<Likelihood>
  /// Sliced 2-Wasserstein distance from the test points, in the units of the data.
  package var slicedWasserstein: Pair<Double>
  /// Part of the samples farther from the set than four deviations of the noise (on the sphere: than a
  /// hundredth of the radius).
  package var shareOffManifold: Pair<Double>

  /// - Parameters:
  ///   - samples: points of the model, [n, D].
  ///   - training: training points, [.., D]; the first 10,000 count.
  ///   - test: test points, [.., D]; as many as samples count.
  ///   - bandwidth: of the kernel densities; nil for the noise of the generator.
  ///   - directions: of the sliced distance.
  /// - Complexity: O(n (training + test)).
  package init(
    samples: [Double], training: [Double], test: [Double], generator: PointGenerator,
    bandwidth: Double?, directions: Int
  ) {
    let d = PointGenerator.columnNames.count
    count = samples.count / d
    let width = bandwidth ?? generator.noise
    self.bandwidth = width
    let oracle = generator.oracle(count: samples.count / d)
    let exact = ExactDensity(generator)
    let data = KernelDensity(
      Array(training.prefix(10_000 * d)), dimension: d, bandwidth: width)
    let shown = Array(test.prefix(samples.count))
    let sliced = SlicedWasserstein(dimension: d, directions: directions)
    func pair<Number>(_ number: ([Double]) -> Number) -> Pair<Number> {
      Pair(model: number(samples), oracle: number(oracle))
    }
    exactLogDensity = pair { Likelihood(of: exact.logProbability(of: $0)) }
    kernelLogDensity = pair { Likelihood(of: data.logProbability(of: $0)) }
    coverage = pair { points in
      Likelihood(
        of: KernelDensity(points, dimension: d, bandwidth: width).logProbability(of: shown))
    }
    slicedWasserstein = pair { sliced.distance($0, shown) }
    shareOffManifold = pair(exact.shareOff)
  }

  /// Lines of a table for people.
  var lines: [String] {
    func line(_ name: String, _ pair: Pair<Likelihood>) -> String {
      numbers(name, pair.model.mean, pair.oracle.mean)
    }
    func numbers(_ name: String, _ model: Double, _ oracle: Double) -> String {
      name.padding(toLength: max(46, name.count), withPad: " ", startingAt: 0)
        + String(format: "%9.4f   %9.4f", model, oracle)
    }
    let kernel = String(format: "%g", bandwidth)
    return [
      "samples of the atlas, \(count) points, beside as many of the true density (oracle)",
      line("mean log of the true density at samples", exactLogDensity),
      line("kernel density of training points, width \(kernel)", kernelLogDensity),
      line("kernel density of samples at test points", coverage),
      numbers(
        "sliced Wasserstein distance from test points", slicedWasserstein.model,
        slicedWasserstein.oracle),
      numbers("part of samples off the set", shareOffManifold.model, shareOffManifold.oracle),
    ]
  }
}
