import Datasets
import Foundation
import Operators

/// A table of pairs as Markdown.
package struct PairTableText {
  private let table: PairTable
  private let results: [PairCell: PairResult]
  private let stepHalvingErrors: [PDESet: Double]

  /// - Parameter stepHalvingErrors: how far the solutions of a set move when the step is halved, where
  ///   that is known.
  package init(
    table: PairTable, results: [PairCell: PairResult], stepHalvingErrors: [PDESet: Double] = [:]
  ) {
    (self.table, self.results) = (table, results)
    self.stepHalvingErrors = stepHalvingErrors
  }

  package var markdown: String {
    var parts = ["## \(table.name): \(table.title)", explanation]
    for set in table.sets { parts.append(part(set)) }
    if let padeBounds { parts.append(padeBounds) }
    if let failures { parts.append(failures) }
    return parts.joined(separator: "\n\n") + "\n"
  }

  private var settings: PairSettings { table.settings }

  /// What the numbers are and how they came about.
  package var explanation: String {
    let failed = results.values.count { $0.failure != nil }
    let what =
      switch table.columns {
      case .resolutions:
        "Trained on \(table.largestSamples) pairs at s = \(settings.trainingPoints), scored on "
          + "\(settings.testPairs) others at each s."
      case .samples:
        "Trained and scored at s = \(settings.trainingPoints), on \(settings.testPairs) pairs that "
          + "none was trained on; with fewer than \(table.largestSamples) pairs each seed has a "
          + "random subset of its own."
      }
    return """
      Mean relative L² error of u(T), lower is better. \(what) \(settings.steps) steps of Adam, \
      batches of \(settings.batch), rate \(settings.learningRate) halved four times, for all alike. \
      Mean ± half width of the 95 % interval (Student's t) over the seeds \
      \(table.seeds.map(String.init).joined(separator: ", ")); controls without a seed have no \
      interval. \(results.count) of \(table.cells.count) cells are \
      finished\(failed > 0 ? ", \(failed) of them failed" : ""). Bold: the best of a column. \
      Parameters: complex weights counted twice / once. Data and budget are the project's own: \
      published numbers do not compare.\(onOtherGrids)
      """
  }

  /// What happens to operators whose levels follow the grid.
  private var onOtherGrids: String {
    let models = table.models.filter(\.keepsTrainingGrid)
    guard case .resolutions = table.columns, !models.isEmpty,
      settings.testPoints.contains(where: { $0 != settings.trainingPoints })
    else { return "" }
    let resampled =
      "applied at s = \(settings.trainingPoints), on other grids resampled by Fourier series."
    return " \(models.map(\.title).joined(separator: ", ")): \(resampled)"
      + (table.models.contains(.exponential)
        ? " \(PairModel.exponential.title): the correction alone is \(resampled)" : "")
  }

  // MARK: - One set

  private var columns: [PairTable.Place] {
    switch table.columns {
    case .resolutions:
      settings.testPoints.map { .init(points: $0, samples: table.largestSamples) }
    case .samples:
      table.samples.map { .init(points: settings.trainingPoints, samples: $0) }
    }
  }

  private func title(_ place: PairTable.Place) -> String {
    switch table.columns {
    case .resolutions: "s = \(place.points)"
    case .samples: "\(place.samples) pairs"
    }
  }

  private func part(_ set: PDESet) -> String {
    let (columns, rows) = rows(of: set)
    return """
      ### \(set.rawValue)

      \(caption(of: set))

      \(markdownTable(columns, rows))
      """
  }

  /// The equation of a set and how well it was solved.
  package func caption(of set: PDESet) -> String {
    let problem = set.problem
    let steps =
      stepHalvingErrors[set].map {
        "; halving the solver's step moves u(T) by \(number($0))"
      } ?? ""
    return "\(name(of: problem.equation)), length \(plain(problem.length)), "
      + "T = \(plain(problem.endTime))\(steps)."
  }

  /// The table of a set, a row a model.
  package func rows(of set: PDESet) -> (columns: [String], rows: [[String]]) {
    let columns = columns
    let entries = table.models.map { model in
      columns.map { table.summary(set, model, $0, of: results) }
    }
    let best = columns.indices.map { column in
      entries.compactMap { $0[column]?.mean }.min()
    }
    let rows = zip(table.models, entries).map { model, row -> [String] in
      let cells = zip(row, best).map { entry, best in text(entry, isBest: entry?.mean == best) }
      return [model.title, parameters(set, model)] + cells + [seconds(set, model)]
    }
    return (["model", "parameters"] + columns.map(title) + ["seconds"], rows)
  }

  /// The cells of a set and model that the columns show.
  private func shownCells(_ set: PDESet, _ model: PairModel) -> [PairCell] {
    let shown = Set(columns.map(\.samples))
    return table.cells.filter {
      $0.set == set && $0.model == model && shown.contains($0.samples)
    }
  }

  private func parameters(_ set: PDESet, _ model: PairModel) -> String {
    guard !model.isControl else { return "–" }
    let found = table.cells.lazy.filter { $0.set == set && $0.model == model }
      .compactMap { results[$0] }.first { $0.failure == nil }
    guard let found else { return "–" }
    return found.parameterCount == found.complexParameterCount
      ? "\(found.parameterCount)" : "\(found.parameterCount) / \(found.complexParameterCount)"
  }

  private func seconds(_ set: PDESet, _ model: PairModel) -> String {
    let values = shownCells(set, model).compactMap { results[$0]?.seconds }
    guard !values.isEmpty else { return "–" }
    return String(format: "%.1f", values.reduce(0, +) / Double(values.count))
  }

  /// A line for each set and model with Padé blocks.
  private var padeBounds: String? {
    let lines = table.sets.flatMap { set in
      table.models.compactMap { model -> String? in
        let readings = shownCells(set, model).compactMap { results[$0]?.padeBounds }
        return PadeReading.largest(of: readings).map {
          "- \(set.rawValue), \(model.title): \($0.line)"
        }
      }
    }
    guard !lines.isEmpty else { return nil }
    return "Padé bounds, the largest over blocks and seeds at the end of the training:\n\n"
      + lines.joined(separator: "\n")
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

  private func text(_ entry: SeedSummary?, isBest: Bool) -> String {
    guard let entry else { return "–" }
    let half = entry.shownHalfInterval.map { " ± " + number($0) } ?? ""
    let text = number(entry.mean) + half
    return isBest ? "**\(text)**" : text
  }

  /// Three digits that count.
  private func number(_ value: Double) -> String {
    value != 0 && abs(value) < 1e-3
      ? String(format: "%.1e", value) : String(format: value < 0.1 ? "%.4f" : "%.3f", value)
  }

  private func plain(_ value: Double) -> String {
    value == value.rounded() ? "\(Int(value))" : "\(value)"
  }

  private func name(of equation: EvolutionEquation) -> String {
    switch equation {
    case .kortewegDeVries: "Korteweg–de Vries, u_t = −u u_x − u_xxx"
    case .kuramotoSivashinsky: "Kuramoto–Sivashinsky, u_t = −u u_x − u_xx − u_xxxx"
    case .burgers(let viscosity): "Burgers, u_t = −u u_x + \(viscosity) u_xx"
    }
  }
}
