extension ReportPage {
  /// A table of texts; the first column names the row.
  mutating func addTable(columns: [String], rows: [[String]]) {
    func head(_ name: String) -> String { "<th scope=\"col\">\(Self.escaped(name))</th>" }
    body += "<div class=\"scroll\"><table><thead><tr>\(columns.map(head).joined())</tr></thead>"
    body += "<tbody>\n"
    for row in rows {
      body += "<tr><th scope=\"row\">\(Self.escaped(row.first ?? ""))</th>"
      body += row.dropFirst().map { "<td>\(Self.escaped($0))</td>" }.joined() + "</tr>\n"
    }
    body += "</tbody></table></div>\n"
  }

  /// The colour of each model.
  mutating func addLegend(of models: [ReportModel], hasActual: Bool = false) {
    func entry(_ colour: String, _ style: String, _ name: String) -> String {
      "<span><i style=\"border-top:4px \(style) \(colour)\"></i>\(Self.escaped(name))</span>"
    }
    body += "<p class=\"legend\">"
    if hasActual { body += entry("var(--label)", "solid", "what happened") }
    for (place, model) in models.enumerated() {
      body += entry(
        Ink.hex(Palette.colour(of: place)), model.isControl ? "dashed" : "solid", model.name)
    }
    body += "</p>\n"
  }
}
