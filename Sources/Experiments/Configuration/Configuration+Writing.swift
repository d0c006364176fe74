extension RootConfiguration {
  /// Every key with its value, as YAML without comments. Reading it gives an equal configuration,
  /// and equal configurations give equal text.
  package var resolvedYAML: String { ConfigurationOutline(self).yaml(documented: false) }

  /// Every key with its value, its range and what it means.
  package var documentedYAML: String { ConfigurationOutline(self).yaml(documented: true) }
}

extension Configuration {
  /// The keys that decide the trained numbers, `key.path: value` a line: what a checkpoint's digest
  /// covers. Keys that may change on resume are left out, and those that came after the first
  /// checkpoints where they decide nothing, so that a run from before them keeps its digest and can be
  /// resumed.
  package var stateYAML: String {
    let defaults = ConfigurationOutline(Configuration()).items
    return zip(ConfigurationOutline(self).items, defaults).compactMap { item, usual in
      guard let value = item.value, !item.mayChange, decidesNumbers(item.keyPath) else {
        return nil
      }
      if value == usual.value, Self.laterKeys.contains(where: item.keyPath.hasPrefix) { return nil }
      return "\(item.keyPath): \(value)\n"
    }.joined()
  }

  /// Keys, or beginnings of keys, that count where they are not at their default.
  private static let laterKeys = [
    "data.generator.track", "data.geographic", "data.grouping", "data.cellDegrees",
    "training.noise.", "model.kernels",
  ]

  /// False for the keys of a part that this model has not: an embedding, charts that are fitted apart.
  private func decidesNumbers(_ keyPath: String) -> Bool {
    func begins(_ prefixes: String...) -> Bool { prefixes.contains(where: keyPath.hasPrefix) }
    if model.embedding.kind == .none, begins("model.embedding.", "training.embedding.") {
      return false
    }
    return model.fit == .independent
      || !begins("model.fit", "model.background", "model.kernels", "training.charts.")
  }

  /// A number that is equal on ranks whose configurations are equal (64-bit FNV-1a over
  /// ``resolvedYAML``). It guards against mistakes, not against forgery.
  package var digest: UInt64 {
    resolvedYAML.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}

/// A key on which two configurations differ.
package struct ConfigurationDifference: Sendable, Equatable, CustomStringConvertible {
  package var keyPath: String
  /// The value in the first configuration, as YAML.
  package var first: String
  /// The value in the second one.
  package var second: String

  package var description: String { "\(keyPath): \(first) there, \(second) here" }
}

extension Configuration {
  /// The keys that make `self` another experiment than `recorded`, the configuration of a run folder:
  /// all that differ but those that may change on resume. Empty means the same experiment.
  package func differences(from recorded: Configuration) -> [ConfigurationDifference] {
    let pairs = zip(ConfigurationOutline(recorded).items, ConfigurationOutline(self).items)
    return pairs.compactMap { there, here in
      guard let first = there.value, let second = here.value else { return nil }
      guard first != second, !here.mayChange else { return nil }
      return ConfigurationDifference(keyPath: here.keyPath, first: first, second: second)
    }
  }

  /// Refuses to go on in a run folder that holds another experiment.
  ///
  /// - Throws: ``PortolanFailure`` with ``ExitStatus/badData`` that lists the keys.
  package func requireSameExperiment(as recorded: Configuration, in folder: String) throws {
    let differences = differences(from: recorded)
    if differences.isEmpty { return }
    let lines = differences.map { "\n  \($0)" }.joined()
    throw PortolanFailure(
      .badData, "\(folder) holds another experiment; these keys differ:\(lines)",
      hint: "give another --output, or the configuration that the folder was made with")
  }
}
