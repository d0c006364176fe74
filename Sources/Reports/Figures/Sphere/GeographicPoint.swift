import Foundation

/// A place on the sphere in degrees.
package struct GeographicPoint: Equatable, Sendable {
  /// North of the equator, −90...90.
  package var latitude: Double
  /// East of the first meridian, −180..<180.
  package var longitude: Double

  /// A place; the longitude may be any number of turns away.
  package init(latitude: Double, longitude: Double) {
    self.latitude = latitude
    let turned = (longitude + 180).truncatingRemainder(dividingBy: 360)
    self.longitude = (turned < 0 ? turned + 360 : turned) - 180
  }

  /// The place below or above a point of space that is not the centre.
  /// - Parameter x: (cos φ cos λ, cos φ sin λ, sin φ) times any length.
  package init(direction x: some Collection<Double>) {
    let x = Array(x)
    self.init(
      latitude: atan2(x[2], (x[0] * x[0] + x[1] * x[1]).squareRoot()) * 180 / .pi,
      longitude: atan2(x[1], x[0]) * 180 / .pi)
  }

  /// The unit vector (cos φ cos λ, cos φ sin λ, sin φ).
  package var direction: [Double] {
    let (phi, lambda) = (latitude * .pi / 180, longitude * .pi / 180)
    return [cos(phi) * cos(lambda), cos(phi) * sin(lambda), sin(phi)]
  }

  /// `60°N`.
  package static func text(latitude: Double) -> String {
    latitude == 0 ? "0°" : "\(Tics.text(abs(latitude)))°\(latitude > 0 ? "N" : "S")"
  }

  /// `120°W`; neither side for 0° and 180°.
  package static func text(longitude: Double) -> String {
    let east = GeographicPoint(latitude: 0, longitude: longitude).longitude
    if east == 0 || east == -180 { return "\(Tics.text(abs(east)))°" }
    return "\(Tics.text(abs(east)))°\(east > 0 ? "E" : "W")"
  }
}
