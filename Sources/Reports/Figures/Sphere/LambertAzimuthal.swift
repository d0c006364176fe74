import Foundation

/// The sphere around a point of it, areas kept: Lambert's azimuthal equal-area projection
/// (Snyder, *Map Projections: A Working Manual*, USGS Professional Paper 1395, 1987, eq. 24-2 … 24-16).
package struct LambertAzimuthal {
  /// In the middle of the map.
  package let centre: GeographicPoint

  /// A map around a point.
  package init(centre: GeographicPoint) { self.centre = centre }

  /// Radius at which a hemisphere ends.
  package static let hemisphereRadius = 2.0.squareRoot()

  /// Place on the map; nil beyond the hemisphere.
  package func project(_ point: GeographicPoint) -> (x: Double, y: Double)? {
    let (phi, phi0) = (point.latitude * .pi / 180, centre.latitude * .pi / 180)
    let lambda = (point.longitude - centre.longitude) * .pi / 180
    // Cosine of the angle between the point and the centre.
    let cosine = sin(phi0) * sin(phi) + cos(phi0) * cos(phi) * cos(lambda)
    guard cosine > -1e-9 else { return nil }
    let k = (2 / (1 + cosine)).squareRoot()
    return (
      x: k * cos(phi) * sin(lambda),
      y: k * (cos(phi0) * sin(phi) - sin(phi0) * cos(phi) * cos(lambda))
    )
  }

  /// The point that a place of the map shows.
  /// - Precondition: within a radius of 2, where the whole sphere ends.
  package func point(x: Double, y: Double) -> GeographicPoint {
    let radius = (x * x + y * y).squareRoot()
    guard radius > 0 else { return centre }
    let c = 2 * asin(min(radius / 2, 1))
    let phi0 = centre.latitude * .pi / 180
    let sine = cos(c) * sin(phi0) + y * sin(c) * cos(phi0) / radius
    let lambda = atan2(
      x * sin(c), radius * cos(phi0) * cos(c) - y * sin(phi0) * sin(c))
    return GeographicPoint(
      latitude: asin(min(max(sine, -1), 1)) * 180 / .pi,
      longitude: centre.longitude + lambda * 180 / .pi)
  }
}
