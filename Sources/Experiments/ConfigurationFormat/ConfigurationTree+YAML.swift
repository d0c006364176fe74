import Yams

extension ConfigurationTree {
  /// More values than any configuration has: aliases of aliases would otherwise fill the memory.
  private static let largestNodeCount = 100_000

  /// Reads the text of one YAML document.
  ///
  /// - Parameter source: The name of the text in messages, usually the path of a file.
  /// - Throws: ``ConfigurationProblems`` with one entry: a syntax error, a key given twice, an empty
  ///   document, or a document that is not a mapping.
  package init(yaml text: String, source: String) throws {
    let root: Node?
    do {
      root = try Parser(yaml: text, encoding: .utf8).singleRoot()
    } catch let error as YamlError {
      throw ConfigurationProblems([Self.problem(error, in: text, source: source)])
    }
    guard let root, !Self.isEmpty(root) else {
      let message = "the file is empty; expected a mapping of keys such as `seed: 1`"
      throw ConfigurationProblems([ConfigurationProblem(source: source, message: message)])
    }
    var remaining = Self.largestNodeCount
    let tree = try Self(root, source: source, remaining: &remaining)
    guard tree.entries != nil else {
      let message = "expected a mapping of keys such as `seed: 1`, got \(tree.shortText)"
      throw ConfigurationProblems([
        ConfigurationProblem(source: source, origin: tree.origin, message: message)
      ])
    }
    self = tree
  }

  /// Reads the value of a `--set key.path=value` argument, written as in the file.
  package init(overrideValue text: String, argument: String) throws {
    let origin = ConfigurationOrigin.override(argument)
    let node: Node?
    do {
      node = try Parser(yaml: text, encoding: .utf8).singleRoot()
    } catch let error as YamlError {
      let message = "the value is not YAML: \(Self.parts(of: error, in: text).message)"
      throw ConfigurationProblems([
        ConfigurationProblem(source: "", origin: origin, message: message)
      ])
    }
    guard let node else {
      self.init(.scalar("", isPlain: true), origin: origin)
      return
    }
    var remaining = Self.largestNodeCount
    self = try Self(node, source: "", remaining: &remaining).moved(to: origin)
  }

  // MARK: - From the parser's tree

  private init(_ node: Node, source: String, remaining: inout Int) throws {
    let origin = Self.origin(node.mark)
    remaining -= 1
    guard remaining > 0 else {
      let message = "more than \(Self.largestNodeCount) values; does an alias repeat an alias?"
      throw ConfigurationProblems([
        ConfigurationProblem(source: source, origin: origin, message: message)
      ])
    }
    switch node {
    case .scalar(let scalar):
      let isPlain = scalar.style == .plain || scalar.style == .any
      self.init(.scalar(scalar.string, isPlain: isPlain), origin: origin)
    case .sequence(let sequence):
      var elements: [ConfigurationTree] = []
      for element in sequence {
        elements.append(try Self(element, source: source, remaining: &remaining))
      }
      self.init(.list(elements), origin: origin)
    case .mapping(let mapping):
      var entries: [Entry] = []
      for (key, value) in mapping {
        guard let name = key.scalar?.string else {
          let message = "expected the name of a key, got a list or a section"
          throw ConfigurationProblems([
            ConfigurationProblem(source: source, origin: Self.origin(key.mark), message: message)
          ])
        }
        entries.append(
          Entry(
            name: name, nameOrigin: Self.origin(key.mark),
            value: try Self(value, source: source, remaining: &remaining)))
      }
      self.init(.mapping(entries), origin: origin)
    case .alias:
      // The parser replaces aliases while it reads; a bare one stands for nothing.
      self.init(.scalar("", isPlain: true), origin: origin)
    }
  }

  private func moved(to origin: ConfigurationOrigin) -> ConfigurationTree {
    let content: Content =
      switch self.content {
      case .scalar: self.content
      case .list(let elements): .list(elements.map { $0.moved(to: origin) })
      case .mapping(let entries):
        .mapping(
          entries.map {
            Entry(name: $0.name, nameOrigin: origin, value: $0.value.moved(to: origin))
          })
      }
    return ConfigurationTree(content, origin: origin)
  }

  private static func isEmpty(_ node: Node) -> Bool {
    node.scalar.map { $0.string.isEmpty && $0.style != .doubleQuoted && $0.style != .singleQuoted }
      ?? false
  }

  private static func origin(_ mark: Mark?) -> ConfigurationOrigin {
    .file(line: mark?.line ?? 1, column: mark?.column ?? 1)
  }

  // MARK: - Errors of the parser

  private static func problem(
    _ error: YamlError, in text: String, source: String
  ) -> ConfigurationProblem {
    let (origin, message) = parts(of: error, in: text)
    return ConfigurationProblem(source: source, origin: origin, message: message)
  }

  private static func parts(
    of error: YamlError, in text: String
  ) -> (origin: ConfigurationOrigin?, message: String) {
    switch error {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let place = context.map { " (\($0.text), begun in line \($0.mark.line))" } ?? ""
      return (origin(mark), "YAML syntax: \(problem)\(place)")
    case .reader(let problem, let offset, _, _):
      let before = text.prefix(offset ?? 0)
      let line = 1 + before.count(where: \.isNewline)
      let column = 1 + before.reversed().prefix { !$0.isNewline }.count
      return (.file(line: line, column: column), "YAML syntax: \(problem)")
    case .duplicatedKeysInMapping(let duplicates, let context):
      let name = duplicates.first ?? ""
      let again = nextLine(with: name, after: context.mark, in: text)
      let place = again.map { ", again in line \($0)" } ?? ""
      return (origin(context.mark), "\(name): the key is given twice\(place)")
    default:
      return (nil, "YAML syntax: \(error)")
    }
  }

  /// The next line on which `name:` stands in the same column.
  private static func nextLine(with name: String, after mark: Mark, in text: String) -> Int? {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    return lines.indices.dropFirst(mark.line).first {
      let line = lines[$0]
      let key = line.dropFirst(mark.column - 1)
      return line.prefix(mark.column - 1).allSatisfy { $0 == " " }
        && key.hasPrefix(name) && key.dropFirst(name.count).drop { $0 == " " }.first == ":"
    }.map { $0 + 1 }
  }
}
