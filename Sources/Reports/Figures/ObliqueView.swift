import Foundation

/// Space seen from a direction, without perspective.
package struct ObliqueView {
  /// Direction of the eye around the third axis, from the first axis, in degrees.
  package var azimuth = -58.0
  /// Direction of the eye above the plane of the first two axes, in degrees.
  package var elevation = 26.0

  /// The direction of the report's views.
  package init() {}

  /// Place on the picture, x to the right, y up, and nearness to the eye.
  ///
  /// With n the direction of the eye, the picture's axes are n's horizontal normal and what is normal
  /// to both: x = −p₁ sin a + p₂ cos a, y = −(p₁ cos a + p₂ sin a) sin e + p₃ cos e, and the nearness
  /// is p · n. The three are a rotation of p, so lengths across the line of sight are kept.
  package func project(_ p: [Double]) -> (x: Double, y: Double, nearness: Double) {
    let (a, e) = (azimuth * .pi / 180, elevation * .pi / 180)
    let along = p[0] * cos(a) + p[1] * sin(a)
    return (
      x: -p[0] * sin(a) + p[1] * cos(a),
      y: -along * sin(e) + p[2] * cos(e),
      nearness: along * cos(e) + p[2] * sin(e)
    )
  }
}
