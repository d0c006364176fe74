/// Which rank computes the digest of which block of a file that is being written.
///
/// A block whose elements are all one rank's is hashed by that rank, from memory; any other one (a
/// border of slices, small arrays, what lies between arrays) from the file. The same on all ranks.
struct DigestPlan {
  /// Ranges of bytes in the file, as `CheckpointDigests.blocks`.
  let blocks: [Range<Int>]
  /// The rank that hashes each block.
  let owners: [Int]
  /// Whether it does so from memory.
  let isInMemory: [Bool]
  /// Number of the block that starts at a byte of the file.
  private let blockAtByte: [Int: Int]
  /// First byte of each distributed array, by the number of its group and its path.
  private let places: [[String: Int]]

  /// - Parameter owned: for each rank, its slice of each flat buffer.
  init(_ header: CheckpointHeader, _ content: CheckpointContent, owned: [[Range<Int>]]) {
    let blocks = CheckpointDigests.blocks(of: header)
    var owners = blocks.indices.map { $0 % owned.count }
    var isInMemory = [Bool](repeating: false, count: blocks.count)
    var places: [[String: Int]] = []
    // The header lists the distributed arrays first, in the order of the content; so do the blocks.
    var block = 0
    var position = 0
    for (index, array) in content.distributed.enumerated() {
      let entries = header.entries[position..<position + array.layout.count]
      position += array.layout.count
      places.append(
        Dictionary(uniqueKeysWithValues: entries.map { ($0.specification.path, $0.offset) }))
      for (entry, flat) in zip(entries, array.layout) {
        let size = array.type.byteCount
        while block < blocks.count, entry.bytes.contains(blocks[block].lowerBound) {
          let first = flat.offset + (blocks[block].lowerBound - entry.offset) / size
          let end = first + blocks[block].count / size
          if let rank = owned.firstIndex(where: {
            $0[index].lowerBound <= first && end <= $0[index].upperBound
          }) {
            owners[block] = rank
            isInMemory[block] = true
          }
          block += 1
        }
      }
    }
    self.blocks = blocks
    self.owners = owners
    self.isInMemory = isInMemory
    self.places = places
    blockAtByte = Dictionary(
      uniqueKeysWithValues: blocks.indices.map { (blocks[$0].lowerBound, $0) })
  }

  /// The first byte of an array of a group of the content.
  func place(ofArray index: Int, _ path: String) -> Int {
    guard let place = places[index][path] else { preconditionFailure("\(path) is in no header") }
    return place
  }

  /// The block that starts at a byte of the file.
  func block(at byte: Int) -> Int? { blockAtByte[byte] }
}
