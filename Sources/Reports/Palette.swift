/// Colours that tell charts apart.
enum Palette {
  /// Colour of a chart as 0xRRGGBB.
  ///
  /// Hues advance by the golden angle, so that charts with near numbers look unlike; three alternating
  /// lightnesses tell hues apart that come close after many steps.
  static func colour(of chart: Int) -> Int {
    let hue = (0.58 + 0.618_033_988_749_895 * Double(chart)).truncatingRemainder(dividingBy: 1)
    let saturation = [0.62, 0.78, 0.55][chart % 3]
    let value = [0.80, 0.62, 0.92][chart % 3]
    let sector = hue * 6
    func channel(_ shift: Double) -> Int {
      let k = (shift + sector).truncatingRemainder(dividingBy: 6)
      let level = value - value * saturation * max(0, min(k, min(4 - k, 1)))
      return Int((255 * level).rounded())
    }
    return channel(5) << 16 | channel(3) << 8 | channel(1)
  }
}
