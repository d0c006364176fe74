import Foundation

/// A table of an experiment as Markdown.
struct TableText {
  let table: ExperimentTable
  let results: [TableCell: CellResult]

  var markdown: String {
    ([head, scoreTable, differenceTable, failures].compactMap { $0 }).joined(separator: "\n\n")
      + "\n"
  }

  private var head: String {
    let what =
      switch table.measure {
      case .logLikelihood: "Test log-likelihood in nats per point: higher is better."
      case .negativeLogLikelihood:
        "Negative test log-likelihood in nats per unit area of the sphere: lower is better."
      }
    return """
      ## \(table.name): \(table.title)

      \(what) Mean ± half width of the 95 % interval (Student's t) over the seeds \
      \(table.seeds.map(String.init).joined(separator: ", ")); \(results.count) of \
      \(table.cells.count) cells are finished. Bold: the best of a row.
      """
  }

  // MARK: - Scores

  private var scoreTable: String {
    let controls = controlNames
    let columns = ["set", "ceiling"] + table.models.map(\.name) + controls
    let rows = table.sets.map { set -> [String] in
      let models = table.models.map { summary(set.name, $0.name) { $0.testLogLikelihood.mean } }
      let others = controls.map { name in
        summary(set.name, nil) { scores in
          scores.controls.first { $0.name == name }?.testLogLikelihood.mean
        }
      }
      let ceiling = summary(set.name, nil) { $0.entropyCeiling?.mean }
      let best = (models + others).compactMap { $0?.mean }.max()
      return [set.name, ceiling.map { text($0.mean) } ?? "–"]
        + (models + others).map { cell($0, isBest: $0?.mean == best) }
    }
    return markdownTable(columns, rows)
  }

  /// Controls in the order of the first cell that has them.
  private var controlNames: [String] {
    var names: [String] = []
    for cell in table.cells {
      for control in results[cell]?.scores?.controls ?? [] where !names.contains(control.name) {
        names.append(control.name)
      }
    }
    return names
  }

  /// Over the seeds that are there; of any model where `model` is nil, one value a seed.
  private func summary(
    _ set: String, _ model: String?, _ value: (Scores) -> Double?
  ) -> SeedSummary? {
    var values: [Double] = []
    for seed in table.seeds {
      let models = model.map { [$0] } ?? table.models.map(\.name)
      let scores = models.compactMap {
        results[TableCell(set: set, model: $0, seed: seed)]?.scores
      }
      if let first = scores.compactMap(value).first { values.append(first) }
    }
    return values.isEmpty ? nil : SeedSummary(of: values)
  }

  // MARK: - Differences

  /// Each model less its parent, seed by seed.
  private var differenceTable: String? {
    let pairs = table.models.compactMap { model in model.parent.map { (model.name, $0) } }
    guard !pairs.isEmpty else { return nil }
    let columns = ["set"] + pairs.map { "\($0) − \($1)" }
    let rows = table.sets.map { set in
      [set.name]
        + pairs.map { model, parent in
          let differences = table.seeds.compactMap { seed -> Double? in
            guard let a = mean(set.name, model, seed), let b = mean(set.name, parent, seed) else {
              return nil
            }
            return a - b
          }
          return cell(differences.isEmpty ? nil : SeedSummary(of: differences), isBest: false)
        }
    }
    return """
      Differences, paired by seed (positive: the first is better).

      \(markdownTable(columns, rows))
      """
  }

  private func mean(_ set: String, _ model: String, _ seed: Int) -> Double? {
    results[TableCell(set: set, model: model, seed: seed)]?.scores?.testLogLikelihood.mean
  }

  private var failures: String? {
    let lines = table.cells.compactMap { cell in
      results[cell]?.failure.map { "- \(cell.path): \($0)" }
    }
    return lines.isEmpty ? nil : "Failed:\n\n" + lines.joined(separator: "\n")
  }

  // MARK: - Text

  /// Likelihoods are kept; where lower is better the sign is turned here alone.
  private var sign: Double { table.measure == .logLikelihood ? 1 : -1 }

  private func text(_ value: Double) -> String { String(format: "%.3f", sign * value) }

  private func cell(_ interval: SeedSummary?, isBest: Bool) -> String {
    guard let interval else { return "–" }
    let half = interval.halfInterval.map { String(format: " ± %.3f", $0) } ?? ""
    let number = text(interval.mean) + half
    return isBest ? "**\(number)**" : number
  }

  private func markdownTable(_ columns: [String], _ rows: [[String]]) -> String {
    ([columns, columns.map { _ in "---" }] + rows)
      .map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
  }
}
