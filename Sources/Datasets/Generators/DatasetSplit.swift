/// The three parts of a data set.
public enum DatasetSplit: String, Sendable, CaseIterable, Codable {
  /// Rows the parameters are fitted to.
  case train
  /// Rows that decide when to stop.
  case validation
  /// Rows that are scored once, at the end.
  case test

  /// Number that separates the random keys of the parts; fixed for ever, since data depend on it.
  package var key: UInt32 {
    switch self {
    case .train: 0
    case .validation: 1
    case .test: 2
    }
  }
}
