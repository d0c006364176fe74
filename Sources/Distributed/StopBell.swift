import MPI

/// Lets teams of ranks that work at speeds of their own hear that one of them wants to stop.
///
/// Between ``open()`` and ``close()`` each rank says one byte to every other one: early by ``ring()``,
/// else at the end. So a wish is heard between two steps, nobody waits, and no message is left over.
/// An error of MPI counts as a wish to stop; ``close()`` throws it.
package final class StopBell {
  private let group: JobGroup
  private let communicator: Communicator
  private let receives: MessageSet
  private let sends: MessageSet
  /// What each rank has said, [P].
  private let heard: UnsafeMutablePointer<UInt8>
  /// What this rank says.
  private let said: UnsafeMutablePointer<UInt8>
  private var isOpen = false
  private var failure: (any Error)?

  private static let wish: UInt8 = 2
  private static let end: UInt8 = 1

  /// With message traffic of its own. Collective.
  package init(on group: JobGroup) throws {
    self.group = group
    communicator = try group.communicator.duplicate()
    receives = MessageSet(capacity: group.size)
    sends = MessageSet(capacity: group.size)
    heard = .allocate(capacity: group.size)
    heard.initialize(repeating: 0, count: group.size)
    said = .allocate(capacity: 1)
    said.initialize(to: 0)
  }

  deinit {
    // Given up before their memory goes; only after an error is one left.
    receives.removeAll()
    sends.removeAll()
    heard.deallocate()
    said.deallocate()
  }

  /// Begins to listen. Not collective, but every rank must open before it closes.
  package func open() throws {
    precondition(!isOpen, "a bell is opened once at a time")
    isOpen = true
    said.pointee = 0
    heard.update(repeating: 0, count: group.size)
    for peer in 0..<group.size where peer != group.rank {
      let place = UnsafeMutableBufferPointer(start: heard + peer, count: 1)
      receives.add(try communicator.startReceive(place, from: peer, tag: 1), peer: peer)
    }
  }

  /// Tells all ranks to stop; the second time nothing. Not collective.
  package func ring() { say(Self.wish) }

  /// Whether this or another rank has rung. Not collective.
  package var isRung: Bool {
    guard isOpen else { return false }
    do { _ = try receives.progress() } catch { failure = failure ?? error }
    if failure != nil || said.pointee == Self.wish { return true }
    return (0..<group.size).contains { heard[$0] == Self.wish }
  }

  /// This rank is done and has nothing more to say. Not collective; call before the ranks meet.
  package func finish() { say(Self.end) }

  /// All have finished. Collective, after the ranks have met.
  ///
  /// - Throws: `MPIError`, `DeadlineError`.
  package func close() throws {
    if let failure { throw failure }
    try group.wait(for: receives)
    try group.wait(for: sends)
    isOpen = false
  }

  private func say(_ word: UInt8) {
    guard isOpen, said.pointee == 0 else { return }
    said.pointee = word
    do {
      for peer in 0..<group.size where peer != group.rank {
        let buffer = UnsafeBufferPointer(start: UnsafePointer(said), count: 1)
        sends.add(try communicator.startSend(buffer, to: peer, tag: 1), peer: peer)
      }
    } catch { failure = failure ?? error }
  }
}
