import TestSupport
import Tensors
import Testing

@Suite("Tape")
struct TapeTests {
  /// A tape with a graph, its inputs and a sink, ready to run.
  private func prepared(
    _ graph: RandomGraph, _ buffer: ParameterBuffer<Float>
  ) -> (tape: Tape<Float>, inputs: [Value], kept: [Value], sink: TestSink<Float>) {
    let tape = Tape<Float>(shardCount: 4, parameters: buffer)
    let recording = graph.record(on: tape, cuts: (0.3, 2))
    for value in recording.kept { tape.keep(value) }
    let sink = TestSink<Float>(count: buffer.count, subtrees: [0..<4])
    tape.sink = sink.sink
    tape.backward(recording.loss, parameterRange: 0..<buffer.count)
    return (tape, recording.inputs, recording.kept, sink)
  }

  @Test("A replay on other inputs and parameters has the bits of a new tape")
  func replay() {
    var moved = 0
    for seed in 700..<720 as Range<UInt64> {
      let graph = RandomGraph(seed: seed)
      let buffer: ParameterBuffer<Float> = ParameterCollection.randomised(graph.layout)
      let old = prepared(graph, buffer)
      ShardedRun.fill(old.inputs, of: old.tape, seed: 1)
      old.tape.run()
      let before = old.sink.elements()
      buffer.copy(from: ParameterCollection.randomised(graph.layout, seed: 9))
      ShardedRun.fill(old.inputs, of: old.tape, seed: 2)
      old.tape.replay()
      let new = prepared(graph, buffer)
      ShardedRun.fill(new.inputs, of: new.tape, seed: 2)
      new.tape.run()
      #expect(old.sink.elements() == new.sink.elements(), "graph \(seed)")
      // A few graphs read no parameter.
      if old.sink.elements() != before { moved += 1 }
      for (a, b) in zip(old.kept, new.kept) {
        #expect(old.tape.elements(of: a, shard: 3) == new.tape.elements(of: b, shard: 3))
      }
    }
    #expect(moved > 10)
  }

  @Test("A hundred replays hold no more memory than one")
  func memory() {
    let graph = RandomGraph(seed: 731)
    let buffer: ParameterBuffer<Float> = ParameterCollection.randomised(graph.layout)
    // The tape writes into the sink's memory without owning it.
    let (tape, inputs, _, sink) = prepared(graph, buffer)
    defer { withExtendedLifetime(sink) {} }
    ShardedRun.fill(inputs, of: tape)
    tape.run()
    tape.replay()
    let bytes = tape.memoryBytes
    #expect(
      HeapUse.canStayConstant {
        for _ in 0..<10 { tape.replay() }
      })
    var leak: [[Int]] = []
    #expect(!HeapUse.canStayConstant(attempts: 20) { leak.append(Array(repeating: 1, count: 999)) })
    for _ in 0..<100 { tape.replay() }
    #expect(tape.memoryBytes == bytes)
  }

  @Test("Runs in parts: what is recorded after a run may read kept values")
  func parts() {
    let tape = Tape<Double>(shardCount: 2)
    let x = tape.input(Shape(1, 2), repeating: [1, 2])
    let y = tape.keep(tape.scale(x, by: 3))
    tape.run()
    #expect(tape.elements(of: y, shard: 1) == [3, 6])
    let z = tape.keep(tape.add(y, x))
    tape.run()
    #expect(tape.elements(of: z) == [4, 8])
    tape.pointer(to: x, shard: 0)[0] = 10
    tape.replay()
    #expect(tape.elements(of: z) == [40, 8])
    #expect(tape.elements(of: z, shard: 1) == [4, 8])
  }

  @Test("Host functions see the shard, five inputs and four outputs, and stop differentiation")
  func hostFunctions() {
    let tape = Tape<Double>(shardCount: 2)
    let inputs = (0..<5).map { tape.input(1, $0 + 1) }
    ShardedRun.fill(inputs, of: tape)
    let outputs = tape.host(
      inputs: inputs, outputs: [Shape(1, 1), Shape(1, 2), Shape(1, 3), Shape(1, 1)]
    ) { arguments in
      arguments.outputs.0![0] = Double(arguments.shard)
      for i in 0..<2 { arguments.outputs.1![i] = arguments.inputs.1![i] }
      for i in 0..<3 { arguments.outputs.2![i] = -arguments.inputs.2![i] }
      arguments.outputs.3![0] =
        arguments.inputs.0![0] + arguments.inputs.3![3] + arguments.inputs.4![4]
    }
    let loss = tape.rowSums(tape.multiply(outputs[1], inputs[1]))
    let gradient = tape.gradients(
      of: [(loss, seed: tape.constant(1, 1, [1]))], withRespectTo: [inputs[1], inputs[4]])
    for value in outputs + gradient { tape.keep(value) }
    tape.run()
    for shard in 0..<2 {
      let x = inputs.map { tape.elements(of: $0, shard: shard) }
      #expect(tape.elements(of: outputs[0], shard: shard) == [Double(shard)])
      #expect(tape.elements(of: outputs[1], shard: shard) == x[1])
      #expect(tape.elements(of: outputs[2], shard: shard) == x[2].map { -$0 })
      #expect(tape.elements(of: outputs[3], shard: shard) == [x[0][0] + x[3][3] + x[4][4]])
      // The output is a constant to the sweep: d(h · x) = h.
      #expect(tape.elements(of: gradient[0], shard: shard) == x[1])
    }
    #expect(tape.elements(of: gradient[1]) == [0, 0, 0, 0, 0])
  }

  @Test("Shared memory is read in place at each run")
  func sharedMemory() {
    let codes = ParameterBuffer<Double>(count: 2)
    codes[0] = 5
    let tape = Tape<Double>(shardCount: 2)
    let y = tape.keep(tape.scale(tape.shared(1, 2, at: codes.pointer), by: 2))
    tape.run()
    #expect(tape.elements(of: y, shard: 1) == [10, 0])
    codes[1] = 7
    tape.replay()
    #expect(tape.elements(of: y, shard: 0) == [10, 14])
  }

  @Test("A stopped gradient passes the value and no derivative")
  func stopGradient() {
    let tape = Tape<Double>(shardCount: 1)
    let x = tape.input(Shape(1, 2), repeating: [2, 3])
    let y = tape.keep(tape.multiply(tape.stopGradient(x), x))
    let one = tape.constant(1, 2, [1, 1])
    let gradient = tape.keep(tape.gradients(of: [(y, seed: one)], withRespectTo: [x])[0])
    let tangent = tape.keep(tape.tangents(of: [y], along: [(x, tangent: one)])[0])
    tape.run()
    #expect(tape.elements(of: y) == [4, 9])
    #expect(tape.elements(of: gradient) == [2, 3])
    #expect(tape.elements(of: tangent) == [2, 3])
  }

  @Test("A replaced derivative takes the place of the sweep, in gradients and in the last sweep")
  func replacedDerivative() {
    let parameters = ParameterBuffer<Double>(count: 2)
    parameters[0] = 3
    parameters[1] = 5
    var layout = ParameterLayout()
    let (a, b) = (layout.add("a", shape: [1], .zeros), layout.add("b", shape: [1], .zeros))
    func record(_ tape: Tape<Double>) -> (values: [Value], y: Value) {
      let (u, v) = (tape.value(of: a), tape.value(of: b))
      // u · v, but said to grow by 10 with u and by u with v.
      let product = tape.replacingDerivative(of: tape.multiply(u, v)) { arrived, tape in
        [(u, tape.scale(arrived, by: 10)), (v, tape.multiply(arrived, u))]
      }
      return ([u, v, product], tape.add(tape.square(product), v))
    }
    let tape = Tape<Double>(shardCount: 1, parameters: parameters)
    let (values, y) = record(tape)
    let one = tape.constant(1, 1, [1])
    let gradients = tape.gradients(of: [(y, seed: one)], withRespectTo: values).map {
      tape.keep($0)
    }
    let tangent = tape.keep(tape.tangents(of: [y], along: [(values[0], tangent: one)])[0])
    tape.keep(y)
    tape.run()
    #expect(tape.elements(of: y) == [230])
    #expect(gradients.map { tape.elements(of: $0)[0] } == [300, 91, 30])
    // Tangents go through what was computed.
    #expect(tape.elements(of: tangent) == [150])

    let sink = ParameterBuffer<Double>(count: 2)
    let last = Tape<Double>(shardCount: 1, parameters: parameters)
    last.sink = ReductionSink(partials: [sink.pointer], subtrees: [0..<1])
    last.backward(record(last).y, parameterRange: 0..<2)
    last.run()
    withExtendedLifetime(sink) { #expect([sink[0], sink[1]] == [300, 91]) }
  }

  @Test("The first value that is not finite is named by scope, operation, shard and rows")
  func firstNonFinite() {
    let tape = Tape<Float>(shardCount: 2, keepsEverything: true)
    let x = tape.input(3, 2)
    ShardedRun.fill([x], of: tape)
    let positive = tape.scoped("flow") {
      tape.scoped("2") { tape.log(tape.square(x)) }
    }
    _ = tape.scoped("after") { tape.exp(positive) }
    tape.run()
    #expect(tape.firstNonFinite() == nil)
    tape.pointer(to: x, shard: 1)[4] = 0
    tape.replay()
    let finding = tape.firstNonFinite()
    #expect(finding?.scope == "flow.2" && finding?.operation == "log")
    #expect(finding?.shard == 1 && finding?.rows == [2] && finding?.rowCount == 3)
  }
}
