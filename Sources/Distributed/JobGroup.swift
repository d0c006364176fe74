import Foundation
import MPI

/// The ranks that carry one training together, and everything they exchange.
///
/// Built on notices in shared memory where all ranks are on one host, else on non-blocking messages
/// between pairs of ranks, so that no wait is without end: a rank that does not come within
/// `deadlineSeconds` is named in a `DeadlineError`. Each operation starts with a 64-byte header from
/// every rank to every other one, together with the data or with their place, not ahead of them in a
/// round of its own. The headers prove that all ranks are in the same operation and carry the wish to
/// stop: after each operation `isStopAgreed` is the same on all ranks.
///
/// After an error of this class the group is broken, each further operation throws the same error:
/// end the job. Belongs to the thread that started MPI.
public final class JobGroup {
  /// The tree over the canonical shards.
  public let tree: ShardTree
  /// This process's number in the group.
  public let rank: Int
  /// P, the number of ranks.
  public let size: Int
  /// The shards that this rank computes.
  public let ownShards: ShardRange
  /// The largest aligned sub-trees of `ownShards`, in order: what `treeReduce` and `treeSum` take.
  public let ownSubtrees: [ShardRange]
  /// How long an operation waits for other ranks, in seconds.
  public var deadlineSeconds: Double
  /// The training step, for messages; must be the same on all ranks.
  public var step = 0
  /// Asked once in each operation: does this rank want to stop?
  public var isStopRequested: () -> Bool = { false }
  /// Whether any rank wanted to stop in any operation so far; the same on all ranks.
  public private(set) var isStopAgreed = false
  /// The group's own communicator, for collective files.
  package let communicator: Communicator

  /// Whether this is rank 0, the one that speaks.
  public var isRoot: Bool { rank == 0 }

  /// Bytes of a slice that travel as one message in tree operations: small enough that the additions
  /// find them in cache and overlap the next message. Changes no bits.
  package var segmentBytes = 256 << 10

  let plan: MergePlan
  let dataReceives = [MessageSet(capacity: 64), MessageSet(capacity: 64)]
  let sends = MessageSet(capacity: 64)
  let staging = Scratch()
  let blocks = Scratch()
  let bases = Scratch()
  /// Memory that ranks read from each other, the same list on all ranks.
  var windows: [PooledWindow] = []
  private let board: SharedBoard?
  private let headerReceives: MessageSet
  private let sentHeader = UnsafeMutablePointer<Header>.allocate(capacity: 1)
  private let headers: UnsafeMutablePointer<Header>
  private(set) var localPeers: LocalPeers?
  private let spins: Int
  private var log = OperationLog()
  private var failure: (any Error)?

  /// A group of all ranks of `world`, with message traffic of its own. Collective.
  ///
  /// - Parameter transport: of this rank; one that wants messages makes all use them.
  /// - Throws: `ShardTreeError` (on all ranks) unless `shards` is a power of two and at least as
  ///   many as the ranks; `MPIError`.
  public init(
    _ world: borrowing Communicator, shards: Int, deadlineSeconds: Double = 60,
    transport: Transport = .fromEnvironment
  ) throws {
    tree = try ShardTree(shards: shards)
    try tree.requireFits(ranks: world.size)
    rank = world.rank
    size = world.size
    ownShards = tree.range(ofRank: rank, of: size)
    ownSubtrees = tree.subtrees(of: ownShards)
    self.deadlineSeconds = deadlineSeconds
    communicator = try world.duplicate()
    board = try transport.isShared(by: communicator) ? SharedBoard(on: communicator) : nil
    // Waiting for a rank that shares the core only keeps it from working.
    spins = board == nil ? 100 : size <= ProcessInfo.processInfo.activeProcessorCount ? 4000 : 20
    plan = MergePlan(tree: tree, ranks: size)
    headerReceives = MessageSet(capacity: size)
    headers = .allocate(capacity: size)
    headers.initialize(repeating: Header(), count: size)
    var header = Header()
    header.history = UInt64(shards)
    sentHeader.initialize(to: header)
  }

  deinit {
    sentHeader.deallocate()
    headers.deallocate()
  }

  /// From now on a rank of this machine whose process ends is noticed within a tenth of a second
  /// by those that wait for it, not after `deadlineSeconds`. Collective.
  public func watchLocalPeers() throws {
    let all = try allGather(Array(LocalPeers.ownIdentity.utf8))
    localPeers = LocalPeers(
      identities: all.map { String(decoding: $0, as: UTF8.self) }, ownRank: rank)
  }

  /// Forgets an agreed stop, after the ranks have dealt with what it stood for: an error that ended one
  /// training of several, not the job. A signal that came meanwhile is agreed on anew.
  ///
  /// Not collective by itself; all ranks must call it at the same place between the same operations.
  package func withdrawStop() { isStopAgreed = false }

  /// Whether the ranks meet in shared memory.
  public var isOnOneHost: Bool { board != nil }

  // MARK: - The frame of every operation

  /// Runs `body` as the inside of one operation: headers go out before, all sends are complete after.
  ///
  /// - Parameters:
  ///   - count: length of the whole vector, the same on all ranks; 0 where lengths may differ.
  ///   - payloadBytes: bytes that this rank adds where lengths may differ.
  ///   - offer: puts this rank's data, or their place, into its slot, if the group is on one host.
  ///   - startSends: sends what does not depend on the headers, unless all ranks offer the same. No
  ///     receives: a message of another length would meet them, and some transports crash when they
  ///     truncate a long one.
  ///   - body: the rest, once all headers are in and agree; gets what all ranks offer.
  func perform<Result>(
    _ operation: Operation, count: Int = 0, elementBytes: Int = 1, payloadBytes: Int = 0,
    stop: Bool = false, offer: (SharedBoard.Slot) -> SharedBoard.Offer = { _ in .messages },
    startSends: () throws -> Void = {}, _ body: (SharedBoard.Offer) throws -> Result
  ) throws -> Result {
    if let failure { throw failure }
    do {
      prepareHeader(operation, count, elementBytes, payloadBytes, stop || isStopRequested())
      let sequence = sentHeader.pointee.sequence
      var offered = SharedBoard.Offer.messages
      if let board {
        let slot = board.slot(ofRank: rank, sequence)
        offered = offer(slot)
        sentHeader.pointee.flags |= offered.rawValue << 8
        slot.header.pointee = sentHeader.pointee
        board.arrive(sequence)
        try wait(until: { board.haveAllArrived(sequence) }) {
          board.missing(sequence, finishing: false)
        }
        for peer in 0..<size where peer != rank {
          headers[peer] = board.slot(ofRank: peer, sequence).header.pointee
        }
      } else {
        try sendHeaders()
        try startSends()
        try wait(for: headerReceives)
      }
      try compareHeaders()
      if !isOffer(offered, ofAllBut: rank) { offered = .messages }
      if board != nil, offered == .messages { try startSends() }
      let result = try body(offered)
      try wait(for: sends)
      if let board, offered == .addresses {
        board.finish(sequence)
        try wait(until: { board.haveAllFinished(sequence) }) {
          board.missing(sequence, finishing: true)
        }
      }
      log.append(sentHeader.pointee)
      return result
    } catch {
      // The messages' buffers may die while the error unwinds the stack.
      headerReceives.removeAll()
      for set in dataReceives { set.removeAll() }
      sends.removeAll()
      failure = error
      throw error
    }
  }

  /// Bytes that rank r adds to the operation under way.
  func payloadBytes(ofRank rank: Int) -> Int {
    rank == self.rank ? Int(sentHeader.pointee.payloadBytes) : Int(headers[rank].payloadBytes)
  }

  /// What rank r offers in the operation under way, if all ranks are on one host.
  func slot(ofRank rank: Int) -> SharedBoard.Slot {
    guard let board else { preconditionFailure("expected ranks on one host, got messages") }
    return board.slot(ofRank: rank, sentHeader.pointee.sequence)
  }

  private func prepareHeader(
    _ operation: Operation, _ count: Int, _ elementBytes: Int, _ payloadBytes: Int, _ stop: Bool
  ) {
    var header = sentHeader.pointee
    header.sequence += 1
    header.operation = operation.rawValue
    header.count = UInt64(count)
    header.elementBytes = UInt64(elementBytes)
    header.step = UInt64(step)
    header.history = header.extendingHistory()
    header.flags = stop ? 1 : 0
    header.payloadBytes = UInt64(payloadBytes)
    sentHeader.pointee = header
    if stop { isStopAgreed = true }
  }

  private func sendHeaders() throws {
    for peer in 0..<size where peer != rank {
      let request = try communicator.startReceive(
        Self.words(headers + peer), from: peer, tag: Tag.header)
      headerReceives.add(request, peer: peer)
    }
    for peer in 0..<size where peer != rank {
      let words = UnsafeBufferPointer(Self.words(sentHeader))
      sends.add(try communicator.startSend(words, to: peer, tag: Tag.header), peer: peer)
    }
  }

  private func compareHeaders() throws {
    let own = sentHeader.pointee
    for peer in 0..<size where peer != rank {
      let other = headers[peer]
      guard own.isSameOperation(as: other) else {
        throw DesynchronisationError(
          rank: peer, localOperation: own.text(besides: other),
          remoteOperation: other.text(besides: own))
      }
      if other.flags & 1 != 0 { isStopAgreed = true }
    }
  }

  private func isOffer(_ offer: SharedBoard.Offer, ofAllBut rank: Int) -> Bool {
    for peer in 0..<size where peer != rank && headers[peer].flags >> 8 != offer.rawValue {
      return false
    }
    return true
  }

  private static func words(
    _ header: UnsafeMutablePointer<Header>
  ) -> UnsafeMutableBufferPointer<UInt64> {
    let raw = UnsafeMutableRawPointer(header)
    let words = raw.assumingMemoryBound(to: UInt64.self)
    return UnsafeMutableBufferPointer(start: words, count: Header.words)
  }

  // MARK: - Waiting

  /// Waits until all messages of `set` are complete.
  func wait(for set: MessageSet) throws {
    try wait(until: { try set.progress() }) { set.pendingPeers }
  }

  /// Waits until a condition holds that other ranks bring about.
  ///
  /// Spins first (word of another rank takes less than a microsecond to come), then gives way to other
  /// ranks that may share the core, and sleeps once the wait is long enough for that not to matter.
  ///
  /// - Parameter missingPeers: the ranks that are waited for.
  private func wait(
    until isComplete: () throws -> Bool, missingPeers: () -> [Int]
  ) throws {
    for _ in 0..<spins {
      if try isComplete() { return }
    }
    let start = monotonicSeconds()
    var nextLook = 0.05
    while try !isComplete() {
      let waited = monotonicSeconds() - start
      if waited > deadlineSeconds {
        let operation = Operation(rawValue: sentHeader.pointee.operation)
        throw DeadlineError(
          missingRanks: missingPeers(), operation: operation?.name ?? "unknown", step: step,
          waitedSeconds: waited, history: log.texts)
      }
      if waited > nextLook {
        nextLook = waited + 0.05
        let dead = localPeers?.dead ?? []
        // What it sent before its end may still be on the way here.
        if try isComplete() { return }
        let missing = missingPeers().filter { dead.contains($0) }
        if !missing.isEmpty {
          let operation = Operation(rawValue: sentHeader.pointee.operation)
          throw DeadRankError(ranks: missing, operation: operation?.name ?? "unknown", step: step)
        }
      }
      if waited > 0.05 { usleep(100) } else { sched_yield() }
    }
  }

  enum Tag {
    static let header = 1
    static let data = 2
  }
}

/// Seconds of a clock that nobody sets.
func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// The last few operations of a group.
private struct OperationLog {
  private var entries = [Header](repeating: Header(), count: 4)
  private var next = 0

  mutating func append(_ header: Header) {
    entries[next] = header
    next = (next + 1) % entries.count
  }

  /// Oldest first.
  var texts: [String] {
    (0..<entries.count).map { entries[(next + $0) % entries.count] }
      .filter { $0.sequence > 0 }.map(\.text)
  }
}
