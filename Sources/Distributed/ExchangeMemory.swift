import MPI

/// Memory for vectors that are reduced or gathered: zeros at first, on a page border.
///
/// Where all ranks are on one host the others read it in place, and nothing is sent. Elsewhere, and
/// where shared memory is scarce, it is plain memory.
public final class ExchangeMemory {
  /// The first byte; valid as long as this object lives.
  public let pointer: UnsafeMutableRawPointer
  /// Whether the other ranks can read it.
  public let isShared: Bool
  private let window: PooledWindow?

  fileprivate init(_ window: PooledWindow, pointer: UnsafeMutableRawPointer) {
    self.window = window
    self.pointer = pointer
    isShared = true
    window.isUsed = true
  }

  fileprivate init(byteCount: Int) {
    pointer = .allocate(byteCount: max(byteCount, 1), alignment: 4096)
    pointer.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
    isShared = false
    window = nil
  }

  deinit {
    if let window { window.isUsed = false } else { pointer.deallocate() }
  }
}

/// A window and whether an `ExchangeMemory` has it.
final class PooledWindow {
  let window: SharedWindow
  var isUsed = false

  init(_ window: SharedWindow) { self.window = window }
}

extension JobGroup {
  /// Memory that `treeReduce` and `gatherSlices` use without copying. Collective.
  ///
  /// A window that is free again on all ranks is taken before a new one is made.
  ///
  /// - Parameter byteCount: what this rank needs; ranks may need different amounts.
  public func makeExchangeMemory(byteCount: Int) throws -> ExchangeMemory {
    precondition(byteCount >= 0, "expected a number of bytes, got \(byteCount)")
    guard isOnOneHost else { return ExchangeMemory(byteCount: byteCount) }
    let needed = try largest(byteCount)
    guard needed > 0 else { return ExchangeMemory(byteCount: 0) }
    let free = windows.map { !$0.isUsed && $0.window.byteCount >= needed ? UInt8(1) : 0 }
    let all = try allGather(free)
    let fitting = windows.indices.filter { index in all.allSatisfy { $0[index] == 1 } }
    if let index = fitting.min(by: { windows[$0].window.byteCount < windows[$1].window.byteCount })
    {
      let pointer = windows[index].window.piece(ofRank: rank)
      pointer.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
      // Nobody reads a window before its owner offers it, so there is nobody to wait for.
      return ExchangeMemory(windows[index], pointer: pointer)
    }
    // Every rank asks, since one of them may be in a smaller container.
    let hasRoom = SharedMemorySpace.has(byteCount: size * needed) && windows.count < 1 << 15
    guard try allGather([hasRoom ? 1 : 0]).allSatisfy({ $0 == [1] }) else {
      return ExchangeMemory(byteCount: byteCount)
    }
    let window = PooledWindow(try SharedWindow(byteCount: needed, on: communicator))
    windows.append(window)
    return ExchangeMemory(window, pointer: window.window.piece(ofRank: rank))
  }

  /// The place of `count` bytes in this rank's part of a window; nil for plain memory.
  func sharedAddress(of pointer: UnsafeRawPointer, byteCount: Int) -> SharedAddress? {
    for index in windows.indices {
      let window = windows[index].window
      let offset = pointer - UnsafeRawPointer(window.piece(ofRank: rank))
      if offset >= 0 && offset + byteCount <= window.byteCount {
        return SharedAddress(window: index, offset: offset)
      }
    }
    return nil
  }

  /// Where this process sees what another rank offers.
  func pointer(to address: SharedAddress, ofRank rank: Int) -> UnsafeRawPointer {
    UnsafeRawPointer(windows[address.window].window.piece(ofRank: rank) + address.offset)
  }

  private func largest(_ number: Int) throws -> Int {
    let all = try allGather(withUnsafeBytes(of: UInt64(number)) { Array($0) })
    return all.reduce(0) { largest, bytes in
      max(largest, bytes.reversed().reduce(0) { $0 << 8 | Int($1) })
    }
  }
}
