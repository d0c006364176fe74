import Foundation
import Tensors

/// The sliced 2-Wasserstein distance between two samples of equal size (Rabin, Peyré, Delon & Bernot,
/// 2012): the root of the mean, over directions, of the squared distance of the sorted projections.
///
/// The directions are the same in every call: a function of the dimension and their number alone.
package struct SlicedWasserstein: Sendable {
  private let dimension: Int
  /// Unit vectors, [directions, D].
  private let directions: [Double]

  package init(dimension: Int, directions count: Int) {
    precondition(dimension > 0 && count > 0, "\(count) directions of \(dimension) coordinates")
    self.dimension = dimension
    directions = (0..<count).flatMap { number -> [Double] in
      var random = SampleRandom(seed: 0, purpose: .probe, sample: UInt64(number))
      let normal = (0..<dimension).map { _ in random.normal() }
      let length = normal.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return normal.map { $0 / length }
    }
  }

  /// The distance, in the units of the data; of the first rows where one sample is larger.
  ///
  /// - Parameters:
  ///   - first: points, [n, D].
  ///   - second: points, [m, D].
  /// - Complexity: O(directions · n log n).
  package func distance(_ first: [Double], _ second: [Double]) -> Double {
    let count = min(first.count, second.count) / dimension
    guard count > 0 else { return 0 }
    var total = 0.0
    for start in stride(from: 0, to: directions.count, by: dimension) {
      func projections(_ rows: [Double]) -> [Double] {
        (0..<count).map { row in
          var sum = 0.0
          for axis in 0..<dimension {
            sum += rows[row * dimension + axis] * directions[start + axis]
          }
          return sum
        }.sorted()
      }
      total += zip(projections(first), projections(second)).reduce(0) {
        $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
      }
    }
    return (total / Double(count * (directions.count / dimension))).squareRoot()
  }
}
