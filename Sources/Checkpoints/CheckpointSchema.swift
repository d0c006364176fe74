import Glibc
import HDF5

/// Turns a content into the objects of a file, and compares the two. Not collective.
enum CheckpointSchema {
  /// Large arrays start at a page of the file.
  private static let alignmentBytes = 4096

  /// Creates the file with all arrays, writes the small ones, and sets all space aside.
  /// - Returns: a header with the place of each array and without digests.
  static func create(
    _ path: String, _ content: CheckpointContent, ranks: Int
  ) throws -> CheckpointHeader {
    let specifications =
      content.distributed.flatMap(\.specifications) + content.replicated.map(\.specification)
      + content.texts.map(\.specification)
    requireDistinct(specifications)
    let userBlockBytes = CheckpointHeader.userBlockBytes(
      for: specifications, blasCore: content.blasCore)
    // The library leaves a half-closed file behind when its own writes find the disk full, so find
    // out first, with a generous estimate of what it adds.
    let estimate = specifications.reduce(userBlockBytes + (1 << 16)) {
      $0 + $1.byteCount + alignmentBytes
    }
    do { try ByteFile(path, .create).reserve(byteCount: estimate) }

    let options = HDF5FileOptions(
      userBlockBytes: userBlockBytes, alignmentBytes: alignmentBytes,
      alignmentThresholdBytes: 16 * alignmentBytes)
    let file = try HDF5File.create(at: path, options: options)
    var entries: [CheckpointHeader.Entry] = []
    func add(_ specification: ArraySpecification, isState: Bool = true, at offset: Int?) {
      entries.append(.init(specification: specification, isState: isState, offset: offset ?? 0))
    }
    for specification in content.distributed.flatMap(\.specifications) {
      let dataset = try file.createDataset(specification)
      add(specification, at: dataset.offsetInFile)
    }
    for array in content.replicated {
      let dataset = try file.createDataset(array.specification)
      let shape = array.specification.shape
      if array.specification.elementCount > 0 {
        try array.bytes.withUnsafeBytes {
          try dataset.write(
            bytes: $0, of: array.specification.type.scalarType!,
            to: Box.covering(0..<array.specification.elementCount, of: shape))
        }
      }
      add(array.specification, at: dataset.offsetInFile)
    }
    for text in content.texts {
      let offset = try file.writeText(text.text, to: text.path)
      add(text.specification, isState: text.isState, at: text.text.isEmpty ? nil : offset)
    }
    try file.close()

    let bytes = try ByteFile(path, .readWrite)
    let fileBytes = try bytes.byteCount()
    // What the library wrote has blocks already; this gives them to the arrays still to come.
    try bytes.reserve(byteCount: fileBytes)
    let blasCore = String(
      decoding: content.blasCore.utf8.map { $0 >= 0x20 && $0 < 0x7F ? $0 : 0x3F }, as: UTF8.self)
    return CheckpointHeader(
      userBlockBytes: userBlockBytes, fileBytes: fileBytes, step: content.step, ranks: ranks,
      shards: content.shards, blasCore: blasCore, parameterCount: content.parameterCount,
      stateDigest: String(repeating: "0", count: 64),
      remainderDigest: String(repeating: "0", count: 64), entries: entries)
  }

  /// Compares the bytes in the file with the slices that this rank owns.
  /// - Throws: `CheckpointError` with the array that differs.
  static func compare(
    _ file: borrowing ByteFile, with content: CheckpointContent, _ header: CheckpointHeader
  ) throws {
    // Small enough that the comparison finds it in the second-level cache.
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
    defer { buffer.deallocate() }
    // The header lists the distributed arrays first, in the order of the content.
    var position = 0
    for array in content.distributed {
      let entries = header.entries[position..<position + array.layout.count]
      position += array.layout.count
      for (specification, slice) in array.ownedSlices {
        guard let entry = entries.first(where: { $0.specification == specification }) else {
          preconditionFailure("\(specification.path) is not in the header")
        }
        let memory = array.bytes(of: slice.elements)
        let start = entry.offset + slice.withinArray.lowerBound * array.type.byteCount
        for done in stride(from: 0, to: memory.count, by: buffer.count) {
          let count = min(buffer.count, memory.count - done)
          let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[0..<count])
          guard try file.read(into: piece, at: start + done) == count,
            memcmp(piece.baseAddress!, memory.baseAddress! + done, count) == 0
          else {
            throw CheckpointError(
              "\(file.path): \(specification.path) reads back differently from what was written",
              hint: "suspect the file system or the disk")
          }
        }
      }
    }
  }

  private static func requireDistinct(_ specifications: [ArraySpecification]) {
    let sorted = specifications.map(\.path).sorted()
    for (path, next) in zip(sorted, sorted.dropFirst()) {
      precondition(path != next, "two arrays of a checkpoint are called \(path)")
    }
  }
}

extension HDF5File {
  fileprivate func createDataset(_ specification: ArraySpecification) throws -> HDF5Dataset {
    try createDataset(
      specification.path, of: specification.type.scalarType!, shape: specification.shape)
  }
}
