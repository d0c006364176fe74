import Foundation

/// Natural logarithm, so that only this file of the module names the mathematics library.
func logarithm(_ x: Double) -> Double { log(x) }
/// Exponential function.
func exponential(_ x: Double) -> Double { exp(x) }

/// Assembles the HTML text of a report. Every text from outside is escaped here.
struct ReportPage {
  private var body: String
  private let title: String
  private var sectionIsOpen = false
  private var figureCount = 0

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

  /// Pictures side by side.
  mutating func addFigures(_ figures: [(title: String, svg: String)]) {
    body += "<div class=\"figures\">\n"
    for figure in figures {
      figureCount += 1
      let svg = SVGText.inline(figure.svg, title: Self.escaped(figure.title), number: figureCount)
      body += "<figure>\(svg)<figcaption>\(Self.escaped(figure.title))</figcaption></figure>\n"
    }
    body += "</div>\n"
  }

  /// Tiles with the main numbers, then the table of the model, the controls and the ceiling.
  mutating func addResults(_ results: [ReportInput.Result], ceiling: ReportInput.Result?) {
    guard let model = results.first else { return }
    beginSection(
      "Result",
      "Mean log-likelihood of test points in nats per point; higher is better. No model can "
        + "pass the entropy ceiling, and the gap to it is the Kullback–Leibler divergence.")
    var tiles = [(Self.number(model.mean, model.standardError), "nats per test point")]
    if let ceiling {
      tiles.append((Self.number(ceiling.mean, ceiling.standardError), "entropy ceiling"))
      tiles.append((String(format: "%.3f", ceiling.mean - model.mean), "gap to the ceiling"))
    }
    body += "<div class=\"tiles\">"
    for (value, label) in tiles {
      body += "<div><b>\(Self.escaped(value))</b><span>\(label)</span></div>"
    }
    body += "</div>\n<div class=\"scroll\"><table><thead><tr><th>model</th><th>mean</th>"
    body += "<th>± standard error</th><th>points</th>"
    body += ceiling == nil ? "" : "<th>gap</th>"
    body += "<th>note</th></tr></thead><tbody>\n"
    for (index, row) in (results + (ceiling.map { [$0] } ?? [])).enumerated() {
      let kind =
        index == 0 ? " class=\"model\"" : index == results.count ? " class=\"ceiling\"" : ""
      body += "<tr\(kind)><td>\(Self.escaped(row.name))</td>"
      body += "<td>\(String(format: "%.3f", row.mean))</td>"
      body += "<td>\(row.standardError.map { String(format: "%.3f", $0) } ?? "")</td>"
      body += "<td>\(row.count.map { "\($0)" } ?? "")</td>"
      if let ceiling { body += "<td>\(String(format: "%.3f", ceiling.mean - row.mean))</td>" }
      body += "<td>\(Self.escaped(row.note))</td></tr>\n"
    }
    body += "</tbody></table></div>\n"
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

  private static func number(_ mean: Double, _ error: Double?) -> String {
    String(format: "%.3f", mean) + (error.map { String(format: " ± %.3f", $0) } ?? "")
  }
}
