import Distributed
import MPI

/// Sums S random vectors of N elements along the tree and prints the hashes of all ways to do it.
/// Arguments: N, S, bytes of a segment, "float" or "double".
func treeScenario(_ arguments: [String]) throws {
  let numbers = arguments.compactMap { Int($0) }
  try Probe.run(shards: numbers[1]) { group, world in
    group.segmentBytes = numbers[2]
    if arguments.last == "double" {
      try sums(Double.self, count: numbers[0], group, world)
    } else {
      try sums(Float.self, count: numbers[0], group, world)
    }
  }
}

private func sums<Scalar: TreeSummable & BinaryFloatingPoint>(
  _: Scalar.Type, count: Int, _ group: JobGroup, _ world: borrowing Communicator
) throws {
  func added(_ left: [Scalar], _ right: [Scalar]) -> [Scalar] {
    zip(left, right).map { $0 + $1 }
  }
  let leaves: [[Scalar]] = group.ownShards.indices.map { Probe.leaf(shard: $0, count: count) }

  // The training's way: partials of sub-trees, the own slice of the sum, then all slices.
  let partials: [[Scalar]] = group.ownSubtrees.map { subtree in
    let first = subtree.first - group.ownShards.first
    let own = Array(leaves[first..<first + subtree.count])
    return group.tree.sum(own, of: subtree, adding: added)
  }
  let flat: [Scalar] = Array(partials.joined()) + [0]
  let own = SliceLayout(count: count, ranks: group.size)[group.rank]
  var reduced = [Scalar](repeating: .nan, count: count + 1)
  try flat.withUnsafeBufferPointer { flat in
    try reduced.withUnsafeMutableBufferPointer { reduced in
      guard let base = flat.baseAddress, let result = reduced.baseAddress else { return }
      let pointers = partials.indices.map { base + $0 * count }
      // Several times, since buffers are kept and used again.
      for step in 0..<3 {
        group.step = step
        try group.treeReduce(
          partials: pointers, count: count, into: result + own.lowerBound)
        try group.gatherSlices(result, count: count)
      }
    }
  }
  reduced.removeLast()

  let exchanged = try sumInExchangeMemory(partials, count: count, group)
  let summed = try group.treeSum(shardValues: leaves)
  // What most programs do: add up one's own, then MPI_Allreduce.
  var plain = leaves.dropFirst().reduce(leaves[0], added)
  try world.allReduce(&plain, .sum)
  let all: [[Scalar]] = (0..<group.tree.shards).map { Probe.leaf(shard: $0, count: count) }
  let oracle = group.tree.sum(all, adding: added)
  let text =
    "oracle \(Probe.hash(oracle)) reduced \(Probe.hash(reduced)) exchanged \(Probe.hash(exchanged)) "
    + "summed \(Probe.hash(summed)) transport \(group.isOnOneHost ? "memory" : "messages") plain \(Probe.hash(plain))"
  try Probe.printAll(text, group)
}

/// The same in memory that ranks of one host read in place, as the trainer does it: the own slice of the
/// sum replaces that of the first partial, "parameters" of four fifths of the length are gathered.
private func sumInExchangeMemory<Scalar: TreeSummable & BinaryFloatingPoint>(
  _ partials: [[Scalar]], count: Int, _ group: JobGroup
) throws -> [Scalar] {
  let stride = (count + 15) / 16 * 16
  let own = SliceLayout(count: count, ranks: group.size)[group.rank]
  let headCount = count * 4 / 5
  var parameters = [Scalar](repeating: .nan, count: count + 1)
  // The second time the window of the first one is taken again.
  for step in 0..<2 {
    group.step = step
    let memory = try group.makeExchangeMemory(
      byteCount: partials.count * stride * MemoryLayout<Scalar>.stride)
    precondition(memory.isShared == (group.isOnOneHost && count > 0), "expected shared memory")
    let base = memory.pointer.bindMemory(to: Scalar.self, capacity: partials.count * stride)
    precondition((0..<partials.count * stride).allSatisfy { base[$0] == 0 }, "expected zeros")
    let pointers = partials.enumerated().map { index, values in
      (base + index * stride).update(from: values, count: count)
      return UnsafePointer(base + index * stride)
    }
    try withExtendedLifetime(memory) {
      try group.treeReduce(partials: pointers, count: count, into: base + own.lowerBound)
      try parameters.withUnsafeMutableBufferPointer { parameters in
        let place = parameters.baseAddress!
        let ownHead = own.clamped(to: 0..<headCount)
        (place + ownHead.lowerBound).update(from: base + ownHead.lowerBound, count: ownHead.count)
        try group.gatherSlices(head: place, headCount: headCount, base, count: count)
        (place + headCount).update(from: base + headCount, count: count - headCount)
      }
    }
  }
  parameters.removeLast()
  return parameters
}
