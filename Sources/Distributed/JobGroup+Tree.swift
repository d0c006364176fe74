import MPI

extension JobGroup {
  /// The reduce half of an all-reduce: rank p gets slice p of the sum over all shards.
  ///
  /// Sums along the shard tree: the same bits for any number of ranks. Every rank sends slice p of
  /// each of its sub-tree partials to rank p, which does the rest of the additions.
  /// Collective; each rank sends (sub-trees) · N (P − 1) / P elements. With one rank a copy, or nothing
  /// if `ownedSlice` is the partial itself.
  ///
  /// - Parameters:
  ///   - partials: one vector of N elements for each of `ownSubtrees`, in order: the sum of that
  ///     sub-tree's shards. Not changed.
  ///   - count: N, the same on all ranks.
  ///   - ownedSlice: room for `SliceLayout(count: N, ranks: size)[rank]`. May be the place of that
  ///     slice within a partial.
  /// - Throws: `DeadlineError`, `DesynchronisationError`, `MPIError`.
  public func treeReduce<Scalar: TreeSummable>(
    partials: [UnsafePointer<Scalar>], count: Int, into ownedSlice: UnsafeMutablePointer<Scalar>
  ) throws {
    let layout = SliceLayout(count: count, ranks: size)
    try sumAlongTree(.treeReduce, partials: partials, count: count, into: ownedSlice) { layout[$0] }
  }

  /// The sum over all shards on every rank, for short vectors: losses, statistics.
  ///
  /// The same bits for any number of ranks. One round: every rank gets all partials and adds them
  /// up itself. Collective; each rank sends (sub-trees) · N (P − 1) elements, so long vectors go through
  /// `treeReduce` and `gatherSlices`.
  ///
  /// - Parameters: as in `treeReduce`, but `result` has room for all N elements.
  public func treeSum<Scalar: TreeSummable>(
    partials: [UnsafePointer<Scalar>], count: Int, into result: UnsafeMutablePointer<Scalar>
  ) throws {
    try sumAlongTree(.treeSum, partials: partials, count: count, into: result) { _ in 0..<count }
  }

  /// The sum over all shards on every rank, from one vector for each of `ownShards`, in order.
  /// Allocates; the same bits as `treeSum(partials:count:into:)`. Collective.
  public func treeSum<Scalar: TreeSummable>(shardValues: [[Scalar]]) throws -> [Scalar] {
    precondition(
      shardValues.count == ownShards.count,
      "expected one vector for each of \(ownShards.count) shards, got \(shardValues.count)")
    let count = shardValues[0].count
    precondition(
      shardValues.allSatisfy { $0.count == count }, "expected vectors of one length, \(count)")
    let partials = ownSubtrees.map { subtree in
      let first = subtree.first - ownShards.first
      let leaves = Array(shardValues[first..<first + subtree.count])
      return tree.sum(leaves, of: subtree) { left, right in zip(left, right).map { $0 + $1 } }
    }
    // One block for all partials: pointers into several arrays cannot be held at once. One element
    // more, so that empty vectors have an address: their rank must take part all the same.
    let flat = partials.flatMap { $0 } + [Scalar.zero]
    return try flat.withUnsafeBufferPointer { buffer in
      try [Scalar](unsafeUninitializedCapacity: count + 1) { result, initialized in
        guard let base = buffer.baseAddress, let resultBase = result.baseAddress else {
          preconditionFailure("expected storage for \(count) elements, got none")
        }
        let pointers = partials.indices.map { base + $0 * count }
        try treeSum(partials: pointers, count: count, into: resultBase)
        initialized = count
      }
    }
  }

  /// The gather half of an all-reduce: every rank's own slice of `buffer` goes to all ranks.
  /// Collective; in place.
  ///
  /// - Parameter buffer: N elements, of which this rank's slice by `SliceLayout` is valid.
  public func gatherSlices<Scalar: MPIDatatype>(
    _ buffer: UnsafeMutablePointer<Scalar>, count: Int
  ) throws {
    let layout = SliceLayout(count: count, ranks: size)
    try perform(
      .gatherSlices, count: count, elementBytes: MemoryLayout<Scalar>.stride,
      startSends: {
        guard !layout[rank].isEmpty else { return }
        let own = UnsafeBufferPointer(
          start: UnsafePointer(buffer + layout[rank].lowerBound), count: layout[rank].count)
        for peer in 0..<size where peer != rank {
          sends.add(try communicator.startSend(own, to: peer, tag: Tag.data), peer: peer)
        }
      },
      {
        for peer in 0..<size where peer != rank && !layout[peer].isEmpty {
          let slice = UnsafeMutableBufferPointer(
            start: buffer + layout[peer].lowerBound, count: layout[peer].count)
          let request = try communicator.startReceive(slice, from: peer, tag: Tag.data)
          dataReceives[0].add(request, peer: peer)
        }
        try wait(for: dataReceives[0])
      })
  }

  // MARK: - Helpers

  /// Elements that are added at a time: all nodes' blocks stay in the first-level caches.
  private static var blockCount: Int { 1024 }

  /// Sends each peer its slice of the own partials, and adds up the own slice.
  ///
  /// Slices travel in segments; while one segment is added the next one arrives.
  private func sumAlongTree<Scalar: TreeSummable>(
    _ operation: Operation, partials: [UnsafePointer<Scalar>], count: Int,
    into result: UnsafeMutablePointer<Scalar>, slice: (_ rank: Int) -> Range<Int>
  ) throws {
    precondition(
      partials.count == ownSubtrees.count,
      "expected one partial for each of \(ownSubtrees.count) sub-trees, got \(partials.count)")
    let own = slice(rank)
    let longest = (0..<size).reduce(0) { max($0, slice($1).count) }
    let segment = max(min(segmentBytes / MemoryLayout<Scalar>.stride, longest), 1)
    let received = staging.elements(2 * plan.nodes.count * segment, as: Scalar.self)
    let temporaries = blocks.elements(plan.nodes.count * Self.blockCount, as: Scalar.self)
    let segments = (longest + segment - 1) / segment
    func send(_ index: Int) throws {
      try sendSegment(index, segment: segment, partials: partials, slice: slice)
    }
    func receive(_ index: Int) throws {
      try receiveSegment(index, segment: segment, ownCount: own.count, received: received)
    }
    try perform(
      operation, count: count, elementBytes: MemoryLayout<Scalar>.stride,
      startSends: { if segments > 0 { try send(0) } },
      {
        if segments > 0 { try receive(0) }
        for index in 0..<segments {
          if index + 1 < segments {
            try send(index + 1)
            try receive(index + 1)
          }
          try wait(for: dataReceives[index % 2])
          let start = min(own.lowerBound + index * segment, own.upperBound)
          let end = min(start + segment, own.upperBound)
          let half = received + (index % 2) * plan.nodes.count * segment
          addSegment(
            partials: partials, start: start, count: end - start, received: half,
            segment: segment, temporaries: temporaries, into: result + (start - own.lowerBound))
          _ = try sends.progress()
        }
      })
  }

  /// Starts to send one segment of each other rank's slice of the own partials.
  private func sendSegment<Scalar: TreeSummable>(
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

  /// Finishes the tree over one segment, block by block.
  private func addSegment<Scalar: TreeSummable>(
    partials: [UnsafePointer<Scalar>], start: Int, count: Int,
    received: UnsafeMutablePointer<Scalar>, segment: Int,
    temporaries: UnsafeMutablePointer<Scalar>, into result: UnsafeMutablePointer<Scalar>
  ) {
    let firstOwn = plan.firstNode[rank]
    let endOwn = plan.firstNode[rank + 1]
    if plan.merges.isEmpty {
      if UnsafePointer(result) != partials[0] + start {
        result.update(from: partials[0] + start, count: count)
      }
      return
    }
    // A node is read where it arrived until an addition has put it among the temporaries.
    func place(_ node: Int, _ offset: Int, isMerged: Bool) -> UnsafePointer<Scalar> {
      if isMerged { return UnsafePointer(temporaries + node * Self.blockCount) }
      if firstOwn <= node && node < endOwn { return partials[node - firstOwn] + start + offset }
      return UnsafePointer(received + node * segment + offset)
    }
    var offset = 0
    while offset < count {
      let block = min(Self.blockCount, count - offset)
      for index in plan.merges.indices {
        let merge = plan.merges[index]
        let isLast = index == plan.merges.count - 1
        Scalar.add(
          place(merge.into, offset, isMerged: merge.intoIsSum),
          place(merge.from, offset, isMerged: merge.fromIsSum),
          into: isLast ? result + offset : temporaries + merge.into * Self.blockCount,
          count: block)
      }
      offset += block
    }
  }
}
