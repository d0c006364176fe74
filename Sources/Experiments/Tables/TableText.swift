import Datasets
import Foundation

/// A table of an experiment as Markdown.
package struct TableText {
  private let table: ExperimentTable
  private let results: [TableCell: CellResult]

  package init(table: ExperimentTable, results: [TableCell: CellResult]) {
    (self.table, self.results) = (table, results)
  }

  package var markdown: String {
    let parts = [head, scoreTable, chartControlTable, differenceTable, failures].compactMap { $0 }
    return parts.joined(separator: "\n\n") + "\n"
  }

  private var head: String {
    let what =
      switch table.measure {
      case .logLikelihood: "Test log-likelihood in nats per point: higher is better."
      case .negativeLogLikelihood:
        "Negative test log-likelihood in nats per unit area of the sphere: lower is better."
      }
    let failed = results.values.count { $0.scores == nil }
    return """
      ## \(table.name): \(table.title)

      \(what) Mean ± half width of the 95 % interval (Student's t) over the seeds \
      \(table.seeds.map(String.init).joined(separator: ", ")); \(results.count) of \
      \(table.cells.count) cells are finished\(failed > 0 ? ", \(failed) of them failed" : ""). \
      Bold: the best of a row.
      """
  }

  // MARK: - Scores

  /// A number of the table, and what it is a density of.
  private struct Entry {
    let summary: SeedSummary
    let measure: DensityMeasure
  }

  private var scoreTable: String {
    let controls = controlColumns.filter { !$0.isOfCharts }
    let columns = ["set", "ceiling"] + table.models.map(\.name) + controls.map(\.title)
    var hasOthers = false
    let rows = table.sets.map { set -> [String] in
      let kind = measure(of: set.name)
      let entries =
        table.models.map {
          entry(set.name, [$0.name], \.modelMeasure) { $0.testLogLikelihood.mean }
        }
        + controls.map { entry(set.name, table.models.map(\.name), \.controlMeasure, $0.score) }
      let comparable = entries.compactMap { $0 }.filter { $0.measure == kind }
      hasOthers = hasOthers || comparable.count < entries.count { $0 != nil }
      // max() passes over a NaN that does not come first.
      let best = comparable.map(\.summary.mean).filter { !$0.isNaN }.max()
      let ceiling = entry(set.name, table.models.map(\.name), \.controlMeasure) {
        $0.entropyCeiling?.mean
      }
      return [set.name, ceiling.map { number($0.summary.mean) } ?? "–"]
        + entries.map { entry in
          guard let entry else { return "–" }
          let isOfRow = entry.measure == kind
          return text(entry.summary, isBest: isOfRow && entry.summary.mean == best)
            + (isOfRow ? "" : " †")
        }
    }
    let lines = markdownTable(columns, rows)
    return hasOthers ? lines + "\n\n" + Self.measureNote : lines
  }

  private static let measureNote = """
    † A density of another kind than the rest of its row: per unit area (or length) of the surface \
    that the model has learnt, where the ceiling and the others are per unit volume, or the other way \
    round. It cannot be compared with them and is not among those of which the best is bold.
    """

  private var controlColumns: [ControlColumn] {
    ControlColumn.columns(of: table.cells.compactMap { results[$0]?.scores })
  }

  /// What the true density of a set is a density of; that of the controls where it is not known.
  private func measure(of set: String) -> DensityMeasure {
    let scores = table.cells.filter { $0.set == set }.compactMap { results[$0]?.scores }
    if let paired = scores.first(where: { $0.divergence != nil }) { return paired.modelMeasure }
    return scores.first?.controlMeasure ?? .volume
  }

  /// Over the seeds that are there: of each the value of the first of `models` that has one.
  private func entry(
    _ set: String, _ models: [String], _ measure: (Scores) -> DensityMeasure,
    _ value: (Scores) -> Double?
  ) -> Entry? {
    var values: [Double] = []
    var kind: DensityMeasure?
    for seed in table.seeds {
      for model in models {
        guard let scores = results[TableCell(set: set, model: model, seed: seed)]?.scores,
          let found = value(scores)
        else { continue }
        values.append(found)
        kind = kind ?? measure(scores)
        break
      }
    }
    return kind.map { Entry(summary: SeedSummary(of: values), measure: $0) }
  }

  /// Controls that follow the charts of a model: one number for each model.
  private var chartControlTable: String? {
    let controls = controlColumns.filter(\.isOfCharts)
    guard !controls.isEmpty else { return nil }
    func value(_ scores: Scores) -> Double? {
      controls.lazy.compactMap { $0.score(in: scores) }.first
    }
    let models = table.models.map(\.name).filter { model in
      results.contains { $0.key.model == model && $0.value.scores.flatMap(value) != nil }
    }
    let rows = table.sets.map { set in
      [set.name]
        + models.map { model in
          entry(set.name, [model], \.controlMeasure, value).map { text($0.summary, isBest: false) }
            ?? "–"
        }
    }
    let titles = controls.map(\.title).joined(separator: "; ")
    return """
      What the charts of a model give without its flow: \(titles).

      \(markdownTable(["set"] + models.map { "charts of \($0)" }, rows))
      """
  }

  // MARK: - Differences

  /// Each model less its parent, seed by seed.
  private var differenceTable: String? {
    let names = table.models.map(\.name)
    let pairs = table.models.compactMap { model in model.parent.map { (model.name, $0) } }
      .filter { names.contains($0.1) }
    guard !pairs.isEmpty else { return nil }
    let columns = ["set"] + pairs.map { "\($0) − \($1)" }
    let rows = table.sets.map { set in
      [set.name]
        + pairs.map { model, parent in
          let differences = table.seeds.compactMap { seed -> Double? in
            guard let a = scores(set.name, model, seed), let b = scores(set.name, parent, seed),
              a.modelMeasure == b.modelMeasure
            else { return nil }
            return a.testLogLikelihood.mean - b.testLogLikelihood.mean
          }
          return differences.isEmpty ? "–" : text(SeedSummary(of: differences), isBest: false)
        }
    }
    let better = table.measure == .logLikelihood ? "positive" : "negative"
    return """
      Differences, paired by seed (\(better): the first is better).

      \(markdownTable(columns, rows))
      """
  }

  private func scores(_ set: String, _ model: String, _ seed: Int) -> Scores? {
    results[TableCell(set: set, model: model, seed: seed)]?.scores
  }

  private var failures: String? {
    let lines = table.cells.compactMap { cell in
      results[cell]?.failure.map { failure in
        let reason = failure.split(separator: "\n").prefix { !$0.hasPrefix("hint:") }
        return "- \(cell.path): " + reason.joined(separator: " ")
      }
    }
    return lines.isEmpty ? nil : "Failed:\n\n" + lines.joined(separator: "\n")
  }

  // MARK: - Text

  /// Likelihoods are kept; where lower is better the sign is turned here alone.
  private func number(_ value: Double) -> String {
    let text = String(format: "%.3f", table.measure == .logLikelihood ? value : -value)
    return text == "-0.000" ? "0.000" : text
  }

  private func text(_ interval: SeedSummary, isBest: Bool) -> String {
    let half = interval.shownHalfInterval.map { String(format: " ± %.3f", $0) } ?? ""
    let text = number(interval.mean) + half
    return isBest ? "**\(text)**" : text
  }
}

extension Scores {
  /// What the model's density is a density of.
  var modelMeasure: DensityMeasure {
    densityMeasure ?? reconstruction.map { $0.dimension == 2 ? .area : .surface } ?? .volume
  }

  /// The same of the controls.
  var controlMeasure: DensityMeasure { densityMeasure == nil ? .volume : .area }
}
