import Crypto

/// The SHA-256 of a file's blocks as one rank comes to know them.
struct BlockDigests {
  private var digests: [UInt8]
  private var isKnown: [Bool]

  /// Of none of `count` blocks yet.
  init(count: Int) {
    digests = [UInt8](repeating: 0, count: 32 * count)
    isKnown = [Bool](repeating: false, count: count)
  }

  /// Hashes this rank's blocks of an array that lie in `memory`.
  ///
  /// - Parameters:
  ///   - memory: what was written from byte `start` of the file on.
  ///   - place: the array's first byte in the file.
  mutating func add(
    _ memory: UnsafeRawBufferPointer, at start: Int, ofArrayAt place: Int, plan: DigestPlan
  ) {
    let step = CheckpointHeader.blockBytes
    // A slice may begin inside a block, which two ranks then have a part of.
    var byte = place + (start - place + step - 1) / step * step
    while let block = plan.block(at: byte) {
      let range = plan.blocks[block]
      guard range.upperBound <= start + memory.count else { return }
      if plan.isInMemory[block] {
        set(block, UnsafeRawBufferPointer(rebasing: memory[range.shifted(by: -start)]))
      }
      byte += step
    }
  }

  /// Hashes the rest of a rank's blocks, from the file.
  mutating func addMissing(
    from file: borrowing ByteFile, _ header: CheckpointHeader, rank: Int, plan: DigestPlan
  ) throws {
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: CheckpointHeader.blockBytes, alignment: 64)
    defer { buffer.deallocate() }
    for block in plan.blocks.indices where plan.owners[block] == rank && !isKnown[block] {
      set(block, try CheckpointDigests.read(plan.blocks[block], of: file, header, into: buffer))
    }
  }

  /// The digests of a rank's blocks, in order.
  func bytes(ofRank rank: Int, plan: DigestPlan) -> [UInt8] {
    plan.owners.indices.filter { plan.owners[$0] == rank }.flatMap { block in
      precondition(isKnown[block], "block \(plan.blocks[block]) has no digest")
      return digests[32 * block..<32 * block + 32]
    }
  }

  /// Puts the ranks' digests into the order of the blocks.
  static func merged(_ parts: [[UInt8]], plan: DigestPlan) -> [UInt8] {
    var merged: [UInt8] = []
    merged.reserveCapacity(32 * plan.blocks.count)
    var next = parts.map { _ in 0 }
    for rank in plan.owners {
      merged += parts[rank][next[rank]..<next[rank] + 32]
      next[rank] += 32
    }
    return merged
  }

  private mutating func set(_ block: Int, _ bytes: UnsafeRawBufferPointer) {
    var hash = SHA256()
    hash.update(bufferPointer: bytes)
    digests.replaceSubrange(32 * block..<32 * block + 32, with: Array(hash.finalize()))
    isKnown[block] = true
  }
}

extension Range<Int> {
  fileprivate func shifted(by distance: Int) -> Range<Int> {
    lowerBound + distance..<upperBound + distance
  }
}
