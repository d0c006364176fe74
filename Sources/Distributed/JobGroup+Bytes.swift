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
  public func barrier() throws { try perform(.barrier) {} }

  /// Adds the ranks' integers element by element; every rank holds the sums. Exact, hence the same in
  /// any order; overflow is a programmer error. Collective.
  public func sumIntegers(_ values: inout [Int64]) throws {
    let count = values.count
    let received = staging.elements(size * count, as: Int64.self)
    let own = values
    try own.withUnsafeBufferPointer { own in
      try perform(
        .sumIntegers, count: count, elementBytes: 8,
        startSends: {
          guard count > 0 else { return }
          for peer in 0..<size where peer != rank {
            sends.add(try communicator.startSend(own, to: peer, tag: Tag.data), peer: peer)
          }
        },
        {
          guard count > 0 else { return }
          for peer in 0..<size where peer != rank {
            let buffer = UnsafeMutableBufferPointer(start: received + peer * count, count: count)
            let request = try communicator.startReceive(buffer, from: peer, tag: Tag.data)
            dataReceives[0].add(request, peer: peer)
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
    try bytes.withUnsafeBufferPointer { own in
      try perform(
        operation, payloadBytes: bytes.count,
        startSends: {
          guard own.count > 0 else { return }
          for peer in 0..<size where peer != rank && isWanted(rank, peer) {
            sends.add(try communicator.startSend(own, to: peer, tag: Tag.data), peer: peer)
          }
        },
        {
          let senders = (0..<size).filter { $0 != rank && isWanted($0, rank) }
          let total = senders.reduce(0) { $0 + payloadBytes(ofRank: $1) }
          let received = staging.elements(total, as: UInt8.self)
          var offset = 0
          for peer in senders where payloadBytes(ofRank: peer) > 0 {
            let buffer = UnsafeMutableBufferPointer(
              start: received + offset, count: payloadBytes(ofRank: peer))
            let request = try communicator.startReceive(buffer, from: peer, tag: Tag.data)
            dataReceives[0].add(request, peer: peer)
            offset += buffer.count
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
}
