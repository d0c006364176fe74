import Foundation
import Tensors

/// The unit sphere S² ⊂ R³ without one point as the image of the plane: stereographic projection from the
/// pole opposite to the chart's centre, with fixed numbers and no parameters.
///
///     t = scale · u,  s = |t|²/4,  x = (t, 1 − s)/(1 + s) in the frame of the centre
///     λ = scale / (1 + s),   logVolumeElement = 2 log λ
///
/// It is a Möbius map after padding, so it is conformal and exact: the density of a flow on the plane
/// becomes one per unit of area of the sphere. All charts lie on one surface.
package struct StereographicChart: Injection {
  /// A point of the sphere, [3].
  package let centre: [Double]
  /// Length on the sphere of a short unit vector at u = 0.
  package let scale: Double
  /// Rows are two tangent directions and the centre, [3, 3].
  let frame: [Double]

  package var chartDimension: Int { 2 }
  package var dimension: Int { 3 }
  package var hasOneSurface: Bool { true }

  /// - Parameters:
  ///   - centre: any vector but zero, [3]; its direction counts.
  ///   - scale: > 0.
  package init(centre: [Double], scale: Double = 1) {
    let length = centre.reduce(0) { $0 + $1 * $1 }.squareRoot()
    precondition(
      centre.count == 3 && length > 0 && length.isFinite,
      "expected a vector of three numbers, not all zero, got \(centre)")
    precondition(scale > 0 && scale.isFinite, "expected a scale above zero, got \(scale)")
    let c = centre.map { $0 / length }
    self.centre = c
    self.scale = scale
    // The axis that is farthest from the centre gives the first tangent.
    let axis = (0..<3).min { abs(c[$0]) < abs(c[$1]) } ?? 0
    var first = c.map { -c[axis] * $0 }
    first[axis] += 1
    let size = first.reduce(0) { $0 + $1 * $1 }.squareRoot()
    first = first.map { $0 / size }
    let second = [
      c[1] * first[2] - c[2] * first[1], c[2] * first[0] - c[0] * first[2],
      c[0] * first[1] - c[1] * first[0],
    ]
    frame = first + second + c
  }

  package func embed<Scalar>(_ u: Value, context: Value?, on tape: Tape<Scalar>) -> Embedded {
    let lifted = StereographicPlane.lift(tape.scale(u, by: scale), on: tape)
    let logScale = log(scale)
    return Embedded(
      tape.matmul(lifted.local, frame(on: tape)),
      logVolumeElement: tape.scale(tape.add(lifted.logFactor, constant: logScale), by: 2))
  }

  package func project<Scalar>(_ x: Value, context: Value?, on tape: Tape<Scalar>) -> Value {
    let local = tape.matmul(x, frame(on: tape), transposeB: true)
    return tape.scale(StereographicPlane.flatten(local, on: tape), by: 1 / scale)
  }

  private func frame<Scalar>(on tape: Tape<Scalar>) -> Value {
    tape.constant(3, 3, frame.map { Scalar($0) })
  }
}
