/// Where a piece of configuration was written.
package enum ConfigurationOrigin: Sendable, Equatable {
  /// A place in the file, both numbers counted from 1.
  case file(line: Int, column: Int)
  /// A `--set` argument, as typed.
  case override(String)
}

/// A YAML document reduced to what a configuration needs: text, lists and named values, each with
/// the place where it was written.
package struct ConfigurationTree: Sendable, Equatable {
  package enum Content: Sendable, Equatable {
    /// A scalar; `isPlain` says that it was not quoted, so that it may be a number, a truth value or
    /// null.
    case scalar(String, isPlain: Bool)
    case list([ConfigurationTree])
    case mapping([Entry])
  }

  /// One `name: value` of a mapping, in the order of the file.
  package struct Entry: Sendable, Equatable {
    package var name: String
    package var nameOrigin: ConfigurationOrigin
    package var value: ConfigurationTree
  }

  package var content: Content
  package var origin: ConfigurationOrigin

  package init(_ content: Content, origin: ConfigurationOrigin) {
    self.content = content
    self.origin = origin
  }

  /// The entries of a mapping; nil for other content.
  package var entries: [Entry]? {
    if case .mapping(let entries) = content { entries } else { nil }
  }

  /// The text of an unquoted scalar; nil for other content.
  package var plainText: String? {
    if case .scalar(let text, isPlain: true) = content { text } else { nil }
  }

  /// True for `null`, `~` and for a key without a value.
  package var isNull: Bool {
    switch plainText {
    case "", "~", "null", "Null", "NULL": true
    default: false
    }
  }

  /// The value as an error message quotes it, at most 40 characters long.
  package var shortText: String {
    let text =
      switch content {
      case .scalar("", isPlain: true): "nothing"
      case .scalar(let text, isPlain: true): text
      case .scalar(let text, isPlain: false): "\"\(text)\""
      case .list(let elements): "[\(elements.map(\.shortText).joined(separator: ", "))]"
      case .mapping(let entries): "a section with \(entries.map(\.name).joined(separator: ", "))"
      }
    return text.count <= 40 ? text : "\(text.prefix(39))…"
  }

  /// Puts `value` at `path`, adding sections where there are none.
  ///
  /// - Returns: The part of the path that is in the way because it holds a value and not a section,
  ///   or nil when the value was put in place.
  package mutating func set(_ path: ArraySlice<String>, to value: ConfigurationTree) -> String? {
    guard let name = path.first else {
      self = value
      return nil
    }
    // A key without a value may be a section of defaults.
    guard var entries = entries ?? (isNull ? [] : nil) else { return "" }
    let index = entries.firstIndex { $0.name == name } ?? entries.endIndex
    if index == entries.endIndex {
      let section = ConfigurationTree(.mapping([]), origin: value.origin)
      entries.append(Entry(name: name, nameOrigin: value.origin, value: section))
    }
    let obstacle = entries[index].value.set(path.dropFirst(), to: value)
    content = .mapping(entries)
    return obstacle.map { $0.isEmpty ? name : "\(name).\($0)" }
  }

  /// The origin of the value at `path`, or of the last section on the way to it.
  package func origin(at path: ArraySlice<String>) -> ConfigurationOrigin {
    guard let name = path.first, let entry = entries?.first(where: { $0.name == name }) else {
      return origin
    }
    if path.count == 1 { return entry.value.origin }
    return entry.value.entries == nil ? entry.nameOrigin : entry.value.origin(at: path.dropFirst())
  }
}
