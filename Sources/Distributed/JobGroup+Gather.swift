import MPI

extension JobGroup {
  /// The gather half of an all-reduce: every rank's own slice of `buffer` goes to all ranks.
  /// Collective; in place.
  ///
  /// - Parameter buffer: N elements, of which this rank's slice by `SliceLayout` is valid.
  public func gatherSlices<Scalar: MPIDatatype>(
    _ buffer: UnsafeMutablePointer<Scalar>, count: Int
  ) throws {
    try gatherSlices(head: buffer, headCount: 0, buffer, count: count)
  }

  /// As above, for a vector in two places: the first elements lie in `head`, the rest in `buffer`.
  /// Collective; in place.
  ///
  /// - Parameters:
  ///   - head: elements 0 ..< `headCount`, of which this rank's slice is valid.
  ///   - buffer: N elements; those from `headCount` on in this rank's slice are valid. Below
  ///     `headCount` the own slice may be overwritten: it is where ranks on the same host read it.
  public func gatherSlices<Scalar: MPIDatatype>(
    head: UnsafeMutablePointer<Scalar>, headCount: Int, _ buffer: UnsafeMutablePointer<Scalar>,
    count: Int
  ) throws {
    precondition(0...count ~= headCount, "expected a head within \(count), got \(headCount)")
    let layout = SliceLayout(count: count, ranks: size)
    let own = layout[rank]
    /// The one or two pieces of a slice.
    func forEachPiece(
      of slice: Range<Int>,
      _ body: (UnsafeMutableBufferPointer<Scalar>, _ first: Int) throws -> Void
    ) rethrows {
      let ends = (slice.clamped(to: 0..<headCount), slice.clamped(to: headCount..<count))
      if !ends.0.isEmpty {
        let place = head + ends.0.lowerBound
        try body(.init(start: place, count: ends.0.count), ends.0.lowerBound)
      }
      if !ends.1.isEmpty {
        let place = buffer + ends.1.lowerBound
        try body(.init(start: place, count: ends.1.count), ends.1.lowerBound)
      }
    }
    try perform(
      .gatherSlices, count: count, elementBytes: MemoryLayout<Scalar>.stride,
      offer: { slot in
        if let place = sliceBytes(count, of: Scalar.self, in: slot) {
          forEachPiece(of: own) { piece, first in
            (place + (first - own.lowerBound)).update(from: piece.baseAddress!, count: piece.count)
          }
          return .bytes
        }
        let bytes = count * MemoryLayout<Scalar>.stride
        guard let address = sharedAddress(of: buffer, byteCount: bytes) else { return .messages }
        slot.addresses[0] = address
        forEachPiece(of: own.clamped(to: 0..<headCount)) { piece, first in
          guard piece.baseAddress! != buffer + first else { return }
          (buffer + first).update(from: piece.baseAddress!, count: piece.count)
        }
        return .addresses
      },
      startSends: {
        for peer in 0..<size where peer != rank {
          try forEachPiece(of: own) { piece, _ in
            let request = try communicator.startSend(.init(piece), to: peer, tag: Tag.data)
            sends.add(request, peer: peer)
          }
        }
      },
      { offer in
        // The next rank first, so that not all read from the same one.
        for peer in (1..<max(size, 1)).lazy.map({ (self.rank + $0) % self.size }) {
          let slice = layout[peer]
          try forEachPiece(of: slice) { piece, first in
            switch offer {
            case .messages:
              let request = try communicator.startReceive(piece, from: peer, tag: Tag.data)
              dataReceives[0].add(request, peer: peer)
            case .bytes:
              let bytes = slot(ofRank: peer).bytes.assumingMemoryBound(to: Scalar.self)
              piece.baseAddress!.update(
                from: bytes + (first - slice.lowerBound), count: piece.count)
            case .addresses:
              let vector = pointer(to: slot(ofRank: peer).addresses[0], ofRank: peer)
              piece.baseAddress!.update(
                from: vector.assumingMemoryBound(to: Scalar.self) + first, count: piece.count)
            }
          }
        }
        try wait(for: dataReceives[0])
      })
  }

  /// Room in a slot for the longest slice of N elements, if it is short; the same on all ranks.
  private func sliceBytes<Scalar>(
    _ count: Int, of type: Scalar.Type, in slot: SharedBoard.Slot
  ) -> UnsafeMutablePointer<Scalar>? {
    // A slice has at most N/P elements, 15 more by rounding, and the last one 16 more.
    let longest = min(count, count / size + 32)
    guard longest * MemoryLayout<Scalar>.stride <= SharedBoard.inlineBytes else { return nil }
    return slot.bytes.assumingMemoryBound(to: type)
  }
}
