import Tensors

/// A gated recurrent unit (Cho et al., 2014), in the form whose reset gate acts after the product.
///
///     [r z a] = x · W + b,   [r′ z′ a′] = h · U + c
///     n = tanh(a + σ(r + r′) ∘ a′),    h ← n + σ(z + z′) ∘ (h − n)
///
/// Input [B, I], state [B, H]; W is [I, 3H], U [H, 3H], b and c [3H] each: two bias vectors, as cuDNN
/// and PyTorch have them, 3H(I + H + 2) parameters. All start uniform in ±1/√H.
package struct GRUCell: Sendable {
  /// H.
  package let width: Int
  package let inputWeight: Parameter
  package let inputBias: Parameter
  package let stateWeight: Parameter
  package let stateBias: Parameter

  package init(_ inputs: Int, width: Int, in layout: inout ParameterLayout) {
    self.width = width
    let start = Initialisation.fanInUniform(fanIn: width)
    inputWeight = layout.add("inputWeight", shape: [inputs, 3 * width], start)
    inputBias = layout.add("inputBias", shape: [3 * width], start)
    stateWeight = layout.add("stateWeight", shape: [width, 3 * width], start)
    stateBias = layout.add("stateBias", shape: [3 * width], start)
  }

  /// A state of zeros, [B, H].
  package func zeroState<Scalar>(rows: Int, on tape: Tape<Scalar>) -> Value {
    tape.constant(rows, width, repeating: 0)
  }

  /// One step, x [B, I] and state [B, H] → state.
  package func callAsFunction<Scalar>(_ x: Value, _ state: Value, on tape: Tape<Scalar>) -> Value {
    let fromInput = tape.linear(
      x, weight: tape.value(of: inputWeight), bias: tape.value(of: inputBias))
    let fromState = tape.linear(
      state, weight: tape.value(of: stateWeight), bias: tape.value(of: stateBias))
    let (two, three) = (2 * width, 3 * width)
    let gates = tape.sigmoid(
      tape.add(tape.columns(fromInput, 0..<two), tape.columns(fromState, 0..<two)))
    let reset = tape.columns(gates, 0..<width)
    let update = tape.columns(gates, width..<two)
    let candidate = tape.tanh(
      tape.add(
        tape.columns(fromInput, two..<three),
        tape.multiply(reset, tape.columns(fromState, two..<three))))
    return tape.add(candidate, tape.multiply(update, tape.subtract(state, candidate)))
  }
}
