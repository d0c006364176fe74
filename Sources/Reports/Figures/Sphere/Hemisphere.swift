import Foundation

/// One half of the sphere as a disc on which areas are true.
struct Hemisphere {
  private let projection: LambertAzimuthal
  private let radius = 176.0
  private let middle: Canvas.Point = (230, 212)
  /// Pixels of the picture across the disc.
  private static let pixels = 300

  /// - Parameter longitude: of the centre, which lies on the equator.
  init(longitude: Double) {
    projection = LambertAzimuthal(centre: GeographicPoint(latitude: 0, longitude: longitude))
  }

  /// Pixels to a unit of the map.
  private var scale: Double { radius / LambertAzimuthal.hemisphereRadius }

  private func place(_ point: GeographicPoint) -> Canvas.Point? {
    projection.project(point).map { (middle.x + scale * $0.x, middle.y + scale * $0.y) }
  }

  func figure(_ density: SphereDensity) -> Figure {
    var canvas = Canvas(width: 460, height: 424)
    let range = density.shownRange
    canvas.addImage(
      pixels(of: density, range), columns: Self.pixels,
      origin: (middle.x - radius, middle.y - radius), size: (2 * radius, 2 * radius),
      range: range)
    canvas.addLines(Graticule.paths(place), .overlay, width: 0.7, opacity: 0.28)
    let rim = (0...360).map { degree -> Canvas.Point in
      let angle = Double(degree) * .pi / 180
      return (middle.x + radius * cos(angle), middle.y + radius * sin(angle))
    }
    // Wide enough to cover the steps of the pixels at the edge.
    canvas.addLines([rim], .axis, width: 2.5)
    canvas.addMarks(marks(density.points))
    addLabels(to: &canvas)
    let name = GeographicPoint.text(longitude: projection.centre.longitude)
    return canvas.figure(
      "Hemisphere around \(name)",
      "The half of the sphere around longitude \(name) as a disc with true areas, coloured by the "
        + "log-density of the model"
        + (density.points.isEmpty ? "." : ", with training points on top."))
  }

  /// Log-density at each pixel, [rows, columns]; none outside of the disc.
  private func pixels(of density: SphereDensity, _ range: ClosedRange<Double>) -> [Double] {
    let values = density.logDensities.map {
      $0.isNaN ? range.lowerBound : min(max($0, range.lowerBound), range.upperBound)
    }
    let edge = LambertAzimuthal.hemisphereRadius
    let step = 2 * edge / Double(Self.pixels)
    return (0..<Self.pixels * Self.pixels).map { pixel in
      let x = -edge + (Double(pixel % Self.pixels) + 0.5) * step
      let y = -edge + (Double(pixel / Self.pixels) + 0.5) * step
      // The rim covers what is a little outside.
      guard x * x + y * y <= edge * edge * 1.004 else { return .nan }
      return density.grid.interpolated(values, at: projection.point(x: x, y: y))
    }
  }

  private func marks(_ points: [Double]) -> [Canvas.Mark] {
    Thinning.rows(points, columns: 3, limit: 2 * PointSet.limit).compactMap { row in
      place(GeographicPoint(direction: row)).map {
        Canvas.Mark(x: $0.x, y: $0.y, radius: 0.75, colour: Ink.overlay.argb(opacity: 0.55))
      }
    }
  }

  private func addLabels(to canvas: inout Canvas) {
    for latitude in Graticule.parallels {
      let angle = latitude * .pi / 180
      // On the rim a point of latitude φ lies at the angle φ.
      for side in [-1.0, 1.0] where latitude != 0 {
        canvas.addLabel(
          GeographicPoint.text(latitude: latitude),
          at: (
            middle.x + side * (radius + 6) * cos(angle), middle.y + (radius + 6) * sin(angle)
          ), side < 0 ? .right : .left)
      }
    }
    let centre = projection.centre.longitude
    for offset in stride(from: -60.0, through: 60, by: 60) {
      let point = GeographicPoint(latitude: 0, longitude: centre + offset)
      guard let place = place(point) else { continue }
      canvas.addLabel(
        GeographicPoint.text(longitude: point.longitude), at: (place.x, place.y - 9), .center,
        .overlay)
    }
    canvas.addLabel(
      GeographicPoint.text(longitude: centre - 90), at: (middle.x - radius - 6, middle.y), .right)
    canvas.addLabel(
      GeographicPoint.text(longitude: centre + 90), at: (middle.x + radius + 6, middle.y), .left)
    canvas.addLabel("90°N", at: (middle.x, middle.y + radius + 12))
    canvas.addLabel("90°S", at: (middle.x, middle.y - radius - 12))
  }
}
