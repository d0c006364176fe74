import Crypto
import HDF5

/// The text at the head of a checkpoint, in the user block that HDF5 leaves alone.
///
/// `head` shows it. It lists every array with its place in the file, so that digests are checked by
/// plain reads before any library parses the rest, and it carries two digests that cover the file:
/// of the state arrays, and of all other bytes. Its last line is the digest of the lines above;
/// newlines fill the block. A header is valid only if writing what was read gives the same bytes.
package struct CheckpointHeader: Equatable, Sendable {
  /// The version that this program writes, and the latest it reads.
  package static let currentFormatVersion = 1
  /// Digests are made of blocks of this many bytes, which the ranks share out.
  static let blockBytes = 1 << 20
  static let magic = "PORTOLAN CHECKPOINT"

  /// One array of the file.
  package struct Entry: Equatable, Sendable {
    package let specification: ArraySpecification
    /// Whether the state digest covers it.
    package let isState: Bool
    /// First byte in the file; 0 for an array without elements.
    package let offset: Int

    var bytes: Range<Int> { offset..<offset + specification.byteCount }
  }

  package var formatVersion = currentFormatVersion
  package var userBlockBytes: Int
  package var fileBytes: Int
  package var step: Int
  package var ranks: Int
  package var shards: Int
  package var blasCore: String
  package var parameterCount: Int
  /// SHA-256 of the state, 64 hexadecimal digits; see `stateDigest(of:blockDigests:)`.
  package var stateDigest: String
  /// SHA-256 of the bytes behind the user block that belong to no state array.
  package var remainderDigest: String
  package var entries: [Entry]

  /// The user block, byte for byte.
  var rendered: [UInt8] {
    var lines = [
      Self.magic, "formatVersion: \(formatVersion)", "userBlockBytes: \(userBlockBytes)",
      "fileBytes: \(fileBytes)", "complete: true", "step: \(step)", "ranks: \(ranks)",
      "shards: \(shards)", "blasCore: \(blasCore)", "parameterCount: \(parameterCount)",
      "blockBytes: \(Self.blockBytes)", "stateDigest: \(stateDigest)",
      "remainderDigest: \(remainderDigest)", "arrays: \(entries.count)",
    ]
    for entry in entries {
      let specification = entry.specification
      let shape = "[" + specification.shape.map { "\($0)" }.joined(separator: ",") + "]"
      lines.append(
        "\(entry.isState ? "state" : "record") \(specification.type.rawValue) \(shape) "
          + "\(entry.offset) \(specification.path)")
    }
    let body = Array((lines.joined(separator: "\n") + "\n").utf8)
    let text = body + Array("headerDigest: \(SHA256.hash(data: body).hexadecimal)\n".utf8)
    precondition(text.count <= userBlockBytes, "the header outgrew its user block")
    return text + [UInt8](repeating: 0x0A, count: userBlockBytes - text.count)
  }

  /// A power of two that holds the header of these arrays, at least one page.
  static func userBlockBytes(for specifications: [ArraySpecification], blasCore: String) -> Int {
    let lines = specifications.reduce(0) { $0 + $1.path.utf8.count + 21 * $1.shape.count + 50 }
    var bytes = 4096
    while bytes < 1024 + blasCore.utf8.count + lines { bytes *= 2 }
    return bytes
  }
}

extension Sequence where Element == UInt8 {
  /// Two lower-case digits a byte.
  var hexadecimal: String {
    let digits = Array("0123456789abcdef".utf8)
    var characters: [UInt8] = []
    for byte in self { characters += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    return String(decoding: characters, as: UTF8.self)
  }
}
