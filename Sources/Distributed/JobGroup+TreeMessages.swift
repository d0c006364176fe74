import MPI

/// The shard tree over messages, for ranks on several hosts and for memory that others cannot read.
extension JobGroup {
  /// Slices travel in segments; while one segment is added the next one arrives.
  func receiveAndAdd<Scalar: TreeSummable>(
    partials: [UnsafePointer<Scalar>], segment: Int, longest: Int,
    slice: (_ rank: Int) -> Range<Int>, into result: UnsafeMutablePointer<Scalar>
  ) throws {
    let own = slice(rank)
    let received = staging.elements(2 * plan.nodes.count * segment, as: Scalar.self)
    let bases = self.bases.elements(plan.nodes.count, as: UnsafePointer<Scalar>.self)
    func receive(_ index: Int) throws {
      try receiveSegment(index, segment: segment, ownCount: own.count, received: received)
    }
    let segments = (longest + segment - 1) / segment
    if segments > 0 { try receive(0) }
    for index in 0..<segments {
      if index + 1 < segments {
        try sendSegment(index + 1, segment: segment, partials: partials, slice: slice)
        try receive(index + 1)
      }
      try wait(for: dataReceives[index % 2])
      let start = min(own.lowerBound + index * segment, own.upperBound)
      let half = received + (index % 2) * plan.nodes.count * segment
      for node in plan.nodes.indices { bases[node] = UnsafePointer(half + node * segment) }
      for index in partials.indices {
        bases[plan.firstNode[rank] + index] = partials[index] + start
      }
      let count = min(start + segment, own.upperBound) - start
      add(bases, count: count, into: result + (start - own.lowerBound))
      _ = try sends.progress()
    }
  }

  /// Starts to send one segment of each other rank's slice of the own partials.
  func sendSegment<Scalar: TreeSummable>(
    _ index: Int, segment: Int, partials: [UnsafePointer<Scalar>],
    slice: (_ rank: Int) -> Range<Int>
  ) throws {
    for peer in 0..<size where peer != rank {
      let start = slice(peer).lowerBound + index * segment
      let count = min(slice(peer).upperBound - start, segment)
      guard count > 0 else { continue }
      for partial in partials {
        let buffer = UnsafeBufferPointer(start: partial + start, count: count)
        sends.add(try communicator.startSend(buffer, to: peer, tag: Tag.data), peer: peer)
      }
    }
  }

  /// Starts to receive one segment of the own slice of all other ranks' partials.
  private func receiveSegment<Scalar: TreeSummable>(
    _ index: Int, segment: Int, ownCount: Int, received: UnsafeMutablePointer<Scalar>
  ) throws {
    let count = min(ownCount - index * segment, segment)
    guard count > 0 else { return }
    let half = received + (index % 2) * plan.nodes.count * segment
    for peer in 0..<size where peer != rank {
      for node in plan.firstNode[peer]..<plan.firstNode[peer + 1] {
        let buffer = UnsafeMutableBufferPointer(start: half + node * segment, count: count)
        let request = try communicator.startReceive(buffer, from: peer, tag: Tag.data)
        dataReceives[index % 2].add(request, peer: peer)
      }
    }
  }
}
