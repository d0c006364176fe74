import CMPI

// One C call where all counts and displacements fit an Int32; above `segmentLimit` the same result
// out of broadcasts, reductions and messages, which are cut into pieces.
extension Communicator {
  /// The values of all ranks in rank order, on root; empty elsewhere. The count must be the same
  /// on every rank. Collective.
  public func gather<Element: MPIDatatype>(_ values: [Element], to root: Int = 0) throws
    -> [Element]
  {
    requireRank(root)
    let count = values.count
    if count * size > segmentLimit { return try gatherInMessages(values, to: root) }
    let type = Element.mpiType.raw
    return try array(count: rank == root ? count * size : 0) { result in
      // int MPI_Gather(const void *sendbuf, int sendcount, MPI_Datatype sendtype, void *recvbuf,
      //                int recvcount, MPI_Datatype recvtype, int root, MPI_Comm comm)
      try check(
        MPI_Gather(
          values, Int32(count), type, result.baseAddress, Int32(count), type, Int32(root), handle),
        "MPI_Gather")
    }
  }

  /// The values of all ranks in rank order, on every rank. The count must be the same on every
  /// rank. Collective.
  public func allGather<Element: MPIDatatype>(_ values: [Element]) throws -> [Element] {
    try allGather(values, counts: Array(repeating: values.count, count: size))
  }

  /// The values of all ranks in rank order, and how many each gave, on every rank. Collective.
  public func allGatherV<Element: MPIDatatype>(
    _ values: [Element]
  ) throws -> (values: [Element], counts: [Int]) {
    let counts = try allGather([Int64(values.count)], counts: Array(repeating: 1, count: size))
      .map { Int($0) }
    return (try allGather(values, counts: counts), counts)
  }

  /// Root's values in blocks of `count`, block r to rank r. Collective.
  ///
  /// - Parameter values: on root, count · size elements; elsewhere ignored.
  public func scatter<Element: MPIDatatype>(
    _ values: [Element], count: Int, from root: Int = 0
  ) throws -> [Element] {
    requireRank(root)
    precondition(
      rank != root || values.count == count * size,
      "expected \(count * size) elements to scatter, got \(values.count)")
    if count * size > segmentLimit {
      return try scatterInMessages(values, count: count, from: root)
    }
    let type = Element.mpiType.raw
    return try array(count: count) { result in
      // int MPI_Scatter(const void *sendbuf, int sendcount, MPI_Datatype sendtype, void *recvbuf,
      //                 int recvcount, MPI_Datatype recvtype, int root, MPI_Comm comm)
      try check(
        MPI_Scatter(
          values, Int32(count), type, result.baseAddress, Int32(count), type, Int32(root), handle),
        "MPI_Scatter")
    }
  }

  /// Combines the ranks' values element by element; rank r gets the r-th block of the result.
  /// Collective.
  ///
  /// - Parameter counts: length of each rank's block; their sum is `values.count`.
  public func reduceScatter<Element: MPIDatatype>(
    _ values: [Element], counts: [Int], _ operation: ReductionOperation
  ) throws -> [Element] {
    precondition(
      counts.count == size && counts.reduce(0, +) == values.count,
      "expected \(size) counts with sum \(values.count), got \(counts)")
    if values.count > segmentLimit {
      return try reduceScatterInPieces(values, counts: counts, operation)
    }
    return try array(count: counts[rank]) { result in
      // int MPI_Reduce_scatter(const void *sendbuf, void *recvbuf, const int recvcounts[],
      //                        MPI_Datatype datatype, MPI_Op op, MPI_Comm comm)
      try check(
        MPI_Reduce_scatter(
          values, result.baseAddress, counts.map { Int32($0) }, Element.mpiType.raw,
          operation.handle, handle), "MPI_Reduce_scatter")
    }
  }

  // MARK: - Helpers

  private func allGather<Element: MPIDatatype>(
    _ values: [Element], counts: [Int]
  ) throws -> [Element] {
    let total = counts.reduce(0, +)
    var starts = [0]
    for count in counts { starts.append(starts[starts.count - 1] + count) }
    return try array(count: total) { result in
      _ = UnsafeMutableBufferPointer(rebasing: result[starts[rank]..<starts[rank + 1]])
        .update(fromContentsOf: values)
      if total > segmentLimit {
        for root in 0..<size {
          let block = UnsafeMutableBufferPointer(rebasing: result[starts[root]..<starts[root + 1]])
          try broadcast(block, from: root)
        }
      } else {
        // int MPI_Allgatherv(const void *sendbuf, int sendcount, MPI_Datatype sendtype,
        //                    void *recvbuf, const int recvcounts[], const int displs[],
        //                    MPI_Datatype recvtype, MPI_Comm comm)
        try check(
          MPI_Allgatherv(
            cmpi_in_place(), 0, Element.mpiType.raw, result.baseAddress, counts.map { Int32($0) },
            starts.map { Int32($0) }, Element.mpiType.raw, handle), "MPI_Allgatherv")
      }
    }
  }

  private func gatherInMessages<Element: MPIDatatype>(
    _ values: [Element], to root: Int
  ) throws -> [Element] {
    let count = values.count
    guard rank == root else {
      try values.withUnsafeBufferPointer { try startSend($0, to: root, tag: 0).wait() }
      return []
    }
    return try array(count: count * size) { result in
      for source in 0..<size {
        let block = UnsafeMutableBufferPointer(
          rebasing: result[source * count..<(source + 1) * count])
        if source == root {
          _ = block.update(fromContentsOf: values)
        } else {
          try startReceive(block, from: source, tag: 0).wait()
        }
      }
    }
  }

  private func scatterInMessages<Element: MPIDatatype>(
    _ values: [Element], count: Int, from root: Int
  ) throws -> [Element] {
    if rank == root {
      try values.withUnsafeBufferPointer { all in
        for destination in 0..<size where destination != root {
          let block = UnsafeBufferPointer(
            rebasing: all[destination * count..<(destination + 1) * count])
          try startSend(block, to: destination, tag: 0).wait()
        }
      }
      return Array(values[root * count..<(root + 1) * count])
    }
    return try array(count: count) { try startReceive($0, from: root, tag: 0).wait() }
  }

  private func reduceScatterInPieces<Element: MPIDatatype>(
    _ values: [Element], counts: [Int], _ operation: ReductionOperation
  ) throws -> [Element] {
    var start = 0
    var mine: [Element] = []
    for root in 0..<size {
      var block = Array(values[start..<start + counts[root]])
      try reduce(&block, operation, to: root)
      if root == rank { mine = block }
      start += counts[root]
    }
    return mine
  }

  /// An array of `count` elements that `fill` writes in full.
  private func array<Element: MPIDatatype>(
    count: Int, fill: (UnsafeMutableBufferPointer<Element>) throws -> Void
  ) throws -> [Element] {
    try [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
      try fill(UnsafeMutableBufferPointer(rebasing: buffer[0..<count]))
      initialized = count
    }
  }
}
