import MPI

extension JobGroup {
  /// Runs `body`, which must not communicate, and throws on all ranks if it threw on any. Collective.
  ///
  /// - Throws: `RemoteError`, the same on every rank, with the messages of the ranks that failed.
  public func agreed<Result>(_ body: () throws -> Result) throws -> Result {
    let outcome: Swift.Result<Result, any Error> = Swift.Result { try body() }
    switch outcome {
    case .success(let value):
      try agree(on: nil)
      return value
    case .failure(let error):
      try agree(on: error)
      preconditionFailure("expected an agreed error to be thrown: \(error)")
    }
  }

  /// Throws on all ranks if any rank brings an error. Collective; without an error, headers only.
  ///
  /// The group stays whole: all ranks know the error and may go on together.
  ///
  /// - Throws: `RemoteError`, the same on every rank.
  public func agree(on error: (any Error)?) throws {
    var bytes: [UInt8] = []
    if let error {
      let code = JobFailure.exitCode(of: error)
      let concernsWholeJob = (error as? any ExitCodeCarrying)?.concernsWholeJob ?? false
      bytes = [UInt8(truncatingIfNeeded: code), concernsWholeJob ? 1 : 0]
      bytes += Array("\(error)".utf8)
    }
    let all = try exchangeBytes(.agree, bytes) { _, _ in true }
    let failed = all.indices.filter { !all[$0].isEmpty }
    guard let first = failed.first else { return }
    throw RemoteError(
      reports: failed.map { rank in
        let message = String(decoding: all[rank].dropFirst(2), as: UTF8.self)
        return RemoteError.Report(
          rank: rank, message: message, concernsWholeJob: all[rank][1] == 1)
      },
      exitCode: Int32(all[first][0]), ranks: size)
  }

  /// Whether any rank wants to stop: now, by its signals, or in any operation before. Collective.
  public func agreeOnStop(_ wanted: Bool) throws -> Bool {
    try perform(.agreeOnStop, stop: wanted) { _ in isStopAgreed }
  }

  /// Refuses a job whose ranks differ in facts that must be equal: configuration, version, BLAS core,
  /// layout. Call once, before any work. Collective.
  ///
  /// - Throws: `DisagreementError`, the same on every rank, naming facts, values and ranks.
  public func requireAgreement(_ facts: KeyValuePairs<String, String>) throws {
    try requireAgreement(facts.map { (key: $0.key, value: $0.value) })
  }

  /// As above, for facts that are not written down as a literal. Keys must be unique.
  public func requireAgreement(_ facts: [(key: String, value: String)]) throws {
    // Length before text, so that no text can be taken for a border.
    var bytes: [UInt8] = []
    for text in facts.flatMap({ [$0.key, $0.value] }) {
      let encoded = Array(text.utf8)
      withUnsafeBytes(of: UInt64(encoded.count).littleEndian) { bytes += $0 }
      bytes += encoded
    }
    let all = try exchangeBytes(.requireAgreement, bytes) { _, _ in true }
    let differences = Self.differences(all.map(Self.decodedFacts))
    if !differences.isEmpty { throw DisagreementError(differences: differences) }
  }

  /// The facts that are not equal in all lists, in order of first appearance.
  static func differences(
    _ lists: [[(key: String, value: String)]]
  ) -> [DisagreementError.Difference] {
    var keys: [String] = []
    for fact in lists.joined() where !keys.contains(fact.key) { keys.append(fact.key) }
    return keys.compactMap { key in
      var values: [DisagreementError.Value] = []
      for (rank, facts) in lists.enumerated() {
        let text = facts.first { $0.key == key }?.value
        if let known = values.firstIndex(where: { $0.text == text }) {
          values[known] = .init(text: text, ranks: values[known].ranks + [rank])
        } else {
          values.append(.init(text: text, ranks: [rank]))
        }
      }
      return values.count > 1 ? .init(key: key, values: values) : nil
    }
  }

  private static func decodedFacts(_ bytes: [UInt8]) -> [(key: String, value: String)] {
    var texts: [String] = []
    var offset = 0
    while offset < bytes.count {
      let count = bytes[offset..<offset + 8].reversed().reduce(0) { $0 << 8 | Int($1) }
      offset += 8
      texts.append(String(decoding: bytes[offset..<offset + count], as: UTF8.self))
      offset += count
    }
    return stride(from: 0, to: texts.count, by: 2).map { (texts[$0], texts[$0 + 1]) }
  }
}
