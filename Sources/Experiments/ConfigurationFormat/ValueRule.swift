/// Which values of a type a key takes, as a test and as the words that say it.
package struct ValueRule<Value: ConfigurationValue>: Sendable {
  /// What follows the name of the type: " > 0", " from 1 to 64".
  let text: String
  let accepts: @Sendable (Value) -> Bool

  /// "a number > 0".
  var expectation: String { Value.expectation + text }

  /// Every value of the type.
  static var any: ValueRule { ValueRule(text: "") { _ in true } }
}

extension ValueRule where Value: Comparable {
  static func atLeast(_ lowest: Value) -> ValueRule {
    ValueRule(text: " ≥ \(limitText(lowest))") { $0 >= lowest }
  }

  static func above(_ limit: Value) -> ValueRule {
    ValueRule(text: " > \(limitText(limit))") { $0 > limit }
  }

  static func within(_ range: ClosedRange<Value>) -> ValueRule {
    ValueRule(text: " from \(limitText(range.lowerBound)) to \(limitText(range.upperBound))") {
      range.contains($0)
    }
  }

  static func within(_ range: Range<Value>) -> ValueRule {
    ValueRule(text: " ≥ \(limitText(range.lowerBound)) and < \(limitText(range.upperBound))") {
      range.contains($0)
    }
  }
}

/// A limit in words: 1 for the number 1.0.
private func limitText(_ limit: some ConfigurationValue) -> String {
  let text = limit.yaml
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

extension ValueRule where Value == Int {
  static func powerOfTwo(upTo largest: Int) -> ValueRule {
    ValueRule(text: " that is a power of two from 1 to \(largest)") {
      (1...largest).contains($0) && $0 & ($0 - 1) == 0
    }
  }
}

extension ValueRule {
  /// The rule of a list whose elements each follow `rule`.
  static func each<Element>(_ rule: ValueRule<Element>) -> ValueRule where Value == [Element] {
    ValueRule(text: ", each\(rule.text)") { $0.allSatisfy(rule.accepts) }
  }

  /// The rule of a value that may be left out.
  static func orNull<Wrapped>(_ rule: ValueRule<Wrapped>) -> ValueRule where Value == Wrapped? {
    ValueRule(text: ", if given\(rule.text)") { $0.map(rule.accepts) ?? true }
  }
}
