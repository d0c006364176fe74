import CMPI

/// Memory that all ranks of a communicator on one host can read and write, [size × byteCount].
///
/// Every rank has a piece of `byteCount` bytes, zero at first, and sees those of the others at
/// addresses of its own. The library removes the name of the memory as soon as all ranks have mapped
/// it, so nothing is left over when processes are killed. Loads and stores of different ranks are
/// ordered by atomics within the memory, not by this class.
///
/// The window stays until MPI ends: freeing it is collective, and a rank that unwinds after an error
/// must not wait for the others in a `deinit`.
package final class SharedWindow {
  /// Bytes of each rank's piece, which starts at a page and is a multiple of one.
  package let byteCount: Int
  private let pieces: [UnsafeMutableRawPointer]

  /// Pages of this size keep every rank's piece to itself.
  private static let pageBytes = 4096

  /// Maps a window. Collective; all ranks must share a host.
  ///
  /// - Parameter byteCount: the same on all ranks; rounded up to pages.
  /// - Throws: `MPIError`.
  package init(byteCount: Int, on communicator: borrowing Communicator) throws {
    precondition(byteCount > 0, "expected a window with some bytes, got \(byteCount)")
    self.byteCount = (byteCount + Self.pageBytes - 1) / Self.pageBytes * Self.pageBytes
    // A page more: the library puts words of its own ahead of the pieces.
    let allocated = self.byteCount + Self.pageBytes
    var own: UnsafeMutableRawPointer?
    var window: OpaquePointer?
    // int MPI_Win_allocate_shared(MPI_Aint size, int disp_unit, MPI_Info info, MPI_Comm comm,
    //                             void *baseptr, MPI_Win *win)
    try check(
      MPI_Win_allocate_shared(
        allocated, 1, cmpi_info_null(), communicator.handle, &own, &window),
      "MPI_Win_allocate_shared")
    var pieces: [UnsafeMutableRawPointer] = []
    for rank in 0..<communicator.size {
      var size = 0
      var unit: Int32 = 0
      var base: UnsafeMutableRawPointer?
      // int MPI_Win_shared_query(MPI_Win win, int rank, MPI_Aint *size, int *disp_unit,
      //                          void *baseptr)
      try check(
        MPI_Win_shared_query(window, Int32(rank), &size, &unit, &base), "MPI_Win_shared_query")
      guard let base else { preconditionFailure("expected rank \(rank)'s piece of a window") }
      // Every process maps the memory at a page, so all of them find the same border.
      let start = (UInt(bitPattern: base) + UInt(Self.pageBytes) - 1) & ~UInt(Self.pageBytes - 1)
      pieces.append(base + Int(start - UInt(bitPattern: base)))
    }
    self.pieces = pieces
    // Touched first by its owner, so that its pages lie in that rank's part of the memory.
    pieces[communicator.rank].initializeMemory(as: UInt8.self, repeating: 0, count: self.byteCount)
    try communicator.barrier()
  }

  /// Where this process sees a rank's piece. Not collective.
  package func piece(ofRank rank: Int) -> UnsafeMutableRawPointer { pieces[rank] }
}
