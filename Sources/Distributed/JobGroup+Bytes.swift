import MPI

extension JobGroup {
  /// Copies root's bytes to all ranks, whatever their number. Collective.
  public func broadcast(_ bytes: inout [UInt8], from root: Int = 0) throws {
    let own = bytes
    let gathered = try exchangeBytes(.broadcast, rank == root ? own : []) { sender, _ in
      sender == root
    }
    bytes = gathered[root]
  }

  /// All ranks' bytes in rank order, on root; empty arrays elsewhere. Collective.
  public func gather(_ bytes: [UInt8], to root: Int = 0) throws -> [[UInt8]] {
    let gathered = try exchangeBytes(.gatherBytes, bytes) { _, receiver in receiver == root }
    return rank == root ? gathered : Array(repeating: [], count: size)
  }

  /// All ranks' bytes in rank order, on every rank. Collective.
  public func allGather(_ bytes: [UInt8]) throws -> [[UInt8]] {
    try exchangeBytes(.allGatherBytes, bytes) { _, _ in true }
  }

  /// Returns on no rank before all ranks have come. Collective.
  public func barrier() throws { try perform(.barrier) { _ in } }

  /// Adds the ranks' integers element by element; every rank holds the sums. Exact, hence the same in
  /// any order; overflow is a programmer error. Collective.
  public func sumIntegers(_ values: inout [Int64]) throws {
    let count = values.count
    let received = staging.elements(size * count, as: Int64.self)
    let own = values
    try own.withUnsafeBytes { own in
      try perform(
        .sumIntegers, count: count, elementBytes: 8, offer: { Self.offer(own, in: $0) },
        startSends: { try sendBytes(own) { _ in true } },
        { offer in
          let bytes = UnsafeMutableRawPointer(received)
          for peer in 0..<size where peer != rank {
            try fetchBytes(offer, into: bytes + 8 * peer * count, count: 8 * count, from: peer)
          }
          try wait(for: dataReceives[0])
        })
    }
    for peer in 0..<size where peer != rank {
      for index in 0..<count { values[index] += received[peer * count + index] }
    }
  }

  /// Sends bytes of any number from each rank to those that `isWanted` names. The lengths are in the
  /// headers, so receives start once these are in.
  func exchangeBytes(
    _ operation: Operation, _ bytes: [UInt8], isWanted: (_ sender: Int, _ receiver: Int) -> Bool
  ) throws -> [[UInt8]] {
    var result = [[UInt8]](repeating: [], count: size)
    if isWanted(rank, rank) { result[rank] = bytes }
    try bytes.withUnsafeBytes { own in
      try perform(
        operation, payloadBytes: bytes.count, offer: { Self.offer(own, in: $0) },
        startSends: { try sendBytes(own) { isWanted(rank, $0) } },
        { offer in
          let senders = (0..<size).filter { $0 != rank && isWanted($0, rank) }
          let total = senders.reduce(0) { $0 + payloadBytes(ofRank: $1) }
          let received = staging.elements(total, as: UInt8.self)
          var offset = 0
          for peer in senders {
            let count = payloadBytes(ofRank: peer)
            try fetchBytes(offer, into: received + offset, count: count, from: peer)
            offset += count
          }
          try wait(for: dataReceives[0])
          offset = 0
          for peer in senders {
            let count = payloadBytes(ofRank: peer)
            result[peer] = Array(UnsafeBufferPointer(start: received + offset, count: count))
            offset += count
          }
        })
    }
    return result
  }

  /// All ranks' numbers in rank order, `counts[r]` of rank r, for use in every step: nothing is
  /// allocated. Collective; bytes travel as they are.
  ///
  /// - Parameters:
  ///   - own: this rank's numbers, `counts[rank]` of them.
  ///   - all: room for the sum of `counts`.
  package func allGather<Element: MPIDatatype>(
    _ own: UnsafePointer<Element>, counts: [Int], into all: UnsafeMutablePointer<Element>
  ) throws {
    precondition(counts.count == size, "expected \(size) counts, got \(counts.count)")
    let stride = MemoryLayout<Element>.stride
    let longest = counts.reduce(0, max)
    let bytes = UnsafeRawBufferPointer(start: own, count: counts[rank] * stride)
    try perform(
      .allGatherNumbers, count: counts.reduce(0, +), elementBytes: stride,
      offer: { longest * stride > SharedBoard.inlineBytes ? .messages : Self.offer(bytes, in: $0) },
      startSends: { try sendBytes(bytes) { _ in true } },
      { offer in
        var place = UnsafeMutableRawPointer(all)
        for peer in 0..<size {
          if peer == rank {
            if bytes.count > 0 { place.copyMemory(from: own, byteCount: bytes.count) }
          } else {
            try fetchBytes(offer, into: place, count: counts[peer] * stride, from: peer)
          }
          place += counts[peer] * stride
        }
        try wait(for: dataReceives[0])
      })
  }

  // MARK: - Helpers

  /// Puts bytes into the own slot if there is room.
  static func offer(
    _ bytes: UnsafeRawBufferPointer, in slot: SharedBoard.Slot
  ) -> SharedBoard.Offer {
    guard bytes.count <= SharedBoard.inlineBytes else { return .messages }
    if let base = bytes.baseAddress { slot.bytes.copyMemory(from: base, byteCount: bytes.count) }
    return .bytes
  }

  private func sendBytes(
    _ bytes: UnsafeRawBufferPointer, isWanted: (_ receiver: Int) -> Bool
  ) throws {
    guard bytes.count > 0 else { return }
    let own = bytes.bindMemory(to: UInt8.self)
    for peer in 0..<size where peer != rank && isWanted(peer) {
      sends.add(try communicator.startSend(own, to: peer, tag: Tag.data), peer: peer)
    }
  }

  /// Copies what a rank offers, or starts to receive it.
  private func fetchBytes(
    _ offer: SharedBoard.Offer, into place: UnsafeMutableRawPointer, count: Int, from peer: Int
  ) throws {
    guard count > 0 else { return }
    if offer == .bytes { return place.copyMemory(from: slot(ofRank: peer).bytes, byteCount: count) }
    let buffer = UnsafeMutableBufferPointer(
      start: place.assumingMemoryBound(to: UInt8.self), count: count)
    let request = try communicator.startReceive(buffer, from: peer, tag: Tag.data)
    dataReceives[0].add(request, peer: peer)
  }
}
