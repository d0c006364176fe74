import TestSupport
import Tensors
import Testing

@Suite("Records common to all shards")
struct CommonRecordTests {
  private static func parameters() -> (ParameterBuffer<Double>, Parameter) {
    var layout = ParameterLayout()
    let weight = layout.add("weight", shape: [3, 2], .normal(deviation: 1))
    return (ParameterBuffer(layout: layout, seed: 4), weight)
  }

  @Test("A value of parameters alone is in one place, any other in one a shard")
  func place() {
    let (buffer, weight) = Self.parameters()
    let tape = Tape<Double>(shardCount: 3, parameters: buffer)
    let w = tape.value(of: weight)
    let common = tape.keep(tape.transpose(tape.exp(w)))
    let x = tape.input(2, 3)
    let own = tape.keep(tape.matmul(x, w))
    let copy = tape.keep(
      tape.add(
        tape.reshape(tape.matmul(tape.input(2, 3), tape.constant(3, 3, repeating: 0)), 2, 3), common
      ))
    for shard in 0..<3 { tape.pointer(to: x, shard: shard).update(repeating: 1, count: 6) }
    tape.run()
    #expect(tape.pointer(to: common, shard: 0) == tape.pointer(to: common, shard: 2))
    #expect(tape.pointer(to: own, shard: 0) != tape.pointer(to: own, shard: 2))
    #expect(tape.pointer(to: copy, shard: 0) != tape.pointer(to: copy, shard: 2))
    #expect(tape.elements(of: copy, shard: 2) == tape.elements(of: common))
  }

  @Test("A sum over shards counts a common value once a shard and leaves it as it is")
  func sum() {
    let (buffer, weight) = Self.parameters()
    let tape = Tape<Double>(shardCount: 4, parameters: buffer)
    let squared = tape.keep(tape.square(tape.value(of: weight)))
    let sink = TestSink<Double>(count: 6, subtrees: [0..<4])
    tape.sink = sink.sink
    tape.sumOverShards(squared, at: 0)
    tape.run()
    let values = tape.elements(of: squared)
    #expect(values == (0..<6).map { buffer[$0] * buffer[$0] })
    #expect(sink.elements() == values.map { 4 * $0 })
  }

  @Test("A replay follows the parameters, and a penalty on them is differentiated once a shard")
  func replay() {
    let (buffer, weight) = Self.parameters()
    let tape = Tape<Double>(shardCount: 2, parameters: buffer)
    let loss = tape.sum(tape.square(tape.value(of: weight)))
    let sink = TestSink<Double>(count: 6, subtrees: [0..<2])
    tape.sink = sink.sink
    tape.backward(loss, parameterRange: 0..<6)
    tape.run()
    #expect(sink.elements() == (0..<6).map { 4 * buffer[$0] })
    for i in 0..<6 { buffer[i] = Double(i) }
    tape.replay()
    #expect(sink.elements() == (0..<6).map { 4 * Double($0) })
  }
}
