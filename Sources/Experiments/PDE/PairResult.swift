import Operators

/// What a cell of a table of pairs leaves: `cell.json` in its folder.
package struct PairResult: Codable, CellFile, Sendable {
  /// Mean relative L² error of the test pairs on a grid.
  package struct Score: Codable, Sendable, Equatable {
    package var points: Int
    package var relativeError: Double

    package init(points: Int, relativeError: Double) {
      (self.points, self.relativeError) = (points, relativeError)
    }
  }

  /// The settings that it was trained with.
  package var settings: [String]
  /// None where the training failed.
  package var scores: [Score]
  /// Why it failed.
  package var failure: String?
  /// Real numbers: complex weights count twice.
  package var parameterCount: Int
  /// The same with complex weights counted once.
  package var complexParameterCount: Int
  /// Norms and bounds of the Padé blocks at the end of the training; nil without Padé blocks.
  package var padeBounds: PadeReading?
  /// Training and scoring.
  package var seconds: Double

  package init(
    settings: [String], scores: [Score] = [], failure: String? = nil, parameterCount: Int = 0,
    complexParameterCount: Int = 0, padeBounds: PadeReading? = nil, seconds: Double = 0
  ) {
    (self.settings, self.scores, self.failure) = (settings, scores, failure)
    (self.parameterCount, self.complexParameterCount) = (parameterCount, complexParameterCount)
    (self.padeBounds, self.seconds) = (padeBounds, seconds)
  }

  static let fileName = "cell.json"

  package func score(at points: Int) -> Double? {
    scores.first { $0.points == points }?.relativeError
  }
}
