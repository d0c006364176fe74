/// A group of keys. Its stored properties hold the defaults, its ``describe(to:)`` names each key
/// once, with its range and its documentation; reading, writing, comparing and documenting all follow
/// from that one description.
package protocol ConfigurationSection: Sendable, Equatable {
  /// The defaults.
  init()

  /// Shows every key and every section to `visitor`, always all of them and in the same order.
  mutating func describe(to visitor: inout some ConfigurationVisitor)

  /// Demands that concern several keys at once. Called when each key by itself is sound or default.
  func check(_ demands: inout ConfigurationDemands)
}

extension ConfigurationSection {
  package func check(_ demands: inout ConfigurationDemands) {}
}

/// What is done with a description: reading sets the values, an outline records them.
package protocol ConfigurationVisitor {
  /// One key.
  ///
  /// - Parameters:
  ///   - mayChange: True if a resumed run may have another value, because the trained numbers do not
  ///     depend on it.
  ///   - documentation: A sentence for the user. The range is added to it.
  mutating func key<Value: ConfigurationValue>(
    _ name: String, _ value: inout Value, _ rule: ValueRule<Value>, mayChange: Bool,
    _ documentation: String)

  /// A group of keys with a name.
  mutating func section(
    _ name: String, _ section: inout some ConfigurationSection, _ documentation: String)

  /// Sections of one type under names that the user chooses. Those that are given replace all default
  /// ones.
  mutating func sections<Section: NamedSection>(
    _ name: String, _ sections: inout [Section], _ documentation: String)
}

/// A group of keys whose name is the user's.
package protocol NamedSection: ConfigurationSection {
  /// The defaults of the section of this name.
  init(name: String)
  var name: String { get }
}

extension ConfigurationVisitor {
  /// One key with a range, on which the trained numbers depend.
  mutating func key<Value: ConfigurationValue>(
    _ name: String, _ value: inout Value, _ rule: ValueRule<Value>, _ documentation: String
  ) {
    key(name, &value, rule, mayChange: false, documentation)
  }

  /// One key that takes every value of its type, on which the trained numbers depend.
  mutating func key<Value: ConfigurationValue>(
    _ name: String, _ value: inout Value, _ documentation: String
  ) {
    key(name, &value, .any, mayChange: false, documentation)
  }
}

/// Collects the demands of a section that are not met.
package struct ConfigurationDemands {
  struct Unmet {
    var keyPath: [String]
    var message: String
  }

  private(set) var unmet: [Unmet] = []

  /// Demands `condition` of the key at `keyPath`, which starts at the section that demands.
  package mutating func require(
    _ condition: Bool, at keyPath: String, expected: String, got: String
  ) {
    if condition { return }
    let path = keyPath.split(separator: ".").map(String.init)
    unmet.append(Unmet(keyPath: path, message: "expected \(expected), got \(got)"))
  }
}
