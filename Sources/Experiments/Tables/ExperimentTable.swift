/// A table of an experiment: sets × models × seeds, each cell a training of its own.
///
/// Rows, models and seeds are settings on top of the built-in configuration, as `--set` takes them, so
/// that every cell can be trained by hand as well.
package struct ExperimentTable: Sendable {
  /// A row or a column: its name and its settings, `key.path=value`.
  package struct Choice: Sendable, Equatable {
    package let name: String
    package let settings: [String]
    /// The model that this one is compared with, pair by pair.
    package let parent: String?
    /// Widens the hidden layers until the model has as many parameters as this other one.
    package let sizedAs: String?
    /// Sets that this model is not trained on.
    package let leavesOut: [String]

    package init(
      _ name: String, _ settings: [String], parent: String? = nil, sizedAs: String? = nil,
      leavesOut: [String] = []
    ) {
      (self.name, self.settings, self.leavesOut) = (name, settings, leavesOut)
      (self.parent, self.sizedAs) = (parent, sizedAs)
    }
  }

  /// What the numbers of the table are.
  package enum Measure: Sendable {
    /// Test log-likelihood in nats per point: higher is better.
    case logLikelihood
    /// Negative test log-likelihood in nats per unit area of the sphere: lower is better.
    case negativeLogLikelihood
  }

  /// As on the command line.
  package let name: String
  package let title: String
  package let measure: Measure
  package var sets: [Choice]
  package var models: [Choice]
  package var seeds: [Int]
  /// Settings of every cell, below those of sets and models.
  package var settings: [String]
  /// Models that give others their size without being columns.
  private var patterns: [Choice] = []

  package init(
    name: String, title: String, measure: Measure, sets: [Choice], models: [Choice],
    seeds: [Int], settings: [String] = []
  ) {
    (self.name, self.title, self.measure) = (name, title, measure)
    (self.sets, self.models, self.seeds, self.settings) = (sets, models, seeds, settings)
  }

  /// All trainings; seeds outermost, so that a table that is stopped has whole columns of early seeds.
  package var cells: [TableCell] {
    seeds.flatMap { seed in
      sets.flatMap { set in
        models.filter { !$0.leavesOut.contains(set.name) }
          .map { TableCell(set: set.name, model: $0.name, seed: seed) }
      }
    }
  }

  /// The settings of a cell, in the order in which they apply.
  ///
  /// - Parameter overrides: on top of those of every cell. A model that is sized as another one is so
  ///   under them as well, whatever they say of hidden layers.
  /// - Throws: ``ConfigurationProblems`` where a model's settings make no configuration.
  package func settings(of cell: TableCell, overrides: [String] = []) throws -> [String] {
    guard let set = sets.first(where: { $0.name == cell.set }),
      let model = models.first(where: { $0.name == cell.model })
    else { preconditionFailure("no cell \(cell.path) in the table \(name)") }
    let base = settings + set.settings
    let seed = ["seed=\(cell.seed)"]
    guard let pattern = pattern(of: model) else {
      return base + model.settings + seed + overrides
    }
    let width = try MatchingWidth.hidden(
      of: Configuration(overrides: base + model.settings + overrides),
      parametersOf: Configuration(overrides: base + pattern.settings + overrides))
    let hidden = "model.flow.hidden=\(width)"
    let isOverridden = overrides.contains { $0.hasPrefix("model.flow.hidden=") }
    return base + model.settings + [hidden] + seed + overrides + (isOverridden ? [hidden] : [])
  }

  /// The model that gives another one its size, also where it is no column of a restricted table.
  private func pattern(of model: Choice) -> Choice? {
    model.sizedAs.flatMap { name in (models + patterns).first { $0.name == name } }
  }

  /// Keeps the named rows, columns and the first seeds.
  ///
  /// - Throws: ``PortolanFailure`` with ``ExitStatus/usage`` for a name that the table has not.
  package func restricted(sets: [String], models: [String], seedCount: Int?) throws
    -> ExperimentTable
  {
    var table = self
    table.sets = try Self.choose(sets, from: self.sets, "--sets")
    table.models = try Self.choose(models, from: self.models, "--models")
    table.patterns = self.models + patterns
    if let seedCount {
      guard 1...1_000 ~= seedCount else {
        throw PortolanFailure(.usage, "--seeds: expected 1 to 1000, got \(seedCount)")
      }
      table.seeds = Array(1...seedCount)
    }
    return table
  }

  private static func choose(_ names: [String], from choices: [Choice], _ option: String) throws
    -> [Choice]
  {
    guard !names.isEmpty else { return choices }
    for name in names where !choices.contains(where: { $0.name == name }) {
      throw PortolanFailure(
        .usage, "\(option): the table has no \(name)",
        hint: "it has \(choices.map(\.name).joined(separator: ", "))")
    }
    return choices.filter { names.contains($0.name) }
  }
}

/// One training of a table.
package struct TableCell: Sendable, Hashable {
  package let set: String
  package let model: String
  package let seed: Int

  package init(set: String, model: String, seed: Int) {
    (self.set, self.model, self.seed) = (set, model, seed)
  }

  /// Its folder below the table's.
  package var path: String { "\(set)/\(model)/seed-\(seed)" }
}
