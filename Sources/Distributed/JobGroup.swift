import Foundation
import MPI

/// The ranks that carry one training together, and everything they exchange.
///
/// Built on non-blocking messages between pairs of ranks, so that no wait is without end: a rank that
/// does not come within `deadlineSeconds` is named in a `DeadlineError`. Each operation starts with a
/// 64-byte header from every rank to every other one, sent along with the data, not ahead of it in a
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
  private let headerReceives: MessageSet
  private let sentHeader = UnsafeMutablePointer<Header>.allocate(capacity: 1)
  private let headers: UnsafeMutablePointer<Header>
  private(set) var localPeers: LocalPeers?
  private var log = OperationLog()
  private var failure: (any Error)?

  /// A group of all ranks of `world`, with message traffic of its own. Collective.
  ///
  /// - Throws: `ShardTreeError` (on all ranks) unless `shards` is a power of two and at least as
  ///   many as the ranks; `MPIError`.
  public init(
    _ world: borrowing Communicator, shards: Int, deadlineSeconds: Double = 60
  ) throws {
    tree = try ShardTree(shards: shards)
    try tree.requireFits(ranks: world.size)
    rank = world.rank
    size = world.size
    ownShards = tree.range(ofRank: rank, of: size)
    ownSubtrees = tree.subtrees(of: ownShards)
    self.deadlineSeconds = deadlineSeconds
    communicator = try world.duplicate()
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

  // MARK: - The frame of every operation

  /// Runs `body` as the inside of one operation: headers go out before, all sends are complete after.
  ///
  /// - Parameters:
  ///   - count: length of the whole vector, the same on all ranks; 0 where lengths may differ.
  ///   - payloadBytes: bytes that this rank adds where lengths may differ.
  ///   - startSends: sends what does not depend on the headers. No receives: a message of another
  ///     length would meet them, and some transports crash when they truncate a long one.
  ///   - body: the rest, once all headers are in and agree.
  func perform<Result>(
    _ operation: Operation, count: Int = 0, elementBytes: Int = 1, payloadBytes: Int = 0,
    stop: Bool = false, startSends: () throws -> Void = {}, _ body: () throws -> Result
  ) throws -> Result {
    if let failure { throw failure }
    do {
      try startHeaders(operation, count, elementBytes, payloadBytes, stop || isStopRequested())
      try startSends()
      try wait(for: headerReceives)
      try compareHeaders()
      let result = try body()
      try wait(for: sends)
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

  private func startHeaders(
    _ operation: Operation, _ count: Int, _ elementBytes: Int, _ payloadBytes: Int, _ stop: Bool
  ) throws {
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

  private static func words(
    _ header: UnsafeMutablePointer<Header>
  ) -> UnsafeMutableBufferPointer<UInt64> {
    let raw = UnsafeMutableRawPointer(header)
    let words = raw.assumingMemoryBound(to: UInt64.self)
    return UnsafeMutableBufferPointer(start: words, count: Header.words)
  }

  // MARK: - Waiting

  /// Waits until all messages of `set` are complete.
  ///
  /// Spins first (a message in shared memory takes microseconds), then gives way to other ranks that
  /// may share the core, and sleeps once the wait is long enough for that not to matter.
  func wait(for set: MessageSet) throws {
    for _ in 0..<100 {
      if try set.progress() { return }
    }
    let start = monotonicSeconds()
    var nextLook = 0.05
    while try !set.progress() {
      let waited = monotonicSeconds() - start
      if waited > deadlineSeconds {
        let operation = Operation(rawValue: sentHeader.pointee.operation)
        throw DeadlineError(
          missingRanks: set.pendingPeers, operation: operation?.name ?? "unknown", step: step,
          waitedSeconds: waited, history: log.texts)
      }
      if waited > nextLook {
        nextLook = waited + 0.05
        let dead = localPeers?.dead ?? []
        // What it sent before its end may still be on the way here.
        let isComplete = try set.progress()
        let missing = set.pendingPeers.filter { dead.contains($0) }
        if !isComplete, !missing.isEmpty {
          let operation = Operation(rawValue: sentHeader.pointee.operation)
          throw DeadRankError(ranks: missing, operation: operation?.name ?? "unknown", step: step)
        }
        if isComplete { return }
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
