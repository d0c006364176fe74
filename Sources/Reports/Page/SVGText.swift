import Foundation

/// Makes gnuplot's SVG fit to stand inside a page with others.
enum SVGText {
  /// Drops titles (browsers show them as tool tips), definitions, names and empty groups, draws each
  /// point as a circle of its own, gives colours their names, and says what can be seen.
  /// - Parameter description: escaped already.
  static func inline(_ svg: String, description: String) -> String {
    var text = svg
    func replace(_ pattern: String, _ template: String) {
      text = text.replacingOccurrences(of: pattern, with: template, options: .regularExpression)
    }
    replace("<title>[^<]*</title>|<desc>[^<]*</desc>", "")
    replace("(?s)<defs>.*?</defs>", "")
    replace(" id=(\"[^\"]*\"|'[^']*')", "")
    // gnuplot's point type 7, the only one in use, is a disc of radius 1 to be moved and scaled.
    replace(
      "<use xlink:href='#gpPt6' transform='translate\\(([-0-9.]+),([-0-9.]+)\\) "
        + "scale\\(([0-9.]+)\\)' color='([^']*)'( opacity='[0-9.]+')?/>",
      "<circle cx='$1' cy='$2' r='$3' fill='$4'$5/>")
    replace("xlink:href=", "href=")
    // A group inside of which nothing is left may be all that another one holds.
    for _ in 0..<3 { replace("<g(?: [^>]*)?>\\s*</g>", "") }
    replace("(?m)^\\s+|\\s+$", "")
    text = named(text)
    text.insert(
      contentsOf: " role=\"img\" aria-label=\"\(description)\"",
      at: text.index(text.startIndex, offsetBy: 4))
    return text
  }

  /// Colours of ``Ink`` as references that the page resolves.
  private static func named(_ svg: String) -> String {
    var text = svg
    for ink in Ink.allCases {
      let channels = [ink.light >> 16, ink.light >> 8 & 0xFF, ink.light & 0xFF]
      let wide = channels.map { String(format: "%3d", $0) }.joined(separator: ", ")
      let narrow = channels.map(String.init).joined(separator: ",")
      for colour in [wide, narrow] {
        text = text.replacingOccurrences(of: "rgb(\(colour))", with: "var(--\(ink.rawValue))")
      }
    }
    return text
  }
}
