/// Fills a section from a tree and records everything that is wrong: unknown keys, wrong types,
/// values out of range, demands not met.
package struct ConfigurationReader {
  private let source: String
  private let root: ConfigurationTree
  /// Every key path that exists, for suggestions.
  private let knownPaths: [[String]]

  /// Where the visit stands.
  private var path: [String] = []
  private var entries: [ConfigurationTree.Entry]
  private var namesHere: [String] = []
  private var problems: [ConfigurationProblem] = []

  /// Reads `Section` from `tree`; keys that are not given keep their defaults.
  ///
  /// - Throws: ``ConfigurationProblems`` with all of them.
  package static func read<Section: ConfigurationSection>(
    _ type: Section.Type, from tree: ConfigurationTree, source: String
  ) throws -> Section {
    var section = Section()
    let known = ConfigurationOutline(section).items.map(\.path)
    var reader = ConfigurationReader(
      source: source, root: tree, knownPaths: known, entries: tree.entries ?? [])
    reader.visit(&section)
    guard reader.problems.isEmpty else { throw ConfigurationProblems(reader.problems) }
    return section
  }

  private init(
    source: String, root: ConfigurationTree, knownPaths: [[String]],
    entries: [ConfigurationTree.Entry]
  ) {
    self.source = source
    self.root = root
    self.knownPaths = knownPaths
    self.entries = entries
  }

  // MARK: - One section

  private mutating func visit(_ section: inout some ConfigurationSection) {
    let problemsBefore = problems.count
    section.describe(to: &self)
    for entry in entries where !namesHere.contains(entry.name) {
      reportUnknown(entry)
    }
    // A demand on values that were not understood would only repeat the first message.
    let unsound = problems[problemsBefore...].map(\.keyPath)
    var demands = ConfigurationDemands()
    section.check(&demands)
    for demand in demands.unmet {
      let keyPath = path + demand.keyPath
      if unsound.contains(keyPath.joined(separator: ".")) { continue }
      report(keyPath, demand.message, at: root.origin(at: keyPath[...]))
    }
  }

  private mutating func entry(_ name: String) -> ConfigurationTree.Entry? {
    namesHere.append(name)
    return entries.first { $0.name == name }
  }

  // MARK: - Messages

  private mutating func report(
    _ keyPath: [String], _ message: String, at origin: ConfigurationOrigin
  ) {
    problems.append(
      ConfigurationProblem(
        source: source, origin: origin, keyPath: keyPath.joined(separator: "."), message: message))
  }

  private mutating func reportUnknown(_ entry: ConfigurationTree.Entry) {
    let advice: String
    if let near = nearestName(to: entry.name, among: namesHere) {
      advice = "did you mean \(near)?"
    } else if let elsewhere = knownPath(endingIn: entry.name) {
      advice = "did you mean \(elsewhere)?"
    } else {
      advice = "the keys here are \(namesHere.joined(separator: ", "))"
    }
    report(path + [entry.name], "unknown key; \(advice)", at: entry.nameOrigin)
  }

  /// The key of that name in another section: the one whose way has most names in common with the
  /// way here, so that a key one level too high, too low or in the wrong branch is found.
  private func knownPath(endingIn name: String) -> String? {
    func shared(_ other: [String]) -> Int { other.count(where: path.contains) }
    let candidates = knownPaths.filter { $0.last?.lowercased() == name.lowercased() }
    var best = candidates.first
    for candidate in candidates where shared(candidate) > shared(best ?? []) { best = candidate }
    return best?.joined(separator: ".")
  }
}

extension ConfigurationReader: ConfigurationVisitor {
  package mutating func key<Value: ConfigurationValue>(
    _ name: String, _ value: inout Value, _ rule: ValueRule<Value>, mayChange: Bool,
    _ documentation: String
  ) {
    guard let tree = entry(name)?.value else { return }
    if let read = Value(tree), rule.accepts(read) {
      value = read
      return
    }
    var message = "expected \(rule.expectation), got \(tree.shortText)"
    if case .scalar(let text, _) = tree.content, let near = Value.suggestion(for: text) {
      message += "; did you mean \(near)?"
    }
    report(path + [name], message, at: tree.origin)
  }

  package mutating func section(
    _ name: String, _ section: inout some ConfigurationSection, _ documentation: String
  ) {
    let tree = entry(name)?.value
    if let tree, tree.entries == nil {
      let names = ConfigurationOutline(section).items.filter { $0.path.count == 1 }
      let list = names.map(\.name).joined(separator: ", ")
      report(
        path + [name], "expected a section with the keys \(list), got \(tree.shortText)",
        at: tree.origin)
    }
    let outside = (path, entries, namesHere)
    (path, entries, namesHere) = (path + [name], tree?.entries ?? [], [])
    visit(&section)
    (path, entries, namesHere) = outside
  }

  package mutating func sections<Section: NamedSection>(
    _ name: String, _ sections: inout [Section], _ documentation: String
  ) {
    guard let tree = entry(name)?.value else { return }
    guard let named = tree.entries, !named.isEmpty else {
      report(
        path + [name], "expected one or more named sections, got \(tree.shortText)", at: tree.origin
      )
      return
    }
    let outside = (path, entries, namesHere)
    sections = named.map { entry in
      var section = Section(name: entry.name)
      (path, entries, namesHere) = (outside.0 + [name, entry.name], entry.value.entries ?? [], [])
      if entry.value.entries == nil, !entry.value.isNull {
        report(
          path, "expected a section, or nothing, got \(entry.value.shortText)",
          at: entry.value.origin)
      }
      visit(&section)
      return section
    }
    (path, entries, namesHere) = outside
  }
}
