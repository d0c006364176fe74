#if canImport(Glibc)
  import Glibc
#endif

/// A place on the globe, taken as a sphere of radius 1.
package struct GeographicPoint: Sendable, Equatable {
  /// Degrees north, −90…90.
  package let latitude: Double
  /// Degrees east, −180 ≤ longitude < 180.
  package let longitude: Double

  /// Takes any longitude and brings it into the range.
  package init(latitude: Double, longitude: Double) {
    self.latitude = latitude
    var east = longitude
    if east < -180 || east >= 180 {
      east = (east + 180).truncatingRemainder(dividingBy: 360)
      east += east < 0 ? 180 : -180
    }
    self.longitude = east
  }

  /// The place in the direction of a vector, which need not have length 1.
  ///
  /// atan2 keeps all digits at the poles and at the date line, where asin and acos lose half of them.
  package init(direction: SIMD3<Double>) {
    let across = (direction.x * direction.x + direction.y * direction.y).squareRoot()
    let degrees = 180 / Double.pi
    self.init(
      latitude: atan2(direction.z, across) * degrees,
      longitude: atan2(direction.y, direction.x) * degrees)
  }

  /// (cos φ cos λ, cos φ sin λ, sin φ).
  package var direction: SIMD3<Double> {
    let (north, east) = (latitude * Double.pi / 180, longitude * Double.pi / 180)
    return SIMD3(cos(north) * cos(east), cos(north) * sin(east), sin(north))
  }
}
