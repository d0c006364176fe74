import MPI

/// Messages under way, each with the rank at its other end. Storage grows and is kept.
final class MessageSet {
  private var requests: UnsafeMutablePointer<Request>
  private var peers: UnsafeMutablePointer<Int>
  private var capacity: Int
  private var count = 0

  init(capacity: Int) {
    self.capacity = max(capacity, 1)
    requests = .allocate(capacity: self.capacity)
    peers = .allocate(capacity: self.capacity)
  }

  deinit {
    removeAll()
    requests.deallocate()
    peers.deallocate()
  }

  func add(_ request: consuming Request, peer: Int) {
    if count == capacity { grow() }
    (requests + count).initialize(to: request)
    (peers + count).initialize(to: peer)
    count += 1
  }

  /// Moves the messages forward and drops those that are complete; whether none is left.
  func progress() throws -> Bool {
    var index = 0
    while index < count {
      if try requests[index].isComplete() {
        count -= 1
        (requests + index).deinitialize(count: 1)
        if index < count {
          (requests + index).moveInitialize(from: requests + count, count: 1)
          peers[index] = peers[count]
        }
      } else {
        index += 1
      }
    }
    return count == 0
  }

  /// The ranks at the other ends, ascending, each once.
  var pendingPeers: [Int] { Set((0..<count).map { peers[$0] }).sorted() }

  /// Gives all messages up.
  func removeAll() {
    requests.deinitialize(count: count)
    count = 0
  }

  private func grow() {
    let newRequests = UnsafeMutablePointer<Request>.allocate(capacity: 2 * capacity)
    let newPeers = UnsafeMutablePointer<Int>.allocate(capacity: 2 * capacity)
    newRequests.moveInitialize(from: requests, count: count)
    newPeers.moveInitialize(from: peers, count: count)
    requests.deallocate()
    peers.deallocate()
    requests = newRequests
    peers = newPeers
    capacity *= 2
  }
}

/// Raw memory that grows and is kept.
final class Scratch {
  private var memory = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)
  private var byteCount = 64

  deinit { memory.deallocate() }

  /// Room for `count` elements, with whatever values; valid until the next call.
  func elements<Element: BitwiseCopyable>(
    _ count: Int, as type: Element.Type
  ) -> UnsafeMutablePointer<Element> {
    let needed = count * MemoryLayout<Element>.stride
    if needed > byteCount {
      memory.deallocate()
      memory = .allocate(byteCount: needed, alignment: 64)
      byteCount = needed
    }
    return memory.bindMemory(to: type, capacity: count)
  }
}
