import Foundation

/// Makes gnuplot's SVG fit to stand inside a page with others.
enum SVGText {
  /// Gives the picture a title, names its marks apart from those of other pictures, and drops
  /// gnuplot's own titles (browsers show them as tool tips) and blank lines.
  /// - Parameter title: escaped already.
  static func inline(_ svg: String, title: String, number: Int) -> String {
    var text = svg.replacingOccurrences(
      of: "<title>[^<]*</title>", with: "", options: .regularExpression)
    text = text.replacingOccurrences(
      of: "<desc>[^<]*</desc>", with: "", options: .regularExpression)
    for name in ["gpDot", "gpPt", "textbox", "greybox", "gnuplot_"] {
      for (before, after) in [("id='", ""), ("id=\"", ""), ("href='#", ""), ("url(#", "")] {
        text = text.replacingOccurrences(
          of: before + name + after, with: "\(before)figure\(number)-\(name)\(after)")
      }
    }
    text = text.split(separator: "\n", omittingEmptySubsequences: true)
      .filter { $0.contains { !$0.isWhitespace } }.joined(separator: "\n")
    guard let end = text.firstIndex(of: ">") else { return text }
    text.insert(contentsOf: "<title>\(title)</title>", at: text.index(after: end))
    text.insert(contentsOf: " role=\"img\"", at: text.index(text.startIndex, offsetBy: 4))
    return text
  }
}
