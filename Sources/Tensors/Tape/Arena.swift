/// Bump allocation of 64-byte aligned blocks that stay where they are until the arena is reset.
struct Arena<Scalar> {
  private var chunks: [UnsafeMutableBufferPointer<Scalar>] = []
  private var chunk = 0
  private var used = 0
  /// Elements in a cache line.
  private static var line: Int { 64 / MemoryLayout<Scalar>.stride }

  /// Bytes held.
  var bytes: Int { chunks.reduce(0) { $0 + $1.count * MemoryLayout<Scalar>.stride } }

  /// A block of `count` elements: zeros at first, what was there before after a reset.
  mutating func allocate(_ count: Int) -> UnsafeMutablePointer<Scalar> {
    let needed = Self.rounded(max(1, count))
    while chunk < chunks.count, used + needed > chunks[chunk].count {
      chunk += 1
      used = 0
    }
    if chunk == chunks.count {
      let previous = chunks.last?.count ?? 0
      let capacity = max(needed, previous, (64 << 10) / MemoryLayout<Scalar>.stride)
      let raw = UnsafeMutableRawPointer.allocate(
        byteCount: capacity * MemoryLayout<Scalar>.stride, alignment: 64)
      raw.initializeMemory(
        as: UInt8.self, repeating: 0, count: capacity * MemoryLayout<Scalar>.stride)
      chunks.append(
        UnsafeMutableBufferPointer(
          start: raw.bindMemory(to: Scalar.self, capacity: capacity), count: capacity))
      used = 0
    }
    defer { used += needed }
    return chunks[chunk].baseAddress! + used
  }

  /// Makes all memory free again without giving it back.
  mutating func reset() {
    chunk = 0
    used = 0
  }

  mutating func release() {
    for chunk in chunks { chunk.baseAddress?.deallocate() }
    chunks = []
    reset()
  }

  /// `count` rounded up to whole cache lines.
  static func rounded(_ count: Int) -> Int { (count + line - 1) / line * line }
}
