import Datasets
import Foundation
import Operators

/// What a fold leaves: `result.json` in its folder.
package struct FoldResult: Codable, Sendable {
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

  /// The result in a fold's folder; nil where there is none or half of one.
  static func read(in folder: String) -> FoldResult? {
    guard let bytes = FileManager.default.contents(atPath: "\(folder)/\(fileName)") else {
      return nil
    }
    // Not a result of this version, or a damaged one: the fold is trained again. Root alone reads.
    return try? JSONText.decoder.decode(FoldResult.self, from: bytes)
  }

  func write(in folder: String) throws {
    try writeText(JSONText.of(self) + "\n", to: "\(folder)/\(Self.fileName)")
  }
}
