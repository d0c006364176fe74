/// What `inspect` tells about a file.
package struct CheckpointSummary: Codable, Equatable, Sendable {
  /// One array of the file.
  package struct Listing: Codable, Equatable, Sendable {
    package let path: String
    package let shape: [Int]
    package let type: StoredType
  }

  /// A text of the file.
  package struct Text: Codable, Equatable, Sendable {
    package let path: String
    package let text: String
  }

  package let step: Int
  package let formatVersion: Int
  package let stateDigest: String
  package let ranks: Int
  package let shards: Int
  package let blasCore: String
  package let parameterCount: Int
  package let complete: Bool
  package let fileBytes: Int
  package let arrays: [Listing]
  /// The configuration and the provenance.
  package let texts: [Text]

  /// Verifies a file and sums it up, from its bytes alone. Not collective.
  /// - Throws: `CheckpointRejection`, `CheckpointError`.
  package init(inspecting path: String) throws {
    let header = try CheckpointVerifier.verify(path)
    let file = try ByteFile(path, .read)
    step = header.step
    formatVersion = header.formatVersion
    stateDigest = header.stateDigest
    ranks = header.ranks
    shards = header.shards
    blasCore = header.blasCore
    parameterCount = header.parameterCount
    complete = true
    fileBytes = header.fileBytes
    arrays = header.entries.map(\.specification).map {
      Listing(path: $0.path, shape: $0.shape, type: $0.type)
    }
    texts = try header.entries.filter { $0.specification.type == .text }.map {
      Text(
        path: $0.specification.path, text: String(decoding: try file.bytes($0.bytes), as: UTF8.self)
      )
    }
  }
}
