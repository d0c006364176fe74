import Datasets
import Foundation
import Operators

/// The results of a cross-validation as Markdown: each plan with all models and all controls.
package struct CrossValidationTable {
  /// A model or a control under one plan.
  package struct Row {
    /// As in the configuration, or the control's.
    package let name: String
    package let isControl: Bool
    /// One a fold; nil where the fold is not finished or failed.
    package let scores: [EpidemicScore?]
    /// Complex weights counted once, and twice.
    let parameters: (once: Int, twice: Int)?
    let seconds: [Double]
  }

  package let configuration: CrossValidationConfiguration
  package let epidemic: EpidemicAssembly
  private let results: [FoldCell: FoldResult]
  private let controls: [EpidemicPlan.Name: [Row]]

  package init(
    configuration: CrossValidationConfiguration, epidemic: EpidemicAssembly,
    results: [FoldCell: FoldResult]
  ) {
    (self.configuration, self.epidemic, self.results) = (configuration, epidemic, results)
    controls = Dictionary(
      uniqueKeysWithValues: epidemic.plans.map { plan in
        (
          plan.name,
          EpidemicControl.allCases.map { control in
            Row(
              name: control.rawValue, isControl: true,
              scores: plan.folds.map { fold in
                EpidemicScore(
                  of: control.fitted(to: fold.training, of: plan.windows), on: fold.test,
                  of: plan.windows)
              }, parameters: nil, seconds: [])
          }
        )
      })
  }

  /// Models in the order of the configuration, then the controls.
  package func rows(_ plan: EpidemicPlan.Name) -> [Row] {
    configuration.models.map { model in
      let results = (0..<configuration.resampling.folds).map {
        self.results[FoldCell(plan: plan, model: model.name, fold: $0)]
      }
      let outcomes = results.compactMap { $0?.outcome }
      return Row(
        name: model.name, isControl: false, scores: results.map { $0?.outcome?.score },
        parameters: outcomes.first.map { ($0.complexParameterCount, $0.parameterCount) },
        seconds: results.compactMap { $0?.outcome == nil ? nil : $0?.seconds })
    } + (controls[plan] ?? [])
  }

  /// Folds that failed, with the first line of their reason.
  package var failures: [(cell: FoldCell, reason: String)] {
    configuration.cells.compactMap { cell in
      results[cell]?.failure.map { failure in
        let lines = failure.split(separator: "\n").prefix { !$0.hasPrefix("hint:") }
        return (cell, lines.joined(separator: " "))
      }
    }
  }

  // MARK: - Text

  package var markdown: String {
    var parts = [head]
    for plan in epidemic.plans {
      parts += ["### Plan \(plan.name.caption)", scoreTable(plan.name), verdict(plan.name)]
      if let text = padeBounds(plan.name) { parts.append(text) }
      if let table = differenceTable(plan.name) { parts.append(table) }
      parts += EpidemicSeries.allCases.map { foldTable(plan.name, $0) }
    }
    if !failures.isEmpty {
      parts.append(
        "Failed:\n\n"
          + failures.map { "- \($0.cell.description): \($0.reason)" }.joined(separator: "\n"))
    }
    return parts.joined(separator: "\n\n") + "\n"
  }

  private var head: String {
    let table = epidemic.table
    let source = configuration.data.reports == nil ? "generated" : "read from the reports"
    return """
      ## Cross-validation: seven days of the epidemic from fourteen

      \(table.dayCount) days from \(table.firstDay), \(source); \(epidemic.plans[0].windows.count) \
      windows, \(configuration.resampling.folds) folds, seed \(configuration.seed); \(results.count) of \
      \(configuration.cells.count) folds are finished\
      \(failures.isEmpty ? "" : ", \(failures.count) of them failed"). Mean absolute errors in persons \
      over the seven days and the states, mean ± standard deviation over the folds; relative L2 error on \
      shares of the population. Lower is better. Bold: the best of a column. *Slanted*: controls, which \
      are no networks. Parameters: complex weights counted once / twice. Data digest \
      \(String(epidemic.digest.prefix(16))).
      """
  }

  private func scoreTable(_ plan: EpidemicPlan.Name) -> String {
    let table = scores(plan)
    return markdownTable(table.columns, table.rows)
  }

  /// The main table of a plan, with the marks of Markdown.
  package func scores(_ plan: EpidemicPlan.Name) -> (columns: [String], rows: [[String]]) {
    let rows = rows(plan)
    let folds = configuration.resampling.folds
    let columns: [(title: String, digits: Int, value: (EpidemicScore) -> Double?)] =
      EpidemicSeries.allCases.map { series in
        (series.letter, series == .deaths ? 1 : 0, { $0.meanAbsoluteError(series) })
      } + [("relative L2", 4, { $0.relativeL2Error })]
    let summaries = rows.map { row in
      columns.map { column in FoldSummary(row.scores.map { $0.flatMap(column.value) }) }
    }
    let isWhole = rows.map { row in row.scores.count { $0 != nil } == folds }
    let best = columns.indices.map { column in
      rows.indices.filter { isWhole[$0] }.compactMap { summaries[$0][column]?.mean }.min()
    }
    let lines = rows.indices.map { index -> [String] in
      let row = rows[index]
      let there = row.scores.count { $0 != nil }
      let numbers = columns.indices.map { column -> String in
        guard let summary = summaries[index][column] else { return "–" }
        let text = String(
          format: "%.\(columns[column].digits)f ± %.\(columns[column].digits)f", summary.mean,
          summary.deviation)
        return isWhole[index] && summary.mean == best[column] ? "**\(text)**" : text
      }
      let seconds = FoldSummary(row.seconds)
      return [row.isControl ? "*\(row.name)*" : row.name] + numbers + [
        row.parameters.map { "\($0.once) / \($0.twice)" } ?? "–",
        seconds.map { String(format: "%.1f ± %.1f", $0.mean, $0.deviation) } ?? "–",
        "\(there) of \(folds)",
      ]
    }
    return (
      ["model"] + columns.map(\.title) + ["parameters", "seconds a fold", "folds"], lines
    )
  }

  /// Norms and bounds of the Padé blocks at the end of the training, a line for each model that has
  /// some; nil without.
  package func padeBounds(_ plan: EpidemicPlan.Name) -> String? {
    let lines = configuration.models.compactMap { model -> String? in
      let readings = (0..<configuration.resampling.folds).compactMap {
        results[FoldCell(plan: plan, model: model.name, fold: $0)]?.outcome?.padeBounds
      }
      return PadeReading.largest(of: readings).map { "- \(model.name): \($0.line)" }
    }
    guard !lines.isEmpty else { return nil }
    return "Padé bounds, the largest over blocks and folds at the end of the training:\n\n"
      + lines.joined(separator: "\n")
  }

  /// Which model wins, and whether a control does.
  package func verdict(_ plan: EpidemicPlan.Name) -> String {
    let folds = configuration.resampling.folds
    let rows = rows(plan).filter { row in row.scores.count { $0 != nil } == folds }
    let lines = EpidemicSeries.allCases.compactMap { series -> String? in
      func best(_ isControl: Bool) -> (name: String, error: Double)? {
        rows.filter { $0.isControl == isControl }.compactMap { row in
          FoldSummary(row.scores.map { $0?.meanAbsoluteError(series) }).map {
            (row.name, $0.mean)
          }
        }.min { $0.1 < $1.1 }
      }
      guard let model = best(false), let control = best(true) else { return nil }
      let digits = series == .deaths ? 1 : 0
      let text = { (value: Double) in String(format: "%.\(digits)f", value) }
      return model.error < control.error
        ? "\(series.letter): the model \(model.name) wins with \(text(model.error)) against "
          + "\(text(control.error)) of the best control, \(control.name)"
        : "\(series.letter): the control \(control.name) wins with \(text(control.error)) against "
          + "\(text(model.error)) of the best model, \(model.name)"
    }
    let scored = epidemic.plan(plan).folds.count { fold in
      fold.test.contains { window in
        (0..<USStates.count).contains {
          epidemic.plan(plan).windows.isScored(window: window, state: $0, series: .recovered)
        }
      }
    }
    return (lines.isEmpty ? "" : lines.joined(separator: ". ") + ". ")
      + "R is scored in \(scored) of \(folds) folds."
  }

  /// Each row less the slope of the last week, fold by fold; nil for the plan that leaks.
  private func differenceTable(_ plan: EpidemicPlan.Name) -> String? {
    let rows = rows(plan)
    guard !plan.leaks,
      let slope = rows.first(where: { $0.isControl && $0.name == EpidemicControl.slope.rawValue })
    else { return nil }
    let lines = rows.filter { $0.name != slope.name }.map { row -> [String] in
      [row.isControl ? "*\(row.name)*" : row.name]
        + EpidemicSeries.allCases.flatMap { series -> [String] in
          let differences = zip(row.scores, slope.scores).compactMap { own, other -> Double? in
            guard let own = own?.meanAbsoluteError(series),
              let other = other?.meanAbsoluteError(series)
            else { return nil }
            return own - other
          }
          guard let summary = FoldSummary(differences) else { return ["–", "–"] }
          let digits = series == .deaths ? 1 : 0
          return [
            String(format: "%+.\(digits)f ± %.\(digits)f", summary.mean, summary.deviation),
            "\(differences.count { $0 < 0 }) of \(differences.count)",
          ]
        }
    }
    return """
      Differences to the slope of the last week, paired by fold (negative: better than the slope), and in \
      how many folds it is better.

      \(markdownTable(
        ["model"] + EpidemicSeries.allCases.flatMap { ["\($0.letter) − slope", "better"] }, lines))
      """
  }

  private func foldTable(_ plan: EpidemicPlan.Name, _ series: EpidemicSeries) -> String {
    let digits = series == .deaths ? 1 : 0
    let lines = rows(plan).map { row in
      [row.isControl ? "*\(row.name)*" : row.name]
        + row.scores.map { score in
          score?.meanAbsoluteError(series).map { String(format: "%.\(digits)f", $0) } ?? "–"
        }
    }
    return """
      Plan \(plan.rawValue), \(series.letter), fold by fold.

      \(markdownTable(
        ["model"] + (1...configuration.resampling.folds).map(String.init), lines))
      """
  }
}
