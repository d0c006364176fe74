import MPI

extension JobGroup {
  /// The reduce half of an all-reduce: rank p gets slice p of the sum over all shards.
  ///
  /// Sums along the shard tree: the same bits for any number of ranks. Every rank sends slice p of
  /// each of its sub-tree partials to rank p, which does the rest of the additions; if all partials of
  /// all ranks lie in `ExchangeMemory` that is shared, it reads them in place.
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

  // MARK: - Helpers

  /// Elements that are added at a time: all nodes' blocks stay in the first-level caches.
  private static var blockCount: Int { 1024 }

  /// Gets the others' partials of the own slice in one of three ways, and adds them up.
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
    try perform(
      operation, count: count, elementBytes: MemoryLayout<Scalar>.stride,
      offer: { offer(partials, count: count, in: $0) },
      startSends: {
        if longest > 0 { try sendSegment(0, segment: segment, partials: partials, slice: slice) }
      },
      { offer in
        guard offer == .messages else {
          let bases = sharedBases(offer, partials: partials, count: count, from: own.lowerBound)
          return add(bases, count: own.count, into: result)
        }
        try receiveAndAdd(
          partials: partials, segment: segment, longest: longest, slice: slice, into: result)
      })
  }

  /// Puts the own partials into the slot if all ranks' are short, else their places if all have one.
  private func offer<Scalar: TreeSummable>(
    _ partials: [UnsafePointer<Scalar>], count: Int, in slot: SharedBoard.Slot
  ) -> SharedBoard.Offer {
    let bytes = count * MemoryLayout<Scalar>.stride
    if plan.mostNodesOfARank * bytes <= SharedBoard.inlineBytes {
      let place = slot.bytes.assumingMemoryBound(to: Scalar.self)
      for index in partials.indices {
        (place + index * count).update(from: partials[index], count: count)
      }
      return .bytes
    }
    for index in partials.indices {
      guard let address = sharedAddress(of: partials[index], byteCount: bytes) else {
        return .messages
      }
      slot.addresses[index] = address
    }
    return .addresses
  }

  /// Where each node's element `first` is, in rank order; valid until the next call.
  private func sharedBases<Scalar: TreeSummable>(
    _ offer: SharedBoard.Offer, partials: [UnsafePointer<Scalar>], count: Int, from first: Int
  ) -> UnsafeMutablePointer<UnsafePointer<Scalar>> {
    let bases = self.bases.elements(plan.nodes.count, as: UnsafePointer<Scalar>.self)
    for peer in 0..<size {
      for node in plan.firstNode[peer]..<plan.firstNode[peer + 1] {
        let index = node - plan.firstNode[peer]
        if peer == rank {
          bases[node] = partials[index] + first
        } else if offer == .bytes {
          let bytes = UnsafePointer(slot(ofRank: peer).bytes.assumingMemoryBound(to: Scalar.self))
          bases[node] = bytes + (index * count + first)
        } else {
          let vector = pointer(to: slot(ofRank: peer).addresses[index], ofRank: peer)
          bases[node] = vector.assumingMemoryBound(to: Scalar.self) + first
        }
      }
    }
    return bases
  }

  /// Finishes the tree over `count` elements, block by block.
  func add<Scalar: TreeSummable>(
    _ bases: UnsafeMutablePointer<UnsafePointer<Scalar>>, count: Int,
    into result: UnsafeMutablePointer<Scalar>
  ) {
    let merges = plan.merges
    if merges.isEmpty {
      if UnsafePointer(result) != bases[0] { result.update(from: bases[0], count: count) }
      return
    }
    // Two nodes need no place for sums in between, hence no blocks.
    let blockCount = merges.count == 1 ? count : Self.blockCount
    let temporaries = blocks.elements(
      merges.count == 1 ? 0 : plan.nodes.count * Self.blockCount, as: Scalar.self)
    // A node is read where it is until an addition has put it among the temporaries.
    func place(_ node: Int, _ offset: Int, isSum: Bool) -> UnsafePointer<Scalar> {
      isSum ? UnsafePointer(temporaries + node * Self.blockCount) : bases[node] + offset
    }
    var offset = 0
    while offset < count {
      let block = min(blockCount, count - offset)
      for index in merges.indices {
        let merge = merges[index]
        let isLast = index == merges.count - 1
        Scalar.add(
          place(merge.into, offset, isSum: merge.intoIsSum),
          place(merge.from, offset, isSum: merge.fromIsSum),
          into: isLast ? result + offset : temporaries + merge.into * Self.blockCount,
          count: block)
      }
      offset += block
    }
  }
}
