/// What stands where recovered is missing.
package enum RecoveredBlanks: String, CaseIterable, Sendable {
  /// Zero, as data and as target: jumps from 0 to a hundred thousand and back are scored. The seed's.
  case zero
  /// The last number before it, placeholders included, and 0 before the first: after the source ended,
  /// constants are scored.
  case carriedForward = "carried-forward"
  /// Zero as data, beside a mask; never a target. Placeholders count as missing.
  case masked
}
