/// A type that a configuration key may have.
package protocol ConfigurationValue: Sendable, Equatable {
  /// What one value is called in messages: "an integer".
  static var expectation: String { get }
  /// What several are called: "integers".
  static var pluralName: String { get }
  /// Reads the value, or returns nil when what is written has another type.
  init?(_ tree: ConfigurationTree)
  /// The value as YAML; reading it back gives an equal value.
  var yaml: String { get }
  /// What the writer of `text` may have meant.
  static func suggestion(for text: String) -> String?
}

extension ConfigurationValue {
  package static func suggestion(for text: String) -> String? { nil }
}

extension Int: ConfigurationValue {
  package static var expectation: String { "an integer" }
  package static var pluralName: String { "integers" }

  package init?(_ tree: ConfigurationTree) {
    guard let text = tree.plainText, let value = Int(text) else { return nil }
    self = value
  }

  package var yaml: String { "\(self)" }
}

extension Double: ConfigurationValue {
  package static var expectation: String { "a number" }
  package static var pluralName: String { "numbers" }

  /// Decimal notation only: Swift would also take "nan", "inf" and hexadecimal digits.
  package init?(_ tree: ConfigurationTree) {
    guard let text = tree.plainText, text.allSatisfy({ "0123456789+-.eE".contains($0) }),
      let value = Double(text), value.isFinite
    else { return nil }
    self = value
  }

  package var yaml: String { "\(self)" }
}

extension Bool: ConfigurationValue {
  package static var expectation: String { "true or false" }
  package static var pluralName: String { "truth values" }

  package init?(_ tree: ConfigurationTree) {
    switch tree.plainText {
    case "true": self = true
    case "false": self = false
    default: return nil
    }
  }

  package var yaml: String { "\(self)" }
}

extension String: ConfigurationValue {
  package static var expectation: String { "text" }
  package static var pluralName: String { "texts" }

  /// Unquoted text that YAML takes for a number, a truth value or null is refused: it was probably
  /// meant as such.
  package init?(_ tree: ConfigurationTree) {
    guard case .scalar(let text, let isPlain) = tree.content else { return nil }
    if isPlain, tree.isNull || Bool(tree) != nil || Double(tree) != nil { return nil }
    self = text
  }

  /// Always quoted, so that no text can be mistaken for something else.
  package var yaml: String {
    var result = "\""
    for scalar in unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20 || (0x7F...0xA0).contains(scalar.value):
        let digits = String(scalar.value, radix: 16)
        result += "\\x" + String(repeating: "0", count: 2 - digits.count) + digits
      case "\u{2028}", "\u{2029}", "\u{FEFF}":
        result += "\\u" + String(scalar.value, radix: 16)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

extension Optional: ConfigurationValue where Wrapped: ConfigurationValue {
  package static var expectation: String { "\(Wrapped.expectation) or null" }
  package static var pluralName: String { Wrapped.pluralName }

  package init?(_ tree: ConfigurationTree) {
    if tree.isNull {
      self = Self.none
    } else if let value = Wrapped(tree) {
      self = Self.some(value)
    } else {
      return nil
    }
  }

  package var yaml: String { self?.yaml ?? "null" }
}

extension Array: ConfigurationValue where Element: ConfigurationValue {
  package static var expectation: String { "a list of \(Element.pluralName)" }
  package static var pluralName: String { "lists" }

  package init?(_ tree: ConfigurationTree) {
    guard case .list(let trees) = tree.content else { return nil }
    var elements: [Element] = []
    for tree in trees {
      guard let element = Element(tree) else { return nil }
      elements.append(element)
    }
    self = elements
  }

  package var yaml: String { "[\(map(\.yaml).joined(separator: ", "))]" }
}

/// A value that is one of a few names: an enumeration with texts.
package protocol ConfigurationChoice: ConfigurationValue, CaseIterable, RawRepresentable
where RawValue == String {}

extension ConfigurationChoice {
  package static var expectation: String {
    let names = allCases.map(\.rawValue)
    return names.count == 1 ? names[0] : "one of \(names.joined(separator: ", "))"
  }
  package static var pluralName: String { "names" }

  package init?(_ tree: ConfigurationTree) {
    guard case .scalar(let text, _) = tree.content else { return nil }
    self.init(rawValue: text)
  }

  package var yaml: String { rawValue }

  package static func suggestion(for text: String) -> String? {
    nearestName(to: text, among: allCases.map(\.rawValue))
  }
}
