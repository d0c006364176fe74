/// One reverse sweep over a tape: gradients by slot, and the order of the records.
final class ReverseSweep<Scalar: TensorScalar> {
  let tape: Tape<Scalar>
  /// Nobody differentiates this sweep again: fused kernels may be used, parameters become leaves.
  let isLast: Bool
  private let firstParameter: Int
  private let end: Int
  /// Gradient arrived so far, by slot.
  private var gradients: [Int32: Value] = [:]
  /// Records of narrow linear layers, by the slot that they write, and what was computed anew of them.
  private var narrowProducers: [Int32: Int] = [:]
  private var computedAgain: [Int32: Value] = [:]
  /// Transposed blocks of values common to all shards, by the slot of what they transpose.
  private var transposedBlocks: [Blocks: Value] = [:]
  /// Whether a target lies upstream, by slot.
  private var reaches: [Bool]
  /// The first record that reads a parameter: after its rule the parameter's gradient is complete.
  private var firstUse: [Int32: Int] = [:]

  init(tape: Tape<Scalar>, targets: [Value], isLast: Bool, firstParameter: Int = 0) {
    self.tape = tape
    self.isLast = isLast
    self.firstParameter = firstParameter
    end = tape.records.count
    reaches = Array(repeating: false, count: tape.slots.count)
    for target in targets { reaches[Int(target.index)] = true }
    for index in 0..<end {
      let record = tape.records[index]
      if isLast, record.operation == .linear, !tape.slots[Int(record.a)].isCommon,
        tape.slots[Int(record.a)].columns <= ProductForm.narrow
      {
        narrowProducers[record.y] = index
      }
      guard record.operation != .host, record.operation != .stopGradient,
        record.operation != .isPositive
      else { continue }
      var depends = false
      record.forEachInput { input in
        guard reaches[Int(input)] else { return }
        depends = true
        if isLast, tape.slots[Int(input)].kind == .parameter, firstUse[input] == nil {
          firstUse[input] = index
        }
      }
      if depends { record.forEachOutput { reaches[Int($0)] = true } }
    }
  }

  /// Whether gradients with respect to a value are wanted.
  func isWanted(_ slot: Int32) -> Bool { slot >= 0 && reaches[Int(slot)] }

  func gradient(of value: Value) -> Value? { gradients[value.index] }

  /// Takes the gradient that arrives at a value, if any.
  func arrived(at slot: Int32) -> Value? { slot >= 0 ? gradients[slot] : nil }

  func seed(_ output: Value, with seed: Value) {
    precondition(
      tape.shape(of: output) == tape.shape(of: seed),
      "seed \(tape.shape(of: seed)) for an output \(tape.shape(of: output))")
    add(seed, to: output.index)
  }

  /// Replaces what arrived at a slot by a function of it.
  func replace(_ slot: Int32, _ change: (Value) -> Value) {
    gradients[slot] = gradients[slot].map(change)
  }

  /// A value of the forward sweep, computed anew where that is cheaper than to keep it: the narrow first
  /// layers of networks, whose outputs are many and would fall out of cache until they are needed.
  func again(_ slot: Int32) -> Value {
    guard isLast, let producer = narrowProducers[slot] else { return Value(slot) }
    if let value = computedAgain[slot] { return value }
    let record = tape.records[producer]
    let value = tape.emit(
      .linear, Value(record.a), Value(record.b), Value(record.c),
      shape: tape.shape(of: Value(slot)), first: record.first, isDifferentiable: false)
    computedAgain[slot] = value
    return value
  }

  /// A value cut into groups of rows.
  private struct Blocks: Hashable {
    let slot: Int32
    let groups: Int
  }

  /// The blocks of a value, each transposed; once a sweep, however many products ask for it.
  func transposed(_ value: Value, groups: Int) -> Value {
    let blocks = Blocks(slot: value.index, groups: groups)
    if let known = transposedBlocks[blocks] { return known }
    let made = tape.transpose(value, groups: groups)
    transposedBlocks[blocks] = made
    return made
  }

  /// Adds a contribution to a slot's gradient.
  func add(_ contribution: @autoclosure () -> Value, to slot: Int32) {
    guard isWanted(slot) else { return }
    let value = contribution()
    gradients[slot] = gradients[slot].map { tape.add($0, value) } ?? value
  }

  func run() {
    var index = end - 1
    var segment = tape.segments.count - 1
    while index >= 0 {
      // The last sweep keeps the segments of the forward one, so that hidden gradients stay in cache.
      if isLast {
        while segment >= 0, index < tape.segments[segment].records.lowerBound {
          tape.endSegment()
          segment -= 1
        }
      }
      let record = tape.records[index]
      var isOnPath = false
      record.forEachOutput { if reaches[Int($0)], gradients[$0] != nil { isOnPath = true } }
      if isOnPath {
        tape.currentScope = record.scope
        emitRule(of: record)
      }
      if isLast {
        // Used up: who holds the same value as its gradient need not share it any more.
        record.forEachOutput { gradients[$0] = nil }
        emitLeaves(of: record, at: index)
      }
      index -= 1
    }
    tape.currentScope = 0
  }

  /// Parameters whose first reader has been passed are complete.
  private func emitLeaves(of record: Record, at index: Int) {
    record.forEachInput { input in
      guard firstUse[input] == index, let gradient = gradients[input] else { return }
      firstUse[input] = nil
      let slot = tape.slots[Int(gradient.index)]
      // Another reader of the same memory, or memory that no record wrote, needs a copy of its own.
      let isPrivate =
        slot.kind == .computed && !slot.isLeaf && !slot.isCommon && slot.shape.count > 0
        && gradients.values.filter { $0 == gradient }.count == 1
      let leaf = isPrivate ? gradient : tape.leafCopy(of: gradient)
      tape.addLeaf(
        leaf, at: tape.slots[Int(input)].parameterOffset - firstParameter)
    }
  }
}
