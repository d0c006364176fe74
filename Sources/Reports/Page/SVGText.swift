import Foundation

/// Makes gnuplot's SVG fit to stand inside a page with others.
package enum SVGText {
  /// Drops titles (browsers show them as tool tips), definitions, names and empty groups, draws each
  /// point as a circle of its own, gives colours their names, and says what can be seen.
  /// - Parameter description: escaped already.
  package static func inline(_ svg: String, description: String) -> String {
    var text = svg
    func replace(_ pattern: String, _ template: String) {
      text = text.replacingOccurrences(of: pattern, with: template, options: .regularExpression)
    }
    replace("<title>[^<]*</title>|<desc>[^<]*</desc>", "")
    replace("(?s)<defs>.*?</defs>", "")
    replace(" id=(\"[^\"]*\"|'[^']*')", "")
    text = circles(text)
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

  /// Draws gnuplot's point type 7, a disc of radius 1 that is moved and scaled and the only type in use,
  /// as circles. Neighbours stand in one group, which says what they share: circles are most of the
  /// page's bytes.
  private static func circles(_ svg: String) -> String {
    var lines: [String] = []
    var run: [Mark] = []
    func close() {
      guard let first = run.first else { return }
      let isPlain = run.allSatisfy { $0.colour == first.colour }
      let shared = isPlain ? " fill='\(first.colour)'" : ""
      lines.append("<g fill-opacity='\(first.opacity)'\(shared)>")
      for mark in run {
        let own = isPlain ? "" : " fill='\(mark.colour)'"
        lines.append("<circle cx='\(mark.x)' cy='\(mark.y)' r='\(mark.radius)'\(own)/>")
      }
      lines.append("</g>")
      run = []
    }
    // A mark may stand behind the end of a line that was drawn before it.
    let marksApart = svg.replacingOccurrences(of: "\t<use ", with: "\n<use ")
    for line in marksApart.split(separator: "\n") {
      if line.contains("<use xlink:href='#gpPt6' transform"), let mark = Mark(line) {
        if mark.opacity != run.first?.opacity { close() }
        run.append(mark)
      } else {
        close()
        lines.append(String(line))
      }
    }
    close()
    return lines.joined(separator: "\n")
  }

  /// A disc as gnuplot writes it: `… transform='translate(1.00,2.00) scale(3.00)' color='rgb(…)' …/>`.
  private struct Mark {
    let x, y, radius: String
    let colour, opacity: String

    init?(_ line: Substring) {
      let quoted = line.split(separator: "'", omittingEmptySubsequences: false)
      guard quoted.count >= 6, quoted[4].hasSuffix("color=") else { return nil }
      let numbers = quoted[3].split { !"-.0123456789".contains($0) }.compactMap { Double($0) }
      let channels = quoted[5].split { !$0.isNumber }.compactMap { Int($0) }
      guard numbers.count == 3, channels.count == 3 else { return nil }
      // A tenth of a pixel is more than can be seen.
      x = String(format: "%.1f", numbers[0])
      y = String(format: "%.1f", numbers[1])
      radius = String(format: "%.2g", numbers[2])
      let number = channels.reduce(0) { $0 << 8 | $1 }
      let ink = Ink.allCases.first { $0.light == number }
      colour = ink.map { "var(--\($0.rawValue))" } ?? Ink.hex(number)
      opacity = quoted.count > 7 && quoted[6].hasSuffix("opacity=") ? String(quoted[7]) : "1"
    }
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
