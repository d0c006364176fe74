extension Configuration {
  /// Every key with its value, as YAML without comments. Reading it gives an equal configuration,
  /// and equal configurations give equal text.
  package var resolvedYAML: String { ConfigurationOutline(self).yaml(documented: false) }

  /// Every key with its value, its range and what it means.
  package var documentedYAML: String { ConfigurationOutline(self).yaml(documented: true) }

  /// The keys that decide the trained numbers, `key.path: value` a line: what a checkpoint's digest
  /// covers. Keys that may change on resume are left out, and those of an embedding where there is none, so
  /// that a run without one has the text that it had before embeddings came.
  package var stateYAML: String {
    let unused = model.embedding.kind == .none ? ["model.embedding.", "training.embedding."] : []
    return ConfigurationOutline(self).items.compactMap { item in
      if item.mayChange || unused.contains(where: item.keyPath.hasPrefix) { return nil }
      guard isUsed(keyPath: item.keyPath) else { return nil }
      return item.value.map { "\(item.keyPath): \($0)\n" }
    }.joined()
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
