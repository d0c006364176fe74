import Foundation
import Reports
import Testing

@Suite("Maps of the sphere")
struct SphereTests {
  static func place(_ latitude: Double, _ longitude: Double) -> GeographicPoint {
    GeographicPoint(latitude: latitude, longitude: longitude)
  }

  static func isNear(_ a: (x: Double, y: Double)?, _ x: Double, _ y: Double) -> Bool {
    a.map { abs($0.x - x) < 1e-9 && abs($0.y - y) < 1e-9 } ?? false
  }

  @Test("directions of space are places on the globe, of any length")
  func directions() {
    #expect(GeographicPoint(direction: [1, 0, 0]) == Self.place(0, 0))
    #expect(GeographicPoint(direction: [0, 0, 2]).latitude == 90)
    #expect(GeographicPoint(direction: [0, 0, -1]).latitude == -90)
    #expect(GeographicPoint(direction: [0, 3, 0]) == Self.place(0, 90))
    #expect(GeographicPoint(direction: [0, -1, 0]) == Self.place(0, -90))
    // The date line has one name.
    #expect(GeographicPoint(direction: [-1, 0, 0]) == Self.place(0, -180))
    #expect(Self.place(0, 180) == Self.place(0, -180))
    #expect(Self.place(0, 540 + 10) == Self.place(0, -170))
    for (latitude, longitude) in [(47.0, 8.0), (-33.9, 151.2), (89.5, -179.5)] {
      let back = GeographicPoint(direction: Self.place(latitude, longitude).direction)
      #expect(abs(back.latitude - latitude) < 1e-9 && abs(back.longitude - longitude) < 1e-9)
    }
    #expect(
      [0, 60, -120, 180, -180].map { GeographicPoint.text(longitude: $0) }
        == ["0°", "60°E", "120°W", "180°", "180°"])
    #expect([0, 30, -60].map { GeographicPoint.text(latitude: $0) } == ["0°", "30°N", "60°S"])
  }

  @Test("the rectangular map puts known places where they belong")
  func rectangle() {
    let map = WorldMap(width: 360, origin: (10, 20))
    #expect(Self.isNear(map.place(Self.place(0, 0)), 190, 110))
    #expect(Self.isNear(map.place(Self.place(90, 0)), 190, 200))
    #expect(Self.isNear(map.place(Self.place(-90, 0)), 190, 20))
    // The date line is the left edge; just west of it lies the right edge.
    #expect(Self.isNear(map.place(Self.place(0, 180)), 10, 110))
    #expect(map.place(Self.place(0, 179.999)).x > 369.99)
  }

  @Test("a hemisphere has its centre, poles and edge where the formulas put them")
  func hemisphere() {
    let root = 2.0.squareRoot()
    for centre in [0.0, 180, -75] {
      let map = LambertAzimuthal(centre: Self.place(0, centre))
      #expect(Self.isNear(map.project(Self.place(0, centre)), 0, 0))
      #expect(Self.isNear(map.project(Self.place(90, 12)), 0, root))
      #expect(Self.isNear(map.project(Self.place(-90, 12)), 0, -root))
      #expect(Self.isNear(map.project(Self.place(0, centre + 90)), root, 0))
      #expect(Self.isNear(map.project(Self.place(0, centre - 90)), -root, 0))
      // A point of the edge at latitude φ lies at the angle φ.
      #expect(
        Self.isNear(
          map.project(Self.place(30, centre + 90)), root * 3.0.squareRoot() / 2, root / 2))
      // The distance of a point at the angle c is 2 sin(c/2).
      #expect(Self.isNear(map.project(Self.place(0, centre + 60)), 1, 0))
      #expect(map.project(Self.place(0, centre + 91)) == nil)
      #expect(map.project(Self.place(40, centre + 180)) == nil)
      let place = map.point(x: 0.4, y: -0.9)
      #expect(Self.isNear(map.project(place), 0.4, -0.9))
    }
    #expect(LambertAzimuthal.hemisphereRadius == root)
  }

  @Test("a hemisphere keeps areas", arguments: [(0.0, 0.0), (50, 30), (-70, -60), (10, 85)])
  func areas(latitude: Double, longitude: Double) throws {
    let map = LambertAzimuthal(centre: Self.place(0, 0))
    let h = 1e-4
    func at(_ dLatitude: Double, _ dLongitude: Double) throws -> (x: Double, y: Double) {
      try #require(map.project(Self.place(latitude + dLatitude, longitude + dLongitude)))
    }
    let (north, south, east, west) = (try at(h, 0), try at(-h, 0), try at(0, h), try at(0, -h))
    let unit = 2 * h * .pi / 180
    let determinant =
      ((east.x - west.x) * (north.y - south.y) - (east.y - west.y) * (north.x - south.x))
      / (unit * unit)
    #expect(abs(determinant - cos(latitude * .pi / 180)) < 1e-6)
  }

  @Test("grid cells cover the sphere and know their centres")
  func grid() throws {
    let grid = SphereGrid(stepDegrees: 2)
    #expect(grid.count == 90 * 180)
    #expect(grid.centre(0) == Self.place(-89, -179))
    #expect(grid.centre(grid.count - 1) == Self.place(89, 179))
    let total = (0..<grid.count).reduce(0) { $0 + grid.area($1) }
    #expect(abs(total - 4 * .pi) < 1e-9)
    let rows = try grid.values(rows: [0, 8000, 777])
    for (place, cell) in [0, 8000, 777].enumerated() {
      let row = rows[3 * place..<3 * place + 3]
      let length = row.reduce(0) { $0 + $1 * $1 }
      #expect(abs(length - 1) < 1e-12)
      #expect(abs(GeographicPoint(direction: row).latitude - grid.centre(cell).latitude) < 1e-9)
    }
  }

  @Test("values between cells go on across the date line and the poles")
  func interpolation() {
    let grid = SphereGrid(stepDegrees: 1)
    let values = (0..<grid.count).map { cell in
      let x = grid.centre(cell).direction
      return x[0] - 2 * x[1] + 0.5 * x[2]
    }
    for (latitude, longitude) in [
      (0.0, 0.0), (12.34, 56.78), (-45.5, 180), (3, -179.9), (3, 179.9), (88.9, 20), (90, 0),
    ] {
      let x = Self.place(latitude, longitude).direction
      let expected = x[0] - 2 * x[1] + 0.5 * x[2]
      let found = grid.interpolated(values, at: Self.place(latitude, longitude))
      // Second differences are below (1°)²; near a pole the last row stands for half a degree.
      #expect(abs(found - expected) < (latitude > 89 ? 0.02 : 4e-4), "\(latitude), \(longitude)")
    }
  }

  @Test("the integral of a known density is one; colours span what holds the mass")
  func integral() {
    let grid = SphereGrid(stepDegrees: 1)
    let uniform = SphereDensity(
      grid: grid, logDensities: .init(repeating: -log(4 * Double.pi), count: grid.count),
      measure: .area)
    #expect(abs(uniform.integral - 1) < 1e-9)
    // Von Mises–Fisher: κ / (4π sinh κ) exp(κ x · μ), here around a point of the date line.
    let kappa = 50.0
    let mean = Self.place(20, 180).direction
    let fisher = SphereDensity(
      grid: grid,
      logDensities: (0..<grid.count).map { cell in
        let cosine = zip(grid.centre(cell).direction, mean).reduce(0) { $0 + $1.0 * $1.1 }
        return log(kappa / (2 * .pi * (1 - exp(-2 * kappa)))) + kappa * (cosine - 1)
      }, measure: .area)
    #expect(abs(fisher.integral - 1) < 1e-3)
    let range = fisher.shownRange
    let peak = log(kappa / (2 * Double.pi))
    #expect(abs(range.upperBound - peak) < 0.02)
    // The mass below a level e^-h of the peak is e^-h: one part in 200 at h = log 200.
    #expect(abs(range.lowerBound - (peak - log(200.0))) < 0.05)
  }
}
