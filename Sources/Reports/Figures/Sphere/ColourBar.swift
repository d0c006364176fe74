import Foundation

/// The colours of a density with their values.
struct ColourBar {
  let range: ClosedRange<Double>
  let measure: SphereDensity.Measure

  /// The bar with numbers below it and its name below them; the uniform density has a mark above.
  func add(to canvas: inout Canvas, origin: Canvas.Point, size: Canvas.Point) {
    let extent = range.upperBound - range.lowerBound
    func x(_ value: Double) -> Double {
      origin.x + (value - range.lowerBound) / extent * size.x
    }
    let colours = 128
    let row = (0..<colours).map {
      range.lowerBound + (Double($0) + 0.5) / Double(colours) * extent
    }
    canvas.addImage(
      row + row, columns: colours, origin: origin, size: size, range: range)
    let step = Tics.step(extent, count: 6)
    var value = (range.lowerBound / step).rounded(.up) * step
    var tics: [[Canvas.Point]] = []
    while value <= range.upperBound {
      tics.append([(x(value), origin.y), (x(value), origin.y - 5)])
      canvas.addLabel(Tics.text(value), at: (x(value), origin.y - 15), size: 11)
      value += step
    }
    let uniform = -log(4 * Double.pi)
    if measure == .area, range.contains(uniform) {
      tics.append([(x(uniform), origin.y), (x(uniform), origin.y + size.y)])
    }
    let (left, right) = (origin.x, origin.x + size.x)
    let (low, high) = (origin.y, origin.y + size.y)
    canvas.addLines([[(left, low), (right, low), (right, high), (left, high), (left, low)]], .axis)
    canvas.addLines(tics, .axis)
    canvas.addLabel(
      measure == .area
        ? "log-density, nats per unit area" : "log-density at the sphere, nats per unit volume",
      at: (origin.x + size.x / 2, origin.y - 38), .center, .label, size: 11)
  }
}
