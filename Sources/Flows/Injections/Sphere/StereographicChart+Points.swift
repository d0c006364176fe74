import Foundation

extension StereographicChart {
  /// Two tangent directions and the centre, orthonormal.
  package var axes: [(Double, Double, Double)] {
    (0..<3).map { (frame[3 * $0], frame[3 * $0 + 1], frame[3 * $0 + 2]) }
  }

  /// Where one point lies in the chart, and the volume element there, as `project` and `embed` give it.
  ///
  /// - Parameter point: of the sphere, [3].
  package func chartPoint(
    of point: (Double, Double, Double)
  ) -> (u: (Double, Double), logVolumeElement: Double) {
    func along(_ row: Int) -> Double {
      frame[3 * row] * point.0 + frame[3 * row + 1] * point.1 + frame[3 * row + 2] * point.2
    }
    let (x, y, height) = (along(0), along(1), along(2))
    let squares = x * x + y * y
    let radius = (squares + height * height).squareRoot()
    // Below the equator |x| + x₃ would cancel; the pole itself goes far away.
    let denominator =
      height > 0 ? radius + height : max(squares, 1e-300) / (radius - height)
    let t = (2 * x / denominator, 2 * y / denominator)
    let s = (t.0 * t.0 + t.1 * t.1) / 4
    return ((t.0 / scale, t.1 / scale), 2 * (log(scale) - log(1 + s)))
  }
}
