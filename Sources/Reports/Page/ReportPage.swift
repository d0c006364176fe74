import Foundation

/// Assembles the HTML text of a report. Every text from outside is escaped here.
struct ReportPage {
  var body: String
  private let title: String
  private var sectionIsOpen = false

  init(title: String, subtitle: String) {
    self.title = Self.escaped(title)
    body = "<header><h1>\(Self.escaped(title))</h1>"
    if !subtitle.isEmpty { body += "<p>\(Self.escaped(subtitle))</p>" }
    body += "</header>\n<main>\n"
  }

  /// `&`, `<`, `>` and both quotation marks as character references.
  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }

  /// Ends the section before and begins one.
  mutating func beginSection(_ heading: String, _ explanation: String) {
    endSection()
    body += "<section><h2>\(Self.escaped(heading))</h2>\n"
    if !explanation.isEmpty { body += "<p class=\"about\">\(Self.escaped(explanation))</p>\n" }
    sectionIsOpen = true
  }

  /// A paragraph of the open section.
  mutating func addParagraph(_ text: String) { body += "<p>\(Self.escaped(text))</p>\n" }

  /// How pictures stand beside each other where there is room; else each stands below the one before.
  enum Arrangement: String {
    /// Row after row.
    case rows = "figures"
    /// Pairs, one above the other, each pair a column.
    case pairs = "figures pairs"
  }

  /// Pictures side by side.
  mutating func addFigures(
    _ figures: [(figure: Figure, svg: String)], _ arrangement: Arrangement = .rows
  ) {
    body += "<div class=\"\(arrangement.rawValue)\">\n"
    for (figure, svg) in figures {
      let drawn = SVGText.inline(svg, description: Self.escaped(figure.description))
      body += "<figure\(figure.isWide ? " class=\"wide\"" : "")>\(drawn)"
      body += "<figcaption>\(Self.escaped(figure.title))</figcaption></figure>\n"
    }
    body += "</div>\n"
  }

  /// A list of labels and values.
  mutating func addFacts(_ facts: [ReportInput.Fact]) {
    guard !facts.isEmpty else { return }
    beginSection("How it was run", "")
    body += "<dl>\n"
    for fact in facts {
      body += "<dt>\(Self.escaped(fact.label))</dt><dd>\(Self.escaped(fact.value))</dd>\n"
    }
    body += "</dl>\n"
  }

  /// The configuration as it stands, folded.
  mutating func addConfiguration(_ text: String) {
    guard !text.isEmpty else { return }
    beginSection(
      "Configuration",
      "Fully resolved: with it and the same data the run can be repeated bit by bit.")
    body += "<details><summary>Show the file</summary><pre>\(Self.escaped(text))</pre></details>\n"
  }

  /// The whole page.
  mutating func finished() -> String {
    endSection()
    return """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(title)</title>
      <style>\(Self.style)</style></head><body>
      \(body)</main>
      <footer>Made by Portolan. This page needs no other file.</footer>
      </body></html>

      """
  }

  private mutating func endSection() {
    if sectionIsOpen { body += "</section>\n" }
    sectionIsOpen = false
  }
}
