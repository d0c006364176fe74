/// Colours of a picture by what they are used for, one for a light page and one for a dark one.
///
/// gnuplot draws with the light ones; the page then refers to them by name, so that a browser takes
/// those that suit it.
enum Ink: String, CaseIterable {
  /// Borders and tics.
  case axis
  /// Lines of a grid.
  case grid
  /// Numbers on axes.
  case number
  /// Names of axes, legends.
  case label
  /// Points of the data.
  case data
  /// Points drawn from the model.
  case sample
  /// Loss on the training rows.
  case training
  /// Loss on the validation rows.
  case validation
  /// The best step.
  case best
  /// Ground of a map without a density.
  case map
  /// Lines and text on top of a density.
  case overlay

  /// Colour on a light page as 0xRRGGBB; no two are equal.
  var light: Int {
    switch self {
    case .axis: 0x9AA5B1
    case .grid: 0xE4E7EB
    case .number: 0x52606D
    case .label: 0x33415C
    case .data: 0x2F6690
    case .sample: 0xC8384C
    case .training: 0x7FA3C0
    case .validation: 0xD9600B
    case .best: 0x1F8A63
    case .map: 0xF0F5F9
    case .overlay: 0xFEFEFD
    }
  }

  /// Colour on a dark page as 0xRRGGBB.
  var dark: Int {
    switch self {
    case .axis: 0x5B6877
    case .grid: 0x2C3744
    case .number: 0xA9B6C5
    case .label: 0xD3DDE8
    case .data: 0x74B4E2
    case .sample: 0xFF7F8C
    case .training: 0x6F9CC4
    case .validation: 0xFF9C5B
    case .best: 0x5FD3A7
    case .map: 0x1B2632
    case .overlay: 0xFEFEFD
    }
  }

  /// The light colour as gnuplot reads it.
  /// - Parameter opacity: 1 hides what is below, 0 is invisible.
  func gnuplot(opacity: Double = 1) -> String { "'" + Self.hex(argb(opacity: opacity)) + "'" }

  /// The light colour as 0xAARRGGBB, where AA is what shines through, as gnuplot has it.
  func argb(opacity: Double) -> Int { Self.argb(light, opacity: opacity) }

  /// A colour 0xRRGGBB with an opacity as 0xAARRGGBB.
  static func argb(_ colour: Int, opacity: Double) -> Int {
    Int(((1 - opacity) * 255).rounded()) << 24 | colour
  }

  /// `#RRGGBB`, or `#AARRGGBB` where something shines through.
  static func hex(_ colour: Int) -> String {
    let digits = String(colour, radix: 16)
    let width = colour > 0xFFFFFF ? 8 : 6
    return "#" + String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
