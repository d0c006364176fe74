import CMPI

// Each C call takes an Int32 count; longer buffers go in pieces of `segmentLimit` elements. Broadcast
// and the reductions work element by element, so that pieces change nothing but the calls made.
extension Communicator {
  /// Returns on no rank before all ranks have come. Collective.
  public func barrier() throws { try check(MPI_Barrier(handle), "MPI_Barrier") }

  /// Copies root's values to all ranks; the count must be the same everywhere. Collective.
  public func broadcast<Element: MPIDatatype>(
    _ values: inout [Element], from root: Int = 0
  ) throws {
    try values.withUnsafeMutableBufferPointer { try broadcast($0, from: root) }
  }

  /// Combines the ranks' values element by element; root holds the result, the others keep theirs.
  /// Collective.
  public func reduce<Element: MPIDatatype>(
    _ values: inout [Element], _ operation: ReductionOperation, to root: Int = 0
  ) throws {
    try values.withUnsafeMutableBufferPointer { try reduce($0, operation, to: root) }
  }

  /// Combines the ranks' values element by element; every rank holds the result. Collective.
  public func allReduce<Element: MPIDatatype>(
    _ values: inout [Element], _ operation: ReductionOperation
  ) throws {
    try values.withUnsafeMutableBufferPointer { try allReduce($0, operation) }
  }

  // MARK: - On buffers

  package func broadcast<Element: MPIDatatype>(
    _ buffer: UnsafeMutableBufferPointer<Element>, from root: Int
  ) throws {
    requireRank(root)
    try forEachPiece(of: buffer) { piece, count in
      // int MPI_Bcast(void *buffer, int count, MPI_Datatype datatype, int root, MPI_Comm comm)
      try check(MPI_Bcast(piece, count, Element.mpiType.raw, Int32(root), handle), "MPI_Bcast")
    }
  }

  package func reduce<Element: MPIDatatype>(
    _ buffer: UnsafeMutableBufferPointer<Element>, _ operation: ReductionOperation, to root: Int
  ) throws {
    requireRank(root)
    try forEachPiece(of: buffer) { piece, count in
      // int MPI_Reduce(const void *sendbuf, void *recvbuf, int count, MPI_Datatype datatype,
      //                MPI_Op op, int root, MPI_Comm comm)
      let source = rank == root ? cmpi_in_place() : piece
      try check(
        MPI_Reduce(
          source, rank == root ? piece : nil, count, Element.mpiType.raw, operation.handle,
          Int32(root), handle), "MPI_Reduce")
    }
  }

  package func allReduce<Element: MPIDatatype>(
    _ buffer: UnsafeMutableBufferPointer<Element>, _ operation: ReductionOperation
  ) throws {
    try forEachPiece(of: buffer) { piece, count in
      // int MPI_Allreduce(const void *sendbuf, void *recvbuf, int count, MPI_Datatype datatype,
      //                   MPI_Op op, MPI_Comm comm)
      try check(
        MPI_Allreduce(
          cmpi_in_place(), piece, count, Element.mpiType.raw, operation.handle, handle),
        "MPI_Allreduce")
    }
  }

  /// Calls `body` for the pieces of `buffer` in order; never for an empty buffer, on any rank.
  private func forEachPiece<Element: MPIDatatype>(
    of buffer: UnsafeMutableBufferPointer<Element>,
    _ body: (_ piece: UnsafeMutableRawPointer, _ count: Int32) throws -> Void
  ) throws {
    guard let base = buffer.baseAddress else { return }
    var offset = 0
    while offset < buffer.count {
      let count = min(segmentLimit, buffer.count - offset)
      try body(UnsafeMutableRawPointer(base + offset), Int32(count))
      offset += count
    }
  }

  func requireRank(_ rank: Int) {
    precondition(0..<size ~= rank, "expected a rank in 0..<\(size), got \(rank)")
  }
}
