import TestSupport
import Tensors
import Testing

/// Two vectors and two matrices to build losses from.
private struct Pieces {
  let layout: ParameterLayout
  let first: Parameter
  let second: Parameter
  let weight: Parameter
  let output: Parameter

  init() {
    var layout = ParameterLayout()
    first = layout.add("first", shape: [4], .zeros)
    second = layout.add("second", shape: [4], .zeros)
    weight = layout.add("weight", shape: [3, 4], .zeros)
    output = layout.add("output", shape: [4, 4], .zeros)
    self.layout = layout
  }

  var all: [Parameter] { [first, second, weight, output] }

  /// A network of one hidden layer and the loss of its output.
  func network<Scalar>(_ tape: Tape<Scalar>, _ activation: Activation) -> Recording {
    let x = tape.input(6, 3)
    return Recording(loss: tape.sum(tape.square(network(tape, x: x, activation))), inputs: [x])
  }

  /// [B, 3] → [B, 4].
  func network<Scalar>(_ tape: Tape<Scalar>, x: Value, _ activation: Activation) -> Value {
    let hidden = tape.linear(
      x, weight: tape.value(of: weight), bias: tape.value(of: first), activation: activation)
    tape.endSegment()
    return tape.linear(hidden, weight: tape.value(of: output), bias: tape.value(of: second))
  }
}

@Suite("Last sweep")
struct LastSweepTests {
  @Test("Sunk gradients of a network equal the expanded ones", arguments: Activation.allCases)
  func network(activation: Activation) {
    let pieces = Pieces()
    let single: ParameterBuffer<Float> = ParameterCollection.randomised(pieces.layout)
    let double: ParameterBuffer<Double> = ParameterCollection.randomised(pieces.layout)
    #expect(
      ShardedRun.lastSweepDeviation(parameters: pieces.all, buffer: single) {
        pieces.network($0, activation)
      } < 1e-5)
    #expect(
      ShardedRun.lastSweepDeviation(parameters: pieces.all, buffer: double) {
        pieces.network($0, activation)
      } < 1e-13)
  }

  @Test("A mixture of densities by log-sum-exp")
  func mixture() {
    check({ [$0.first, $0.weight, $0.output] }) { tape, pieces in
      let x = tape.input(6, 3)
      let scores = tape.add(
        tape.matmul(x, tape.value(of: pieces.weight)), rowVector: tape.value(of: pieces.first))
      tape.endSegment()
      let shifted = tape.add(scores, columnVector: tape.negate(tape.rowSquaredSums(x)))
      return Recording(
        loss: tape.sum(tape.rowLogSumExp(tape.matmul(shifted, tape.value(of: pieces.output)))),
        inputs: [x])
    }
  }

  @Test("A parameter read several times, within a segment and in others")
  func shared() {
    check({ [$0.first, $0.weight, $0.output] }) { tape, pieces in
      let x = tape.input(6, 3)
      let (b, w) = (tape.value(of: pieces.first), tape.value(of: pieces.output))
      var h = tape.matmul(x, tape.value(of: pieces.weight))
      for layer in 0..<4 {
        h = tape.tanh(tape.add(tape.multiply(h, rowVector: b), rowVector: b))
        h = tape.linear(h, weight: w, bias: b, activation: .tanh)
        if layer % 2 == 1 { tape.endSegment() }
      }
      return Recording(loss: tape.sum(tape.square(h)), inputs: [x])
    }
  }

  @Test("Parameters whose gradients are one value, or memory that no record wrote")
  func sameGradient() {
    check({ [$0.first, $0.second, $0.weight] }) { tape, pieces in
      let x = tape.input(6, 3)
      let (p, q) = (tape.value(of: pieces.first), tape.value(of: pieces.second))
      let h = tape.add(tape.matmul(x, tape.value(of: pieces.weight)), rowVector: tape.add(p, q))
      return Recording(loss: tape.sum(tape.square(h)), inputs: [x])
    }
    check({ [$0.first, $0.second] }) { tape, pieces in
      // The gradients are the seed itself, broadcast: Σ p + Σ q.
      let (p, q) = (tape.value(of: pieces.first), tape.value(of: pieces.second))
      return Recording(loss: tape.rowSums(tape.add(tape.add(p, q), p)), inputs: [])
    }
  }

  @Test("Only parameters of the range move, though others are read by the same records")
  func range() {
    let pieces = Pieces()
    let buffer: ParameterBuffer<Double> = ParameterCollection.randomised(pieces.layout)
    for range in [4..<20, 0..<4, 20..<36, 8..<20] {
      #expect(
        ShardedRun.lastSweepDeviation(parameters: pieces.all, buffer: buffer, range: range) {
          pieces.network($0, .tanh)
        } < 1e-13, "\(range)")
    }
  }

  @Test("A parameter first read by a record that the loss does not depend on is not lost")
  func deadFirstReader() {
    let pieces = Pieces()
    let buffer: ParameterBuffer<Double> = ParameterCollection.randomised(pieces.layout)
    let tape = Tape<Double>(shardCount: 2, parameters: buffer)
    let p = tape.value(of: pieces.first)
    // A diagnostic that nobody differentiates, in a segment of its own.
    _ = tape.exp(p)
    tape.endSegment()
    let loss = tape.rowSums(tape.square(p))
    let sink = TestSink<Double>(count: buffer.count, subtrees: [0..<2])
    tape.sink = sink.sink
    tape.backward(loss, parameterRange: 0..<buffer.count)
    tape.run()
    #expect(sink.elements().prefix(4) == ((0..<4).map { 4 * buffer[$0] })[...])
  }

  @Test("A loss that contains a gradient is differentiated with its parameters")
  func gradientInTheLoss() {
    check { tape, pieces in
      let x = tape.input(6, 3, isDifferentiable: true)
      let h = tape.linear(
        x, weight: tape.value(of: pieces.weight), bias: tape.value(of: pieces.first),
        activation: .tanh)
      tape.endSegment()
      let raw = tape.linear(
        h, weight: tape.value(of: pieces.output), bias: tape.value(of: pieces.second))
      let pair = tape.coupling(
        tape.concatenateColumns(x, tape.columns(x, 0..<1)), raw: raw, first: 2, bound: 1.5,
        inverted: true)
      let density = tape.add(tape.rowSquaredSums(pair.value), pair.logDeterminant)
      let score = tape.gradients(
        of: [(density, seed: tape.constant(6, 1, repeating: 1))], withRespectTo: [x])[0]
      tape.endSegment()
      return Recording(
        loss: tape.sum(tape.add(tape.rowSquaredSums(score), density)), inputs: [x])
    }
  }

  @Test("A loss that contains a Jacobian-vector product is differentiated with its parameters")
  func tangentInTheLoss() {
    check { tape, pieces in
      let x = tape.input(6, 3)
      let direction = tape.input(6, 3)
      let y = pieces.network(tape, x: x, .sigmoid)
      let moved = tape.tangents(of: [y], along: [(x, tangent: direction)])[0]
      return Recording(
        loss: tape.sum(tape.multiply(tape.square(moved), y)), inputs: [x, direction])
    }
  }

  private func check(
    _ read: (Pieces) -> [Parameter] = \.all, _ location: SourceLocation = #_sourceLocation,
    _ record: (Tape<Double>, Pieces) -> Recording
  ) {
    let pieces = Pieces()
    let buffer: ParameterBuffer<Double> = ParameterCollection.randomised(pieces.layout)
    #expect(
      ShardedRun.lastSweepDeviation(parameters: read(pieces), buffer: buffer) { record($0, pieces) }
        < 1e-13, sourceLocation: location)
  }
}
