/// Meridians and parallels every 30 degrees.
enum Graticule {
  static let step = 30
  static let parallels = Array(stride(from: -60, through: 60, by: step)).map(Double.init)
  static let meridians = Array(stride(from: -180, to: 180, by: step)).map(Double.init)

  /// The parts of all lines that a projection shows.
  /// - Parameter project: place of a point, nil where it is not shown.
  static func paths(_ project: (GeographicPoint) -> Canvas.Point?) -> [[Canvas.Point]] {
    var paths: [[Canvas.Point]] = []
    func add(_ points: [GeographicPoint]) {
      var path: [Canvas.Point] = []
      for point in points {
        if let place = project(point) {
          path.append(place)
        } else {
          paths.append(path)
          path = []
        }
      }
      paths.append(path)
    }
    for longitude in meridians {
      add(
        stride(from: -90, through: 90, by: 2).map {
          GeographicPoint(latitude: Double($0), longitude: longitude)
        })
    }
    for latitude in parallels {
      // The last point is a hair west of the date line, or the line would run back across the map.
      add(
        (stride(from: -180, through: 178, by: 2).map(Double.init) + [179.999_999]).map {
          GeographicPoint(latitude: latitude, longitude: $0)
        })
    }
    return paths.filter { $0.count > 1 }
  }
}
