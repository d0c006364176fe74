import TestSupport
import Tensors
import Testing

/// The numbers of one run of a random graph: kept values by shard, and the sink.
private struct Outcome<Scalar: TensorScalar>: Equatable {
  var kept: [[Scalar]]
  var sums: [Scalar]

  var isFinite: Bool {
    sums.allSatisfy(\.isFinite) && kept.allSatisfy { $0.allSatisfy(\.isFinite) }
  }

  init(
    _ graph: RandomGraph, shardCount: Int, keepsEverything: Bool,
    cuts: (chance: Double, seed: UInt64), tape reused: Tape<Scalar>? = nil,
    buffer: ParameterBuffer<Scalar>
  ) {
    let tape =
      reused
      ?? Tape<Scalar>(
        shardCount: shardCount, parameters: buffer, keepsEverything: keepsEverything)
    let recording = graph.record(on: tape, cuts: cuts)
    ShardedRun.fill(recording.inputs, of: tape)
    for value in recording.kept { tape.keep(value) }
    let sink = TestSink<Scalar>(count: buffer.count + 1, subtrees: [0..<shardCount])
    tape.sink = sink.sink
    tape.sumOverShards(recording.loss, at: buffer.count)
    tape.backward(recording.loss, parameterRange: 0..<buffer.count)
    tape.run()
    kept = recording.kept.flatMap { value in
      (0..<shardCount).map { tape.elements(of: value, shard: $0) }
    }
    sums = sink.elements()
  }
}

@Suite("Memory of values")
struct PlanningTests {
  @Test("Scratch memory gives the bits of memory that is never reused, however segments are cut")
  func scratch() {
    scratch(of: Float.self)
    scratch(of: Double.self)
  }

  private func scratch<Scalar: TensorScalar>(of type: Scalar.Type) {
    for seed in 0..<200 as Range<UInt64> {
      let graph = RandomGraph(seed: seed)
      let buffer: ParameterBuffer<Scalar> = ParameterCollection.randomised(graph.layout)
      for shardCount in [1, 8] {
        let reference = Outcome(
          graph, shardCount: shardCount, keepsEverything: true, cuts: (0.3, seed), buffer: buffer)
        #expect(reference.isFinite, "graph \(seed)")
        for chance in [0, 0.3, 1] {
          let planned = Outcome(
            graph, shardCount: shardCount, keepsEverything: false, cuts: (chance, seed + 1),
            buffer: buffer)
          let isSame = planned == reference
          #expect(isSame, "\(type), graph \(seed), \(shardCount) shards, \(chance)")
        }
      }
    }
  }

  @Test("A tape that was reset runs another graph as a new one does")
  func reset() {
    let layout = RandomGraph(seed: 0).layout
    let buffer: ParameterBuffer<Double> = ParameterCollection.randomised(layout)
    let tape = Tape<Double>(shardCount: 4, parameters: buffer)
    for seed in 0..<30 as Range<UInt64> {
      let graph = RandomGraph(seed: seed)
      let fresh = Outcome(
        graph, shardCount: 4, keepsEverything: false, cuts: (0.3, seed), buffer: buffer)
      tape.reset()
      let again = Outcome(
        graph, shardCount: 4, keepsEverything: false, cuts: (0.3, seed), tape: tape,
        buffer: buffer)
      let isSame = again == fresh
      #expect(isSame, "graph \(seed)")
    }
    let bytes = tape.memoryBytes
    for seed in 0..<30 as Range<UInt64> {
      tape.reset()
      _ = Outcome(
        RandomGraph(seed: seed), shardCount: 4, keepsEverything: false, cuts: (0.3, seed),
        tape: tape, buffer: buffer)
    }
    #expect(tape.memoryBytes == bytes)
  }

  @Test("Last-sweep gradients of random graphs equal the expanded ones")
  func gradients() {
    for seed in 300..<360 as Range<UInt64> {
      let graph = RandomGraph(seed: seed)
      let buffer: ParameterBuffer<Double> = ParameterCollection.randomised(graph.layout)
      let probe = Outcome(
        graph, shardCount: 2, keepsEverything: false, cuts: (0.3, 1), buffer: buffer)
      // The sink of the probe starts at zero; parameters that the loss depends on leave a trace.
      let read = graph.parameters.filter { p in p.range.contains { probe.sums[$0] != 0 } }
      #expect(
        ShardedRun.lastSweepDeviation(parameters: read, buffer: buffer, shardCount: 2) {
          graph.record(on: $0, cuts: (0.3, 1))
        } < 1e-12, "graph \(seed)")
    }
  }
}
