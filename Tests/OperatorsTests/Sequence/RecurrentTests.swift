import Foundation
import Layers
import TestSupport
import Tensors
import Testing

@Suite("Recurrent layers")
struct RecurrentTests {
  private func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  /// x · W + b for one row.
  private func linear(
    _ x: [Double], _ weight: Parameter, _ bias: Parameter, _ buffer: ParameterBuffer<Double>
  ) -> [Double] {
    (0..<bias.columns).map { column in
      x.indices.reduce(buffer[bias.offset + column]) {
        $0 + x[$1] * buffer[weight.offset + $1 * weight.columns + column]
      }
    }
  }

  @Test("An LSTM cell computes its formula over two steps")
  func lstm() {
    var layout = ParameterLayout()
    let cell = LSTMCell(2, width: 3, in: &layout)
    #expect(layout.count == 4 * 3 * (2 + 3 + 2))
    let buffer: ParameterBuffer<Double> = ParameterCollection.randomised(layout)
    let inputs = [[0.3, -1.2], [2.0, 0.4]]
    var (h, c) = ([0.0, 0, 0], [0.0, 0, 0])
    for x in inputs {
      let sums = zip(
        linear(x, cell.inputWeight, cell.inputBias, buffer),
        linear(h, cell.stateWeight, cell.stateBias, buffer)
      ).map(+)
      for i in 0..<3 {
        c[i] = sigmoid(sums[3 + i]) * c[i] + sigmoid(sums[i]) * tanh(sums[9 + i])
        h[i] = sigmoid(sums[6 + i]) * tanh(c[i])
      }
    }
    let tape = Tape<Double>(shardCount: 1, parameters: buffer)
    var state = cell.zeroState(rows: 1, on: tape)
    for x in inputs { state = cell(tape.matrix([x]), state, on: tape) }
    tape.keep(state.hidden)
    tape.keep(state.cell)
    tape.run()
    for (a, b) in zip(tape.elements(of: state.hidden) + tape.elements(of: state.cell), h + c) {
      #expect(abs(a - b) < 1e-13)
    }
  }

  @Test("A GRU computes its formula over two steps")
  func gru() {
    var layout = ParameterLayout()
    let cell = GRUCell(2, width: 3, in: &layout)
    #expect(layout.count == 3 * 3 * (2 + 3 + 2))
    let buffer: ParameterBuffer<Double> = ParameterCollection.randomised(layout)
    let inputs = [[0.3, -1.2], [2.0, 0.4]]
    var h = [0.0, 0, 0]
    for x in inputs {
      let a = linear(x, cell.inputWeight, cell.inputBias, buffer)
      let b = linear(h, cell.stateWeight, cell.stateBias, buffer)
      h = (0..<3).map { i in
        let (r, z) = (sigmoid(a[i] + b[i]), sigmoid(a[3 + i] + b[3 + i]))
        return (1 - z) * tanh(a[6 + i] + r * b[6 + i]) + z * h[i]
      }
    }
    let tape = Tape<Double>(shardCount: 1, parameters: buffer)
    var state = cell.zeroState(rows: 1, on: tape)
    for x in inputs { state = cell(tape.matrix([x]), state, on: tape) }
    tape.keep(state)
    tape.run()
    for (a, b) in zip(tape.elements(of: state), h) { #expect(abs(a - b) < 1e-13) }
  }

  @Test("ELU and leaky ReLU are what they say, without overflow")
  func activations() {
    let x = [-800.0, -2, -0.5, 0, 0.5, 900]
    let tape = Tape<Double>(shardCount: 1)
    let values = tape.matrix([x])
    let elu = tape.keep(tape.elu(values))
    let leaky = tape.keep(tape.leakyRelu(values, slope: 0.1))
    tape.run()
    for (i, x) in x.enumerated() {
      #expect(abs(tape.elements(of: elu)[i] - (x > 0 ? x : exp(x) - 1)) < 1e-12)
      #expect(abs(tape.elements(of: leaky)[i] - (x > 0 ? x : 0.1 * x)) < 1e-12)
    }
  }
}
