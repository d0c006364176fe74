import Foundation

/// Colours that tell charts apart, and colours of a density, both by their lightness to the eye.
package enum Palette {
  /// Colour of a chart as 0xRRGGBB.
  ///
  /// Hues advance by the golden angle, so that charts with near numbers look unlike; three alternating
  /// lightnesses tell hues apart that come close after many steps. None is so light that it is lost
  /// on a white page, nor so dark that it is lost on a black one.
  package static func colour(of chart: Int) -> Int {
    let hue = (0.69 + 0.618_033_988_749_895 * Double(chart)).truncatingRemainder(dividingBy: 1)
    return colour(lightness: [0.62, 0.72, 0.54][chart % 3], chroma: 0.15, hue: hue)
  }

  /// Colours from low to high density, evenly spaced, as 0xRRGGBB: lightness only rises, so that
  /// the order is seen without colours too.
  package static let density: [Int] = (0...10).map { index in
    let t = Double(index) / 10
    return colour(
      lightness: 0.23 + 0.72 * t, chroma: 0.055 + 0.3 * t * (1 - t) + 0.05 * t,
      hue: 0.73 - 0.43 * t)
  }

  /// A colour of the OKLab space in polar form as 0xRRGGBB, its chroma lowered until sRGB holds it
  /// (Ottosson, *A perceptual color space for image processing*, 2020).
  /// - Parameter hue: in turns.
  static func colour(lightness: Double, chroma: Double, hue: Double) -> Int {
    var chroma = chroma
    while true {
      let a = chroma * cos(2 * .pi * hue)
      let b = chroma * sin(2 * .pi * hue)
      func cube(_ x: Double) -> Double { x * x * x }
      let l = cube(lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b)
      let m = cube(lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b)
      let s = cube(lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b)
      let linear = [
        4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
        -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
        -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701_0 * s,
      ]
      if chroma < 0.001 || linear.allSatisfy({ $0 >= -0.0005 && $0 <= 1.0005 }) {
        return linear.reduce(0) { $0 << 8 | channel(min(max($1, 0), 1)) }
      }
      chroma *= 0.97
    }
  }

  /// A channel of sRGB, 0...255, of its share of light.
  private static func channel(_ light: Double) -> Int {
    let encoded = light <= 0.003_130_8 ? 12.92 * light : 1.055 * pow(light, 1 / 2.4) - 0.055
    return Int((255 * encoded).rounded())
  }
}
