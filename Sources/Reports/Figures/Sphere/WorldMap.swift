/// The whole sphere on a rectangle, a degree being as long everywhere (equirectangular).
package struct WorldMap {
  /// Size of the map in pixels, twice as wide as high.
  let width: Double
  /// Lower left corner.
  let origin: Canvas.Point

  /// - Parameters:
  ///   - width: of the map in pixels.
  ///   - origin: its lower left corner.
  package init(width: Double, origin: (x: Double, y: Double)) {
    self.width = width
    self.origin = origin
  }

  var height: Double { width / 2 }

  /// Place of a point on the canvas.
  package func place(_ point: GeographicPoint) -> (x: Double, y: Double) {
    (
      origin.x + (point.longitude + 180) / 360 * width,
      origin.y + (point.latitude + 90) / 180 * height
    )
  }

  /// Meridians, parallels and the frame.
  func addGraticule(to canvas: inout Canvas, _ ink: Ink, opacity: Double) {
    canvas.addLines(Graticule.paths(place), ink, width: 0.7, opacity: opacity)
    let (left, right, low, high) = (origin.x, origin.x + width, origin.y, origin.y + height)
    canvas.addLines(
      [[(left, low), (right, low), (right, high), (left, high), (left, low)]], .axis)
  }

  /// Degrees on the left and below.
  /// - Parameter every: degrees from label to label below.
  func addLabels(to canvas: inout Canvas, every: Int, size: Int) {
    for latitude in Graticule.parallels {
      let y = place(GeographicPoint(latitude: latitude, longitude: 0)).y
      canvas.addLabel(
        GeographicPoint.text(latitude: latitude), at: (origin.x - 6, y), .right, size: size)
    }
    for longitude in stride(from: -180, through: 180, by: every) {
      let x = origin.x + Double(longitude + 180) / 360 * width
      canvas.addLabel(
        GeographicPoint.text(longitude: Double(longitude)), at: (x, origin.y - 13),
        size: size)
    }
  }

  // MARK: - Pictures

  /// Points on an empty map.
  static func figure(_ set: PointSet) -> Figure {
    var canvas = Canvas(width: 560, height: 293)
    let map = WorldMap(width: 496, origin: (48, 30))
    canvas.addArea(
      [
        map.origin, (map.origin.x + map.width, map.origin.y),
        (map.origin.x + map.width, map.origin.y + map.height),
        (map.origin.x, map.origin.y + map.height),
      ], .map)
    map.addGraticule(to: &canvas, .axis, opacity: 0.45)
    map.addLabels(to: &canvas, every: 60, size: 12)
    canvas.addMarks(
      zip(set.rows, set.colours).map { row, colour in
        let place = map.place(GeographicPoint(direction: row))
        return Canvas.Mark(
          x: place.x, y: place.y, radius: 1.35, colour: Ink.argb(colour, opacity: 0.75))
      })
    return canvas.figure(
      set.title,
      "\(set.title): \(set.legend) on a map of the whole sphere, with meridians and parallels.")
  }

  /// A density on the whole sphere, with a bar of its colours.
  static func figure(_ density: SphereDensity) -> Figure {
    var canvas = Canvas(width: 640, height: 392)
    let map = WorldMap(width: 562, origin: (54, 102))
    let range = density.shownRange
    canvas.addImage(
      density.logDensities.map { $0.isNaN ? range.lowerBound : $0 },
      columns: density.grid.longitudes, origin: map.origin, size: (map.width, map.height),
      range: range)
    map.addGraticule(to: &canvas, .overlay, opacity: 0.28)
    map.addLabels(to: &canvas, every: 60, size: 11)
    ColourBar(range: range, measure: density.measure).add(
      to: &canvas, origin: (map.origin.x + map.width / 2 - 200, 52), size: (400, 12))
    return canvas.figure(
      "Log-density on the whole sphere",
      "A map of the whole sphere, longitude to the right and latitude up, coloured by the "
        + "log-density of the model from \(Tics.text(range.lowerBound)) to "
        + "\(Tics.text(range.upperBound)) nats.", isWide: true)
  }
}
