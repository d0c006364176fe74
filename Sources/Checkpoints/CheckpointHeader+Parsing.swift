import Glibc

extension CheckpointHeader {
  /// Reads and checks the header of an open file, by plain reads. Nothing else of the file is judged
  /// but its size.
  init(of file: borrowing ByteFile) throws {
    func reject(_ reason: RejectionReason) -> CheckpointRejection {
      CheckpointRejection(file: file.path, reason: reason)
    }
    let head = try file.bytes(0..<4096)
    if !head.isEmpty && head.allSatisfy({ $0 == 0 }) { throw reject(.incomplete) }
    guard head.starts(with: Self.magic.utf8) else { throw reject(.notACheckpoint) }
    var lines = HeaderLines(head, file.path)
    try lines.expect(Self.magic)
    let version = try lines.integer("formatVersion")
    guard version <= Self.currentFormatVersion else {
      throw reject(.newerFormat(found: version, known: Self.currentFormatVersion))
    }
    let blockBytes = try lines.integer("userBlockBytes")
    guard blockBytes >= 4096, blockBytes <= 1 << 26, blockBytes & (blockBytes - 1) == 0 else {
      throw reject(.damagedHeader("user block of \(blockBytes) bytes"))
    }
    let block = try file.bytes(0..<blockBytes)
    guard block.count == blockBytes else {
      throw reject(.wrongSize(expected: blockBytes, got: block.count))
    }
    let header = try CheckpointHeader(userBlock: block, file: file.path)
    let size = try file.byteCount()
    guard size == header.fileBytes else {
      throw reject(.wrongSize(expected: header.fileBytes, got: size))
    }
    self = header
  }

  /// Reads a whole user block.
  init(userBlock: [UInt8], file: String) throws {
    var lines = HeaderLines(userBlock, file)
    try lines.expect(Self.magic)
    formatVersion = try lines.integer("formatVersion")
    userBlockBytes = try lines.integer("userBlockBytes")
    fileBytes = try lines.integer("fileBytes")
    try lines.expect("complete: true")
    step = try lines.integer("step")
    ranks = try lines.integer("ranks")
    shards = try lines.integer("shards")
    blasCore = try lines.value("blasCore")
    parameterCount = try lines.integer("parameterCount")
    guard try lines.integer("blockBytes") == Self.blockBytes else {
      throw lines.damage("unexpected blockBytes")
    }
    stateDigest = try lines.value("stateDigest")
    remainderDigest = try lines.value("remainderDigest")
    entries = []
    var end = userBlockBytes
    let count = try lines.integer("arrays")
    // Each line has more than ten bytes: a count that cannot be true must not cost memory.
    guard count < userBlock.count / 10 else { throw lines.damage("\(count) arrays") }
    guard userBlockBytes == userBlock.count, formatVersion == Self.currentFormatVersion else {
      throw lines.damage("user block of \(userBlockBytes) bytes, version \(formatVersion)")
    }
    for _ in 0..<count { entries.append(try lines.entry()) }
    for entry in entries.filter({ $0.specification.byteCount > 0 })
      .sorted(by: { $0.offset < $1.offset })
    {
      guard entry.offset >= end, entry.bytes.upperBound <= fileBytes else {
        throw lines.damage("\(entry.specification.path) lies outside of its place")
      }
      end = entry.bytes.upperBound
    }
    // One comparison for everything that parsing does not look at: digest, padding, spelling.
    guard rendered == userBlock else { throw lines.damage("its bytes do not match its digest") }
  }
}

/// Takes a header apart, line by line. Numbers are bounded so that no arithmetic on them overflows.
private struct HeaderLines {
  private var rest: ArraySlice<UInt8>
  private let file: String

  init(_ block: [UInt8], _ file: String) {
    rest = block[...]
    self.file = file
  }

  func damage(_ text: String) -> CheckpointRejection {
    CheckpointRejection(file: file, reason: .damagedHeader(text))
  }

  mutating func line() throws -> String {
    guard let end = rest.firstIndex(of: 0x0A) else { throw damage("a line has no end") }
    let bytes = rest[rest.startIndex..<end]
    guard bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else {
      throw damage("a line is not printable text")
    }
    rest = rest[(end + 1)...]
    return String(decoding: bytes, as: UTF8.self)
  }

  mutating func expect(_ text: String) throws {
    let line = try line()
    guard line == text else { throw damage("expected \"\(text)\", got \"\(line.prefix(60))\"") }
  }

  mutating func value(_ key: String) throws -> String {
    let line = try line()
    guard line.hasPrefix(key + ": ") else {
      throw damage("expected \"\(key)\", got \"\(line.prefix(60))\"")
    }
    return String(line.dropFirst(key.count + 2))
  }

  mutating func integer(_ key: String) throws -> Int { try integer(in: value(key)) }

  mutating func entry() throws -> CheckpointHeader.Entry {
    let fields = try line().split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    guard fields.count == 5, let type = StoredType(rawValue: fields[1]),
      fields[2].hasPrefix("["), fields[2].hasSuffix("]"),
      ArraySpecification.isValid(path: fields[4])
    else { throw damage("an array's line reads \"\(fields.joined(separator: " ").prefix(80))\"") }
    let shape = try fields[2].dropFirst().dropLast().split(separator: ",").map {
      try integer(in: String($0))
    }
    var bytes = type.byteCount
    for extent in shape {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= 1 << 60 else { throw damage("shape \(shape)") }
      bytes = product
    }
    return CheckpointHeader.Entry(
      specification: ArraySpecification(path: fields[4], shape: shape, type: type),
      isState: fields[0] == "state", offset: try integer(in: fields[3]))
  }

  private func integer(in text: String) throws -> Int {
    guard let value = Int(text), value >= 0, value <= 1 << 60 else {
      throw damage("expected a number, got \"\(text.prefix(30))\"")
    }
    return value
  }
}
