import Foundation

/// What a training of a table leaves in its folder when it is done: one file in JSON.
protocol CellFile: Codable {
  static var fileName: String { get }
}

extension CellFile {
  /// The result in a folder; nil where there is none or half of one.
  static func read(in folder: String) -> Self? {
    guard let bytes = FileManager.default.contents(atPath: "\(folder)/\(fileName)") else {
      return nil
    }
    // Not a result of this version, or a damaged one: it is trained again. Root alone reads.
    return try? JSONText.decoder.decode(Self.self, from: bytes)
  }

  /// - Throws: ``PortolanFailure`` with ``ExitStatus/inputOutput``.
  func write(in folder: String) throws {
    try writeText(JSONText.of(self) + "\n", to: "\(folder)/\(Self.fileName)")
  }
}
