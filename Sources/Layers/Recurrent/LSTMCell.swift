import Tensors

/// One layer of long short-term memory (Hochreiter & Schmidhuber, 1997; with a forget gate: Gers,
/// Schmidhuber & Cummins, 2000).
///
///     [i f o g] = x · W + b + h · U + c
///     cell ← σ(f) ∘ cell + σ(i) ∘ tanh(g),    h ← σ(o) ∘ tanh(cell)
///
/// Input [B, I], state [B, H]; W is [I, 4H], U [H, 4H], and b and c are [4H] each: two bias vectors,
/// as cuDNN and PyTorch have them, 4H(I + H + 2) parameters. All start uniform in ±1/√H.
package struct LSTMCell: Sendable {
  /// What a cell carries from one step to the next, [B, H] each.
  package struct State {
    package var hidden: Value
    package var cell: Value

    package init(hidden: Value, cell: Value) {
      self.hidden = hidden
      self.cell = cell
    }
  }

  /// H.
  package let width: Int
  package let inputWeight: Parameter
  package let inputBias: Parameter
  package let stateWeight: Parameter
  package let stateBias: Parameter

  package init(_ inputs: Int, width: Int, in layout: inout ParameterLayout) {
    self.width = width
    let start = Initialisation.fanInUniform(fanIn: width)
    inputWeight = layout.add("inputWeight", shape: [inputs, 4 * width], start)
    inputBias = layout.add("inputBias", shape: [4 * width], start)
    stateWeight = layout.add("stateWeight", shape: [width, 4 * width], start)
    stateBias = layout.add("stateBias", shape: [4 * width], start)
  }

  /// Hidden state and cell of zeros.
  package func zeroState<Scalar>(rows: Int, on tape: Tape<Scalar>) -> State {
    let zero = tape.constant(rows, width, repeating: 0)
    return State(hidden: zero, cell: zero)
  }

  /// One step, x [B, I].
  package func callAsFunction<Scalar>(_ x: Value, _ state: State, on tape: Tape<Scalar>) -> State {
    let fromInput = tape.linear(
      x, weight: tape.value(of: inputWeight), bias: tape.value(of: inputBias))
    let fromState = tape.linear(
      state.hidden, weight: tape.value(of: stateWeight), bias: tape.value(of: stateBias))
    let sum = tape.add(fromInput, fromState)
    let gates = tape.sigmoid(tape.columns(sum, 0..<3 * width))
    func gate(_ index: Int) -> Value { tape.columns(gates, index * width..<(index + 1) * width) }
    let candidate = tape.tanh(tape.columns(sum, 3 * width..<4 * width))
    let cell = tape.add(tape.multiply(gate(1), state.cell), tape.multiply(gate(0), candidate))
    return State(hidden: tape.multiply(gate(2), tape.tanh(cell)), cell: cell)
  }
}

/// LSTM layers one above the other; each reads the hidden state of the one below.
package struct StackedLSTM: Sendable {
  package let layers: [LSTMCell]

  package init(_ inputs: Int, width: Int, layers count: Int, in layout: inout ParameterLayout) {
    precondition(count > 0, "expected at least one layer, got \(count)")
    var layers: [LSTMCell] = []
    for index in 0..<count {
      layers.append(
        layout.scoped("\(index)") {
          LSTMCell(index == 0 ? inputs : width, width: width, in: &$0)
        })
    }
    self.layers = layers
  }

  /// States of zeros.
  package func zeroState<Scalar>(rows: Int, on tape: Tape<Scalar>) -> [LSTMCell.State] {
    layers.map { $0.zeroState(rows: rows, on: tape) }
  }

  /// One step of all layers, x [B, I]; returns the uppermost hidden state, [B, H].
  package func callAsFunction<Scalar>(
    _ x: Value, _ states: inout [LSTMCell.State], on tape: Tape<Scalar>
  ) -> Value {
    var value = x
    for (index, layer) in layers.enumerated() {
      states[index] = tape.scoped("\(index)") { layer(value, states[index], on: tape) }
      value = states[index].hidden
    }
    return value
  }
}
