import Datasets
import Flows
import Foundation
import Tensors

/// The multi-scale kernel density of training points as a chart of an atlas of the sphere.
///
/// It is seen on the plane that touches the sphere at the third axis (stereographic projection u ↦ x):
///
///     log q(u) = log p(x(u)) − 2 log(1 + s),   s = |u|²/4
///
/// with p per unit of area. Nothing of it is trained by gradients, and none flow through it.
struct KernelChart: Distribution {
  let density: SphericalKernelDensity
  var dimension: Int { 2 }

  /// - Complexity: O(n) kernels a row.
  func logProbability<Scalar>(of x: Value, on tape: Tape<Scalar>) -> Value {
    let rows = tape.shape(of: x).rows
    let density = density
    return tape.host(inputs: [x], outputs: [Shape(rows, 1)]) { memory in
      guard let u = memory.inputs.0, let result = memory.outputs.0 else { return }
      var points: [Double] = []
      var areas: [Double] = []
      for row in 0..<rows {
        let (a, b) = (Double(u[2 * row]), Double(u[2 * row + 1]))
        let s = (a * a + b * b) / 4
        // A row that is no number belongs to no place; its density says so.
        points += s.isFinite ? [a / (1 + s), b / (1 + s), (1 - s) / (1 + s)] : [0, 0, -1]
        areas.append(s.isFinite ? 2 * log1p(s) : .nan)
      }
      for (row, value) in density.logProbability(of: points).enumerated() {
        result[row] = Scalar(value - areas[row])
      }
    }[0]
  }

  func sample(using random: inout SampleRandom) -> [Double] {
    let x = density.sample(using: &random)
    // The opposite pole itself has no point on the plane.
    let scale = 2 / max(1 + x[2], 0x1p-53)
    return [scale * x[0], scale * x[1]]
  }
}

/// The share of an atlas and the weights of the kernels' scales, fitted together.
enum KernelShare {
  /// The mixture of an atlas and the members of a kernel density that makes points likeliest, by EM.
  ///
  /// - Parameters:
  ///   - logDensities: of the atlas at the points, [n].
  ///   - points: unit vectors on which no kernel sits, [n, 3], at least one.
  /// - Returns: the kernels with their members' weights, and their share of the whole, below one.
  static func fit(
    _ kernels: SphericalKernelDensity, logDensities: [Double], points: [Double]
  ) -> (kernels: SphericalKernelDensity, share: Double) {
    let densities = zip(logDensities, kernels.memberDensities(of: points)).map { [exp($0)] + $1 }
    let weights = SphericalKernelDensity.weights(densities)
    let members = Array(weights.dropFirst())
    return (
      SphericalKernelDensity(
        training: kernels.training, memberWeights: members, floorDegrees: kernels.floorDegrees),
      1 - weights[0]
    )
  }
}
