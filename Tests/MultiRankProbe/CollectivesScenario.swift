import MPI

/// Every collective and message with uneven sizes, cut into pieces of `arguments[0]` elements.
func collectivesScenario(_ arguments: [String]) throws {
  try MPIEnvironment.run { world in
    var communicator = try world.duplicate()
    if let limit = arguments.first.flatMap({ Int($0) }) { communicator.segmentLimit = limit }
    let rank = communicator.rank
    let size = communicator.size
    let last = size - 1
    var failures: [String] = []
    func expect<Value: Equatable>(_ got: Value, _ expected: Value, _ what: String) {
      if got != expected { failures.append("\(what): expected \(expected), got \(got)") }
    }

    var values = rank == last ? (0..<11).map { Float($0) } : [Float](repeating: -1, count: 11)
    try communicator.broadcast(&values, from: last)
    expect(values, (0..<11).map { Float($0) }, "broadcast")

    var sums = (0..<11).map { Double($0 * (rank + 1)) }
    try communicator.allReduce(&sums, .sum)
    let weight = size * (size + 1) / 2
    expect(sums, (0..<11).map { Double($0 * weight) }, "allReduce")

    var largest = (0..<7).map { Int32($0 + rank) }
    try communicator.reduce(&largest, .maximum, to: last)
    expect(largest, (0..<7).map { Int32($0 + (rank == last ? last : rank)) }, "reduce")

    let own = (0..<3).map { Int64(10 * rank + $0) }
    let everybody = (0..<size).flatMap { rank in (0..<3).map { Int64(10 * rank + $0) } }
    expect(try communicator.gather(own, to: last), rank == last ? everybody : [], "gather")
    expect(try communicator.allGather(own), everybody, "allGather")
    let uneven = try communicator.allGatherV([UInt8](repeating: UInt8(rank), count: 2 * rank))
    expect(uneven.counts, (0..<size).map { 2 * $0 }, "allGatherV counts")
    let unevenValues = (0..<size).flatMap { [UInt8](repeating: UInt8($0), count: 2 * $0) }
    expect(uneven.values, unevenValues, "allGatherV")

    expect(try communicator.scatter(everybody, count: 3, from: last), own, "scatter")
    let counts = (0..<size).map { $0 + 1 }
    let total = counts.reduce(0, +)
    let ones = (0..<total).map { UInt64($0) }
    let start = counts[0..<rank].reduce(0, +)
    expect(
      try communicator.reduceScatter(ones, counts: counts, .sum),
      (start..<start + rank + 1).map { UInt64($0 * size) }, "reduceScatter")

    try ring(communicator, expect: expect)
    let halves = try communicator.split(color: rank % 2, key: -rank)
    expect(halves.size, (size + 1 - rank % 2) / 2, "split size")
    expect(halves.rank, halves.size - 1 - rank / 2, "split order by key")
    let placement = try communicator.nodePlacement()
    expect(placement, NodePlacement(localRank: rank, localSize: size, nodeCount: 1), "placement")

    var count = [Int64(failures.count)]
    try communicator.allReduce(&count, .sum)
    for failure in failures { print("rank \(rank): \(failure)") }
    try communicator.barrier()
    if communicator.isRoot { print("\(count[0]) failures on \(size) ranks") }
  }
}

/// Passes 13 numbers around the ring of ranks.
private func ring(
  _ communicator: borrowing Communicator, expect: ([Float], [Float], String) -> Void
) throws {
  let rank = communicator.rank
  let size = communicator.size
  let sent = [Float](repeating: Float(rank), count: 13)
  var received = [Float](repeating: -1, count: 13)
  let from = (rank + size - 1) % size
  try received.withUnsafeMutableBufferPointer { target in
    try sent.withUnsafeBufferPointer { source in
      var receive = try communicator.startReceive(target, from: from, tag: 5)
      let send = try communicator.startSend(source, to: (rank + 1) % size, tag: 5)
      while try !receive.isComplete() {}
      try send.wait()
    }
  }
  expect(received, [Float](repeating: Float(from), count: 13), "ring")
}
