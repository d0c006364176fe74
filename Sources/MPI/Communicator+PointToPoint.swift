import CMPI

extension Communicator {
  /// Starts to send `buffer` to another rank. Not collective, but the receiver must start a receive
  /// of the same count, type and tag.
  ///
  /// - Parameter buffer: must live and stay unwritten until the request is complete.
  public func startSend<Element: MPIDatatype>(
    _ buffer: UnsafeBufferPointer<Element>, to destination: Int, tag: Int
  ) throws -> Request {
    let type = Element.mpiType.raw
    return try pieces(of: buffer.count, peer: destination) { offset, count in
      var request: OpaquePointer?
      // int MPI_Isend(const void *buf, int count, MPI_Datatype datatype, int dest, int tag,
      //               MPI_Comm comm, MPI_Request *request)
      try check(
        MPI_Isend(
          buffer.baseAddress.map { UnsafeRawPointer($0 + offset) }, count, type,
          Int32(destination), Int32(tag), handle, &request), "MPI_Isend")
      return request
    }
  }

  /// Starts to receive as many elements as `buffer` holds from another rank. Not collective.
  ///
  /// - Parameter buffer: must live and stay untouched until the request is complete.
  /// - Throws: from the request, an `MPIError` of class `truncated` if the message is longer.
  public func startReceive<Element: MPIDatatype>(
    _ buffer: UnsafeMutableBufferPointer<Element>, from source: Int, tag: Int
  ) throws -> Request {
    let type = Element.mpiType.raw
    return try pieces(of: buffer.count, peer: source) { offset, count in
      var request: OpaquePointer?
      // int MPI_Irecv(void *buf, int count, MPI_Datatype datatype, int source, int tag,
      //               MPI_Comm comm, MPI_Request *request)
      try check(
        MPI_Irecv(
          buffer.baseAddress.map { UnsafeMutableRawPointer($0 + offset) }, count, type,
          Int32(source), Int32(tag), handle, &request), "MPI_Irecv")
      return request
    }
  }

  /// One request over all pieces of a message. Pieces from one sender under one tag arrive in order.
  private func pieces(
    of count: Int, peer: Int, start: (_ offset: Int, _ count: Int32) throws -> OpaquePointer?
  ) throws -> Request {
    precondition(0..<size ~= peer, "expected a rank in 0..<\(size), got \(peer)")
    let first = try start(0, Int32(min(count, segmentLimit)))
    var others: [OpaquePointer?] = []
    var offset = segmentLimit
    while offset < count {
      others.append(try start(offset, Int32(min(count - offset, segmentLimit))))
      offset += segmentLimit
    }
    return Request(first: first, others: others)
  }
}
