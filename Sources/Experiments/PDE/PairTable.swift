import Datasets
import Foundation
import Tensors

/// A table of operators on partial differential equations: sets × models × numbers of samples × seeds.
package struct PairTable: Sendable {
  /// What stands along the columns.
  package enum Columns: Sendable {
    /// Points of the grid on which a model is scored.
    case resolutions
    /// Pairs that a model is trained on.
    case samples

    /// What such a table shows.
    package var title: String {
      switch self {
      case .resolutions: "operators at resolutions they were not trained at"
      case .samples: "operators and the number of training pairs"
      }
    }
  }

  /// As on the command line.
  package let name: String
  package var title: String { columns.title }
  package var columns: Columns
  package var sets: [PDESet]
  package var models: [PairModel]
  package var samples: [Int]
  package var seeds: [Int]
  package var settings = PairSettings()

  /// The tables that `portolan experiment` knows by name.
  package static let builtIn = [
    PairTable(
      name: "pde", columns: .resolutions, sets: PDESet.allCases, models: PairModel.allCases,
      samples: [1000], seeds: [1, 2, 3]),
    PairTable(
      name: "pde-samples", columns: .samples, sets: [.kdvHard, .ks22],
      models: [
        .persistence, .propagator, .multiplier, .fno, .mwt, .pade, .padeResidual, .exponential,
      ],
      samples: [100, 200, 500, 1000], seeds: [1, 2, 3, 4, 5]),
  ]

  /// Nil for another kind of table.
  package static func named(_ name: String) -> PairTable? { builtIn.first { $0.name == name } }

  /// All cells; seeds outermost, so that a table that is stopped has whole columns of early seeds.
  /// A control that sees no training pairs has one cell.
  package var cells: [PairCell] {
    seeds.enumerated().flatMap { place, seed in
      sets.flatMap { set in
        models.flatMap { model in
          samples.enumerated().compactMap { index, count in
            let isFixed =
              model == .persistence || model == .propagator
              || (model == .multiplier && samples.count == 1)
            if isFixed, place > 0 || (model != .multiplier && index < samples.count - 1) {
              return nil
            }
            return PairCell(set: set, model: model, samples: count, seed: seed)
          }
        }
      }
    }
  }

  /// Pairs that a file must have.
  package var largestSamples: Int { samples.max() ?? 0 }

  /// Keeps the named sets and models and the first seeds, under other settings.
  ///
  /// - Throws: ``PortolanFailure`` with ``ExitStatus/usage`` for a name that the table has not.
  package func restricted(
    sets: [String], models: [String], seedCount: Int?, overrides: [String]
  ) throws -> PairTable {
    var table = self
    table.sets = try Self.choose(sets, from: self.sets, "--sets") { $0.rawValue }
    table.models = try Self.choose(models, from: self.models, "--models") { $0.rawValue }
    if let seedCount {
      guard 1...1_000 ~= seedCount else {
        throw PortolanFailure(.usage, "--seeds: expected 1 to 1000, got \(seedCount)")
      }
      table.seeds = Array(1...seedCount)
    }
    for override in overrides { try table.apply(override) }
    return table
  }

  /// `samples=[100, 200]` is the table's own; the rest are settings of every cell.
  private mutating func apply(_ override: String) throws {
    guard override.hasPrefix("samples=") else {
      try settings.apply(override)
      return
    }
    let text = override.dropFirst("samples=".count).trimmingCharacters(
      in: .init(charactersIn: "[]"))
    let counts = text.split(separator: ",").map {
      Int($0.trimmingCharacters(in: .whitespaces)) ?? 0
    }
    guard !counts.isEmpty, counts.allSatisfy({ $0 >= 1 }), counts == Set(counts).sorted() else {
      throw PortolanFailure(
        .usage, "--set \(override): expected ascending numbers, such as samples=[100, 1000]")
    }
    samples = counts
  }

  private static func choose<Choice>(
    _ names: [String], from choices: [Choice], _ option: String, name: (Choice) -> String
  ) throws -> [Choice] {
    guard !names.isEmpty else { return choices }
    for wanted in names where !choices.contains(where: { name($0) == wanted }) {
      throw PortolanFailure(
        .usage, "\(option): the table has no \(wanted)",
        hint: "it has \(choices.map(name).joined(separator: ", "))")
    }
    return choices.filter { names.contains(name($0)) }
  }
}

/// One training of a table of pairs.
package struct PairCell: Sendable, Hashable {
  package let set: PDESet
  package let model: PairModel
  /// Pairs that it is trained on, the whole training part or a random subset of it.
  package let samples: Int
  package let seed: Int

  package init(set: PDESet, model: PairModel, samples: Int, seed: Int) {
    (self.set, self.model, self.samples, self.seed) = (set, model, samples, seed)
  }

  /// Its folder below the table's.
  package var path: String { "\(set.rawValue)/\(model.rawValue)/samples-\(samples)/seed-\(seed)" }

  /// The pairs of the training part that this cell sees: a random subset, keyed by the seed.
  package func subset(of available: Int) -> [Int] {
    precondition(samples <= available, "\(samples) of \(available) pairs")
    if samples == available { return Array(0..<available) }
    let order = KeyedPermutation(count: available, seed: UInt64(seed), purpose: .split)
    return (0..<samples).map { order[$0] }.sorted()
  }
}
