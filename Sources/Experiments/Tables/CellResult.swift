import Foundation

/// What a cell of a table leaves: `cell.json` in its folder.
package struct CellResult: Codable, Sendable {
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

  /// The result in a cell's folder; nil where there is none or half of one.
  static func read(in folder: String) -> CellResult? {
    guard let bytes = FileManager.default.contents(atPath: "\(folder)/\(fileName)") else {
      return nil
    }
    // Not a result of this version, or a damaged one: the cell is trained again. Root alone reads.
    return try? JSONText.decoder.decode(CellResult.self, from: bytes)
  }

  func write(in folder: String) throws {
    let path = "\(folder)/\(Self.fileName)"
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try Data((JSONText.of(self) + "\n").utf8).write(
        to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw PortolanFailure(
        .inputOutput, "cannot write \(path): \(systemReason(of: error))",
        hint: "give an --output folder that you may write to")
    }
  }
}
