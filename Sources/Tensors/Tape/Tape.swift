/// A define-by-run record of operations on the shards of a batch.
///
/// A tape holds `shardCount` shards. A model function runs once, on handles; each recorded operation
/// later runs once a shard, so shards are an axis of the tape and not of the program:
///
///     for segment { for shard { for record in segment { … } } ; sum of the segment's leaves }
///
/// A *segment* is a run of records (say, one bijection and its conditioner) whose intermediate values
/// on one shard stay in cache; ``endSegment()`` closes it. Recording computes nothing:
/// ``run()`` runs what has not run yet, ``replay()`` runs everything again on new inputs, without
/// allocating. Values read after a run must be kept (``keep(_:)``); others may have lived in scratch
/// memory of one shard.
///
/// No operation mixes shards, and the shape of each matrix product is that of one shard, so the bits of
/// a shard do not depend on how many others its rank holds.
///
/// Not thread-safe, not Sendable.
package final class Tape<Scalar: TensorScalar> {
  /// Shards that this tape computes.
  package let shardCount: Int
  /// The parameters that `value(of:)` reads.
  package let parameters: ParameterBuffer<Scalar>?
  /// Keeps every value readable, at the price of memory: for tests and for finding a first NaN.
  package let keepsEverything: Bool
  /// Where leaves are summed to; set before the first run that has leaves.
  package var sink: ReductionSink<Scalar>? {
    didSet { pairing = ShardPairing(shardCount: shardCount, subtrees: sink?.subtrees ?? []) }
  }

  var slots: [Slot<Scalar>] = []
  var records: [Record] = []
  var segments: [Segment] = []
  /// First record that belongs to no closed segment.
  var openRecord = 0
  /// Leaves of the open segment.
  var pendingLeaves: [LeafSum] = []
  /// The first segment of the last reverse sweep, 0 while there is none.
  var firstBackwardSegment = 0
  /// Segments that have run at least once.
  var executedSegments = 0
  var integers: [Int32] = []
  var hostFunctions: [HostFunction<Scalar>] = []
  var derivativeRules: [DerivativeRule<Scalar>] = []
  var scopeNames: [String] = [""]
  var currentScope: Int32 = 0
  var parameterSlots: [Int: Int32] = [:]
  /// Packed weights that hold zeros outside of their pattern.
  var maskedSlots: Set<Int32> = []
  var arena = Arena<Scalar>()
  var scratch = ScratchPlanner<Scalar>()
  var pairing: ShardPairing

  /// A run of records, executed shard by shard.
  struct Segment {
    var records: Range<Int>
    var leaves: [LeafSum] = []
    /// Whether some records are common to all shards.
    var hasCommonRecords = false
  }

  /// One term of the job-wide sum: a slot and where in the flat vector it belongs.
  struct LeafSum {
    var slot: Int32
    var destination: Int
    var count: Int
  }

  package init(
    shardCount: Int, parameters: ParameterBuffer<Scalar>? = nil, keepsEverything: Bool = false
  ) {
    precondition(shardCount >= 1, "a tape needs at least one shard, got \(shardCount)")
    self.shardCount = shardCount
    self.parameters = parameters
    self.keepsEverything = keepsEverything
    pairing = ShardPairing(shardCount: shardCount, subtrees: [])
  }

  deinit {
    arena.release()
    scratch.release()
  }

  /// Bytes of memory held for values.
  package var memoryBytes: Int { arena.bytes + scratch.bytes }
  /// Whether all that is recorded has run, so that it can be replayed.
  package var hasRun: Bool { executedSegments > 0 && openRecord == records.count }
  /// Number of recorded operations.
  package var recordCount: Int { records.count }

  // MARK: - Recording

  /// Closes the current segment. Costs nothing if it is empty.
  package func endSegment() {
    // A segment without records may have leaves: values of earlier segments.
    guard openRecord < records.count || !pendingLeaves.isEmpty else { return }
    let range = openRecord..<records.count
    segments.append(
      Segment(
        records: range, leaves: pendingLeaves,
        hasCommonRecords: range.contains { records[$0].isCommon }))
    openRecord = records.count
    pendingLeaves.removeAll(keepingCapacity: true)
  }

  /// Labels what `body` records, for error messages.
  package func scoped<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
    let outer = currentScope
    let outerName = scopeNames[Int(outer)]
    scopeNames.append(outerName.isEmpty ? name : outerName + "." + name)
    currentScope = Int32(scopeNames.count - 1)
    defer { currentScope = outer }
    return try body()
  }

  /// Makes a value readable after the run.
  @discardableResult
  package func keep(_ value: Value) -> Value {
    precondition(
      slots[Int(value.index)].pointer == nil || slots[Int(value.index)].kind != .computed
        || slots[Int(value.index)].isKept || keepsEverything,
      "keep a value before the run that computes it")
    slots[Int(value.index)].isKept = true
    return value
  }

  package func shape(of value: Value) -> Shape { slots[Int(value.index)].shape }

  /// Segment that the next record joins.
  var currentSegment: Int32 { Int32(segments.count) }

  func makeSlot(_ kind: Slot<Scalar>.Kind, _ shape: Shape, isDifferentiable: Bool) -> Int32 {
    slots.append(
      Slot(
        kind: kind, rows: shape.rows, columns: shape.columns, pointer: nil,
        definingSegment: currentSegment, lastSegment: currentSegment,
        isDifferentiable: isDifferentiable, isCommon: kind == .parameter || kind == .shared))
    return Int32(slots.count - 1)
  }

  /// Appends a record; its inputs are in use until here.
  ///
  /// A record whose inputs are the same on all shards is common to them and runs once, unless
  /// `isOncePerShard` asks for a result of each shard's own.
  func append(_ record: Record, isOncePerShard: Bool = false) {
    var record = record
    record.scope = currentScope
    if !isOncePerShard, record.operation != .host {
      record.isCommon = true
      record.forEachInput { if !slots[Int($0)].isCommon { record.isCommon = false } }
      if record.isCommon { record.forEachOutput { slots[Int($0)].isCommon = true } }
    }
    let index = Int32(records.count)
    let segment = currentSegment
    record.forEachInput { slot in
      let i = Int(slot)
      precondition(
        slots[i].kind != .computed || slots[i].pointer == nil || slots[i].isKept
          || slots[i].shardStride != 0,
        "a value that lived in scratch memory is read after its run: keep it before")
      slots[i].lastSegment = segment
      slots[i].lastRecord = index
    }
    records.append(record)
  }

  // MARK: - Running

  /// Runs all records that have not run yet.
  package func run() {
    endSegment()
    let pending = executedSegments..<segments.count
    for segment in pending { plan(segment) }
    Scalar.execute(self, segments: pending)
    executedSegments = segments.count
  }

  /// Runs all segments again, on what the inputs and parameters hold now. Allocates nothing.
  package func replay() {
    precondition(executedSegments == segments.count, "replay follows a complete run")
    Scalar.execute(self, segments: 0..<segments.count)
  }

  /// The part of ``replay()`` before the last reverse sweep.
  package func replayForward() {
    precondition(executedSegments == segments.count, "replay follows a complete run")
    Scalar.execute(self, segments: 0..<firstBackwardSegment)
  }

  /// The rest of ``replay()``.
  package func replayBackward() {
    Scalar.execute(self, segments: firstBackwardSegment..<segments.count)
  }

  /// Forgets all values and records but keeps the memory.
  package func reset() {
    slots.removeAll(keepingCapacity: true)
    records.removeAll(keepingCapacity: true)
    segments.removeAll(keepingCapacity: true)
    integers.removeAll(keepingCapacity: true)
    hostFunctions.removeAll(keepingCapacity: true)
    derivativeRules.removeAll(keepingCapacity: true)
    pendingLeaves.removeAll(keepingCapacity: true)
    parameterSlots.removeAll(keepingCapacity: true)
    maskedSlots.removeAll(keepingCapacity: true)
    scopeNames.removeLast(scopeNames.count - 1)
    currentScope = 0
    openRecord = 0
    executedSegments = 0
    firstBackwardSegment = 0
    arena.reset()
    scratch.reset()
  }
}
