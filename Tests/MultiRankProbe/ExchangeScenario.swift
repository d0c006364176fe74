import Distributed

/// Bytes and integers, of uneven lengths, from and to the last rank.
func exchangeScenario(_ arguments: [String]) throws {
  try Probe.run { group, _ in
    let last = group.size - 1
    var text = group.rank == last ? Array("from the last".utf8) : []
    try group.broadcast(&text, from: last)
    let own = [UInt8](repeating: UInt8(group.rank), count: 3 * group.rank)
    let expected = (0..<group.size).map { [UInt8](repeating: UInt8($0), count: 3 * $0) }
    let gathered = try group.gather(own, to: last)
    let empty = [[UInt8]](repeating: [], count: group.size)
    var integers = [Int64(group.rank + 1), Int64.max / 16, -1]
    try group.sumIntegers(&integers)
    var none: [Int64] = []
    try group.sumIntegers(&none)
    try group.barrier()
    let everywhere = try group.allGather(own)
    let isRight =
      String(decoding: text, as: UTF8.self) == "from the last"
      && gathered == (group.rank == last ? expected : empty)
      && everywhere == expected
    try Probe.printAll("\(isRight) \(integers)", group)
  }
}
