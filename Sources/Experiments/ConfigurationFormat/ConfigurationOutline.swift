/// Every section and key of a configuration, in order, with the values as text.
package struct ConfigurationOutline: ConfigurationVisitor {
  package struct Item: Sendable {
    /// The names from the root to this key or section.
    package var path: [String]
    /// The value as YAML; nil for a section.
    package var value: String?
    /// What the key takes: "a number > 0"; empty for a section.
    package var expectation: String
    /// True if a resumed run may have another value.
    package var mayChange: Bool
    package var documentation: String

    package var name: String { path[path.count - 1] }
    package var keyPath: String { path.joined(separator: ".") }
  }

  package private(set) var items: [Item] = []
  private var path: [String] = []

  package init(_ section: some ConfigurationSection) {
    var section = section
    section.describe(to: &self)
  }

  package mutating func key<Value: ConfigurationValue>(
    _ name: String, _ value: inout Value, _ rule: ValueRule<Value>, mayChange: Bool,
    _ documentation: String
  ) {
    items.append(
      Item(
        path: path + [name], value: value.yaml, expectation: rule.expectation,
        mayChange: mayChange, documentation: documentation))
  }

  package mutating func section(
    _ name: String, _ section: inout some ConfigurationSection, _ documentation: String
  ) {
    items.append(
      Item(
        path: path + [name], value: nil, expectation: "", mayChange: false,
        documentation: documentation))
    path.append(name)
    section.describe(to: &self)
    path.removeLast()
  }

  /// Only the first section tells what its keys mean.
  package mutating func sections<Section: NamedSection>(
    _ name: String, _ sections: inout [Section], _ documentation: String
  ) {
    items.append(
      Item(
        path: path + [name], value: nil, expectation: "", mayChange: false,
        documentation: documentation))
    path.append(name)
    for index in sections.indices {
      let first = items.count
      self.section(sections[index].name, &sections[index], "")
      guard index > 0 else { continue }
      for place in first..<items.count {
        (items[place].documentation, items[place].expectation) = ("", "")
      }
    }
    path.removeLast()
  }

  // MARK: - As text

  /// The configuration as YAML.
  ///
  /// - Parameter documented: Puts the documentation and the range of each key above it.
  package func yaml(documented: Bool) -> String {
    var lines: [String] = []
    for item in items {
      let indent = String(repeating: "  ", count: item.path.count - 1)
      if documented {
        if item.value == nil, item.path.count == 1, !lines.isEmpty { lines.append("") }
        let range = item.expectation.isEmpty ? "" : " (\(item.expectation))"
        let words = "\(item.documentation)\(range)".split(separator: " ")
        lines += Self.comment(words, indent: indent)
      }
      lines.append("\(indent)\(item.name):\(item.value.map { " \($0)" } ?? "")")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Comment lines of at most 100 characters.
  private static func comment(_ words: [Substring], indent: String) -> [String] {
    var lines: [String] = []
    for word in words {
      if let last = lines.last, last.count + 1 + word.count <= 100 {
        lines[lines.count - 1] += " \(word)"
      } else {
        lines.append("\(indent)# \(word)")
      }
    }
    return lines
  }
}
