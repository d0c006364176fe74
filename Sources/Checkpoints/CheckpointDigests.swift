import Crypto
import Distributed

/// The digests of a file's bytes behind its user block: who computes which block, how they add up.
///
/// Each state array is cut into blocks of 1 MiB (the last one shorter), and so is each stretch of
/// other bytes between them. A block's SHA-256 is computed by one rank: from the file, or, by the one
/// that writes it, from the memory that the file is then compared with.
struct CheckpointDigests {
  /// SHA-256 over, for each state array in the header's order, the line "path type [shape]\n" and
  /// the SHA-256 of its blocks. Bytes are little-endian, so neither the number of ranks nor the
  /// layout of the file enters.
  let state: String
  /// SHA-256 over the SHA-256 of the blocks of all other bytes, in the order of the file.
  let remainder: String

  /// - Parameter blockDigests: 32 bytes for each of `blocks(of: header)`.
  init(header: CheckpointHeader, blockDigests: [UInt8]) {
    var state = SHA256()
    var position = 0
    func digests(of range: Range<Int>) -> ArraySlice<UInt8> {
      let count = Self.blocks(of: range).count * 32
      defer { position += count }
      return blockDigests[position..<position + count]
    }
    for entry in header.entries where entry.isState {
      let specification = entry.specification
      let shape = specification.shape.map { "\($0)" }.joined(separator: ",")
      state.update(
        data: Array("\(specification.path) \(specification.type.rawValue) [\(shape)]\n".utf8))
      state.update(data: digests(of: entry.bytes))
    }
    var remainder = SHA256()
    for range in Self.remainder(of: header) { remainder.update(data: digests(of: range)) }
    precondition(position == blockDigests.count, "digests: \(position) of \(blockDigests.count)")
    self.state = state.finalize().hexadecimal
    self.remainder = remainder.finalize().hexadecimal
  }

  /// All blocks: those of the state arrays, then the others.
  static func blocks(of header: CheckpointHeader) -> [Range<Int>] {
    let arrays = header.entries.filter(\.isState).map(\.bytes)
    return (arrays + remainder(of: header)).flatMap { blocks(of: $0) }
  }

  /// The SHA-256 of the blocks rank, rank + ranks, …: 32 bytes each.
  static func blockDigests(
    of file: borrowing ByteFile, header: CheckpointHeader, rank: Int, ranks: Int
  ) throws -> [UInt8] {
    let blocks = blocks(of: header)
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: CheckpointHeader.blockBytes, alignment: 64)
    defer { buffer.deallocate() }
    var digests: [UInt8] = []
    for index in stride(from: rank, to: blocks.count, by: ranks) {
      var hash = SHA256()
      hash.update(bufferPointer: try read(blocks[index], of: file, header, into: buffer))
      digests += hash.finalize()
    }
    return digests
  }

  /// The bytes of one block, from the file.
  static func read(
    _ block: Range<Int>, of file: borrowing ByteFile, _ header: CheckpointHeader,
    into buffer: UnsafeMutableRawBufferPointer
  ) throws -> UnsafeRawBufferPointer {
    let bytes = UnsafeMutableRawBufferPointer(rebasing: buffer[0..<block.count])
    let count = try file.read(into: bytes, at: block.lowerBound)
    guard count == block.count else {
      throw CheckpointRejection(
        file: file.path,
        reason: .wrongSize(expected: header.fileBytes, got: block.lowerBound + count))
    }
    return UnsafeRawBufferPointer(bytes)
  }

  /// Puts the ranks' block digests into the order of the blocks.
  static func merged(_ parts: [[UInt8]]) -> [UInt8] {
    var merged: [UInt8] = []
    let count = parts.reduce(0) { $0 + $1.count } / 32
    for index in 0..<count {
      let part = parts[index % parts.count]
      let start = index / parts.count * 32
      merged += part[start..<start + 32]
    }
    return merged
  }

  private static func remainder(of header: CheckpointHeader) -> [Range<Int>] {
    var gaps: [Range<Int>] = []
    var end = header.userBlockBytes
    let arrays = header.entries.filter { $0.isState && $0.specification.byteCount > 0 }
    for array in arrays.sorted(by: { $0.offset < $1.offset }) {
      if array.offset > end { gaps.append(end..<array.offset) }
      end = array.bytes.upperBound
    }
    if end < header.fileBytes { gaps.append(end..<header.fileBytes) }
    return gaps
  }

  private static func blocks(of range: Range<Int>) -> [Range<Int>] {
    stride(from: range.lowerBound, to: range.upperBound, by: CheckpointHeader.blockBytes).map {
      $0..<min($0 + CheckpointHeader.blockBytes, range.upperBound)
    }
  }
}
