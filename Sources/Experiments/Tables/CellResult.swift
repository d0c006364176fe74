/// What a cell of a table leaves: `cell.json` in its folder.
package struct CellResult: Codable, CellFile, Sendable {
  /// The settings that it was trained with.
  package var settings: [String]
  /// Nil where the training failed.
  package var scores: Scores?
  /// Why it failed.
  package var failure: String?
  package var parameterCount: Int?
  /// Training and evaluation.
  package var seconds: Double

  package init(
    settings: [String], scores: Scores? = nil, failure: String? = nil, parameterCount: Int? = nil,
    seconds: Double
  ) {
    (self.settings, self.scores, self.failure) = (settings, scores, failure)
    (self.parameterCount, self.seconds) = (parameterCount, seconds)
  }

  static let fileName = "cell.json"
}
