import Foundation

extension ReportPage {
  /// Tiles with the main numbers, then the table of the model, the controls and the ceiling.
  mutating func addResults(_ results: [ReportInput.Result], ceiling: ReportInput.Result?) {
    guard let model = results.first else { return }
    beginSection(
      "Result",
      "Mean log-likelihood of test points in nats per point; higher is better. "
        + "The difference is what a control has more (+) or less (-) than the model."
        + (ceiling == nil
          ? ""
          : " No model can pass the entropy ceiling, and the gap to it is the Kullback–Leibler "
            + "divergence."))
    var tiles = [(Self.number(model.mean, model.standardError), "nats per test point")]
    if let ceiling {
      tiles.append((Self.number(ceiling.mean, ceiling.standardError), "entropy ceiling"))
      tiles.append((Self.decimal(ceiling.mean - model.mean), "gap to the ceiling"))
    }
    if let best = results.dropFirst().max(by: { $0.mean < $1.mean }) {
      tiles.append((Self.signed(best.mean - model.mean), "difference of the best control"))
    }
    body += "<div class=\"tiles\">"
    for (value, label) in tiles {
      body += "<div><b>\(Self.escaped(value))</b><span>\(label)</span></div>"
    }
    body += "</div>\n<div class=\"scroll\"><table><thead><tr><th scope=\"col\">model</th>"
    body += "<th scope=\"col\">mean ± standard error</th><th scope=\"col\">difference</th>"
    body += ceiling == nil ? "" : "<th scope=\"col\">gap to ceiling</th>"
    body += "<th scope=\"col\">points</th><th scope=\"col\">note</th></tr></thead><tbody>\n"
    for (index, row) in (results + (ceiling.map { [$0] } ?? [])).enumerated() {
      let kind =
        index == 0 ? " class=\"model\"" : index == results.count ? " class=\"ceiling\"" : ""
      body += "<tr\(kind)><th scope=\"row\">\(Self.escaped(row.name))</th>"
      body += "<td>\(Self.number(row.mean, row.standardError))</td>"
      body += "<td>\(index == 0 ? "" : Self.signed(row.mean - model.mean))</td>"
      if let ceiling {
        body += "<td>\(index == results.count ? "" : Self.decimal(ceiling.mean - row.mean))</td>"
      }
      body += "<td>\(row.count.map { "\($0)" } ?? "")</td>"
      body += "<td>\(Self.escaped(row.note))</td></tr>\n"
    }
    body += "</tbody></table></div>\n"
  }

  /// What each chart holds, folded, and how even it is.
  mutating func addUsage(of charts: ReportInput.Charts) {
    let weights = charts.weights
    var entropy = 0.0
    for weight in weights where weight > 0 { entropy -= weight * log(weight) }
    let used = weights.count { $0 > 0 }
    addParagraph(
      "\(used) of \(weights.count) charts hold points; their weights are as varied as those of "
        + String(format: "%.1f", exp(entropy)) + " equal charts (perplexity).")

    func shares(_ indices: [Int]) -> [Double]? {
      guard !indices.isEmpty else { return nil }
      var counts = [Int](repeating: 0, count: weights.count)
      for index in indices where counts.indices.contains(index) { counts[index] += 1 }
      return counts.map { Double($0) / Double(indices.count) }
    }
    let columns: [(name: String, values: [Double])] =
      [("training rows", weights)]
      + (shares(charts.chartIndices).map { [("data shown", $0)] } ?? [])
      + (shares(charts.sampleIndices).map { [("samples shown", $0)] } ?? [])
    body += "<details><summary>Show the table of charts</summary><div class=\"scroll\">"
    body += "<table class=\"charts\"><thead><tr><th scope=\"col\">chart</th>"
    body += columns.map { "<th scope=\"col\">\($0.name), %</th>" }.joined()
    body += "</tr></thead><tbody>\n"
    for chart in weights.indices {
      let colour = Ink.hex(Palette.colour(of: chart))
      body += "<tr><th scope=\"row\"><i style=\"background:\(colour)\"></i>\(chart)</th>"
      body += columns.map { "<td>\(String(format: "%.2f", 100 * $0.values[chart]))</td>" }.joined()
      body += "</tr>\n"
    }
    body += "</tbody></table></div></details>\n"
  }

  private static func decimal(_ value: Double) -> String { String(format: "%.3f", value) }
  private static func signed(_ value: Double) -> String { String(format: "%+.3f", value) }
  private static func number(_ mean: Double, _ error: Double?) -> String {
    decimal(mean) + (error.map { " ± " + decimal($0) } ?? "")
  }
}
