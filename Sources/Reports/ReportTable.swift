/// A table of a report with a heading.
package struct ReportTable: Sendable {
  package let heading: String
  package let explanation: String
  package let columns: [String]
  /// Each as long as `columns`.
  package let rows: [[String]]

  package init(
    heading: String, explanation: String, columns: [String], rows: [[String]]
  ) {
    (self.heading, self.explanation) = (heading, explanation)
    (self.columns, self.rows) = (columns, rows)
  }

  /// A cell of Markdown without its marks: ★ in place of bold.
  package static func plain(_ text: String) -> String {
    if text.hasPrefix("**") { return "★ " + text.replacing("**", with: "") }
    return text.replacing("*", with: "")
  }
}
