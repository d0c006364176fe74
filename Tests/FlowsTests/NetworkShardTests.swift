import Flows
import TestSupport
import Tensors
import Testing

/// Siblings of the shard tree add their gradients in one product, products are cut into blocks and
/// narrow ones computed in loops: none of it may show in the bits, at the sizes where it happens and
/// with the OpenBLAS core that runs the tests.
@Suite("Gradients of real networks in shards")
struct NetworkShardTests {
  struct Network: Sendable, CustomTestStringConvertible {
    let architecture: any FlowArchitecture
    let dimension: Int
    let rows: Int
    let name: String

    var testDescription: String { name }
  }

  static let networks = [
    Network(
      architecture: RealNVP(couplings: 2, widths: [64, 64], hasActNorm: false, mixing: .none),
      dimension: 3, rows: 32, name: "32 rows, 64 units"),
    Network(
      architecture: RealNVP(couplings: 2, widths: [100, 37], mixing: .lu), dimension: 5, rows: 20,
      name: "20 rows, 100 and 37 units"),
    Network(
      architecture: RealNVP(couplings: 1, widths: [128, 128]), dimension: 3, rows: 64,
      name: "64 rows, 128 units"),
    Network(
      architecture: RealNVP(couplings: 1, widths: [512, 512]), dimension: 64, rows: 256,
      name: "256 rows, 512 units"),
    Network(
      architecture: RealNVP(couplings: 1, widths: [64]), dimension: 8, rows: 300,
      name: "300 rows: too many terms to pair"),
    Network(
      architecture: MAF(blocks: 2, widths: [100, 100]), dimension: 6, rows: 64,
      name: "masked, 64 rows, 100 units"),
    Network(
      architecture: MAF(blocks: 1, widths: [512, 512]), dimension: 63, rows: 128,
      name: "masked, 128 rows, 512 units"),
  ]

  @Test("Eight shards on one tape give the bits of eight tapes and the tree", arguments: networks)
  func bits(_ network: Network) {
    var layout = ParameterLayout()
    let chain = network.architecture.chain(
      dimension: network.dimension, contextDimension: 0, seed: 3, in: &layout)
    let flow = Flow(base: StandardNormal(dimension: network.dimension), bijection: chain)
    let parameters: ParameterBuffer<Float> = ParameterCollection.randomised(layout)
    func sums(first: Int, count: Int) -> [Float] {
      let tape = Tape<Float>(shardCount: count, parameters: parameters)
      let x = tape.input(network.rows, network.dimension)
      ShardedRun.fill([x], of: tape, firstShard: first)
      let loss = tape.sum(flow.logProbability(of: x, on: tape))
      let sink = TestSink<Float>(count: layout.count + 1, subtrees: [0..<count])
      tape.sink = sink.sink
      tape.sumOverShards(loss, at: layout.count)
      tape.backward(loss, parameterRange: 0..<layout.count)
      tape.run()
      return sink.elements()
    }
    let alone = (0..<8).map { sums(first: $0, count: 1) }
    let isSame = sums(first: 0, count: 8) == ShardedRun.treeSum(alone)
    #expect(isSame)
    let isSameInPairs =
      ShardedRun.treeSum((0..<4).map { sums(first: 2 * $0, count: 2) })
      == ShardedRun.treeSum(alone)
    #expect(isSameInPairs)
  }
}
