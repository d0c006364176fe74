import Datasets
import Experiments
import Operators
import TestSupport
import Tensors
import Testing
import Training

@Suite("Training of operators")
struct OperatorStageTests {
  /// u ↦ a u, with the one parameter a: the relative error is known.
  private struct Multiple: NeuralOperator {
    let factor: Parameter

    func callAsFunction<Scalar>(_ u: Value, positions: Int, on tape: Tape<Scalar>) -> Value {
      tape.matmul(u, tape.value(of: factor))
    }
  }

  /// u ↦ u moved on by a grid point: knows which rows are neighbours.
  private struct Move: NeuralOperator {
    func callAsFunction<Scalar>(_ u: Value, positions: Int, on tape: Tape<Scalar>) -> Value {
      let shape = tape.shape(of: u)
      let batch = shape.rows / positions
      return tape.gatherRows(
        u, (0..<shape.rows).map { ($0 - batch + shape.rows) % shape.rows })
    }
  }

  private let pairs = PDEPairs(
    values: [
      1, 2, 3, 4, /* u(T) */ 2, 4, 6, 8,
      1, 0, 0, 1, /* u(T) */ 0, 0, 3, 4,
      1, 2, 3, 4, /* u(T) */ 4, 1, 2, 3,
    ], points: 4)

  @Test("The loss is the weighted relative error, with the gradient of central differences")
  func loss() {
    var layout = ParameterLayout()
    let model = Multiple(factor: layout.add("factor", shape: [1, 1], .zeros))
    let rows = PairRows(pairs)
    #expect(rows.count == 3 && rows.columnCount == 8)
    func errors(_ a: Double) -> [Double] {
      let parameters = ParameterBuffer<Double>(count: 1)
      parameters[0] = a
      let tape = Tape<Double>(shardCount: 1, parameters: parameters)
      let x = tape.input(3, 8)
      rows.read(rows: [0, 1, 2], into: tape.pointer(to: x, shard: 0))
      let result = tape.keep(RelativeError.ofRows(x, model: model, on: tape))
      tape.run()
      return tape.elements(of: result)
    }
    let found = errors(1.5)
    // |1.5 u − 2 u| / |2 u| = 1/4; the second pair: |(1.5, 0, −3, −2.5)| / 5.
    #expect(abs(found[0] - 0.25) < 1e-12)
    #expect(abs(found[1] - (1.5 * 1.5 + 9 + 2.5 * 2.5).squareRoot() / 5) < 1e-12)

    let parameters = ParameterBuffer<Float>(count: 1)
    parameters[0] = 1.5
    let sink = ParameterBuffer<Float>(count: 2)
    let tape = Tape<Float>(shardCount: 1, parameters: parameters)
    tape.sink = ReductionSink(partials: [sink.pointer], subtrees: [0..<1])
    let batch = BatchValues(
      x: tape.input(3, 8), weight: tape.input(3, 1), uniform: tape.input(3, 1))
    rows.read(rows: [0, 1, 2], into: tape.pointer(to: batch.x, shard: 0))
    let weights: [Float] = [0.5, 0.25, 0]
    tape.pointer(to: batch.weight, shard: 0).update(from: weights, count: 3)
    let stage = OperatorStage(model: model, layout: layout)
    let recording = stage.record(batch, on: tape)
    tape.sumOverShards(recording.loss, at: 1)
    tape.backward(recording.loss, parameterRange: stage.parameterRange)
    withExtendedLifetime(sink) { tape.run() }
    func weighted(_ a: Double) -> Double {
      zip(errors(a), weights).reduce(0) { $0 + $1.0 * Double($1.1) }
    }
    #expect(abs(Double(sink[1]) - weighted(1.5)) < 1e-6)
    let difference = (weighted(1.5 + 1e-5) - weighted(1.5 - 1e-5)) / 2e-5
    #expect(abs(Double(sink[0]) - difference) < 1e-5)
  }

  @Test("Functions reach an operator position by position, and come back so")
  func positions() {
    let rows = PairRows(pairs, samples: [0, 2])
    #expect(rows.count == 2 && rows.originalRow(1) == 2)
    let tape = Tape<Double>(shardCount: 1)
    let x = tape.input(2, 8)
    rows.read(rows: [0, 1], into: tape.pointer(to: x, shard: 0))
    let errors = tape.keep(RelativeError.ofRows(x, model: Move(), on: tape))
    tape.run()
    // The third pair is moved by a point: without error, but for the floor under the root.
    #expect(tape.elements(of: errors)[1] < 2e-7)
    #expect(tape.elements(of: errors)[0] > 0.1)
  }
}
