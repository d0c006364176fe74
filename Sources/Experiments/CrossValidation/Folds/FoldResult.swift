import Datasets
import Operators

/// What a fold leaves: `result.json` in its folder.
package struct FoldResult: Codable, CellFile, Sendable {
  /// The settings that it was trained with.
  package var settings: [String]
  /// Windows that trained, and that test.
  package var trainingWindows: Int
  package var testWindows: Int
  /// Nil where the training failed.
  package var outcome: Outcome?
  /// Why it failed.
  package var failure: String?
  /// Training and scoring, from the last start of the fold on.
  package var seconds: Double

  /// What was learnt.
  package struct Outcome: Codable, Sendable {
    /// SHA-256 of the parameters and of the forecasts of the test windows, in hexadecimal digits.
    package var digest: String
    package var steps: Int
    /// Real numbers: complex weights count twice.
    package var parameterCount: Int
    /// The same with complex weights counted once.
    package var complexParameterCount: Int
    package var score: EpidemicScore
    /// Norms and bounds of the Padé blocks at the end of the training; nil without Padé blocks.
    package var padeBounds: PadeReading?
  }

  static let fileName = "result.json"
}
