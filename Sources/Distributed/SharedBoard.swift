import MPI
import Synchronization

/// Where ranks of one host leave word for each other: one notice each, in memory that all can read.
///
/// A rank writes its header and what it offers into its slot and then raises its `arrived` to the
/// number of the operation; the others see that number and read the slot. Slots alternate between
/// even and odd operations: a rank cannot come to operation s + 2 before all others have come to
/// s + 1, hence left s, so nobody reads a slot that is being written.
final class SharedBoard {
  /// What a rank gives the others to read.
  enum Offer: UInt64 {
    /// Nothing here: data travel as messages.
    case messages
    /// The bytes themselves, in the slot.
    case bytes
    /// Places in shared memory, which the owner leaves alone until all others have finished.
    case addresses
  }

  /// One rank's notice about one operation.
  struct Slot {
    fileprivate let base: UnsafeMutableRawPointer
    /// Proves which operation the rank is in.
    var header: UnsafeMutablePointer<Header> { base.assumingMemoryBound(to: Header.self) }
    /// Places in shared memory, `maximumAddresses` of them.
    var addresses: UnsafeMutablePointer<SharedAddress> {
      (base + 128).assumingMemoryBound(to: SharedAddress.self)
    }
    /// Room for `inlineBytes` bytes.
    var bytes: UnsafeMutableRawPointer { base + 128 + maximumAddresses * 8 }
  }

  /// Data up to this size travel in the slot itself.
  static let inlineBytes = 8 << 10
  /// Twice the binary logarithm of the number of shards is the most that is needed.
  static let maximumAddresses = 64
  /// Bytes of one rank's piece.
  static let byteCount = countersBytes + 2 * slotBytes
  private static let countersBytes = 256
  private static let slotBytes = 128 + maximumAddresses * 8 + inlineBytes

  private let window: SharedWindow
  private let rank: Int
  private let size: Int

  /// Collective; all ranks must share a host.
  init(on communicator: borrowing Communicator) throws {
    window = try SharedWindow(byteCount: Self.byteCount, on: communicator)
    rank = communicator.rank
    size = communicator.size
  }

  /// A rank's slot for an operation by its number.
  func slot(ofRank rank: Int, _ sequence: UInt64) -> Slot {
    let offset = Self.countersBytes + Int(sequence & 1) * Self.slotBytes
    return Slot(base: window.piece(ofRank: rank) + offset)
  }

  /// The own slot is written: all others may read it.
  func arrive(_ sequence: UInt64) {
    counter(ofRank: rank, 0).pointee.store(sequence, ordering: .releasing)
  }

  /// What others offered by address is read: they may write there again.
  func finish(_ sequence: UInt64) {
    counter(ofRank: rank, 1).pointee.store(sequence, ordering: .releasing)
  }

  /// Whether every rank's slot of this operation can be read.
  func haveAllArrived(_ sequence: UInt64) -> Bool { haveAllReached(0, sequence) }

  /// Whether no rank reads any longer what was offered by address.
  func haveAllFinished(_ sequence: UInt64) -> Bool { haveAllReached(1, sequence) }

  /// The ranks that have not arrived, or not finished, ascending.
  func missing(_ sequence: UInt64, finishing: Bool) -> [Int] {
    (0..<size).filter {
      counter(ofRank: $0, finishing ? 1 : 0).pointee.load(ordering: .acquiring) < sequence
    }
  }

  private func haveAllReached(_ index: Int, _ sequence: UInt64) -> Bool {
    for peer in 0..<size where peer != rank {
      if counter(ofRank: peer, index).pointee.load(ordering: .acquiring) < sequence { return false }
    }
    return true
  }

  /// The memory is zero at first, which is an atomic zero; each counter has cache lines of its own.
  private func counter(ofRank rank: Int, _ index: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
    (window.piece(ofRank: rank) + 128 * index).assumingMemoryBound(to: Atomic<UInt64>.self)
  }
}

/// A place in the shared memory of a rank: number of the window, offset in bytes.
struct SharedAddress: BitwiseCopyable {
  private let word: UInt64

  init(window: Int, offset: Int) { word = UInt64(window) << 48 | UInt64(offset) }

  var window: Int { Int(word >> 48) }
  var offset: Int { Int(word & (1 << 48 - 1)) }
}
