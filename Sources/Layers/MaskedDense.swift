import Tensors

/// A linear layer with an activation, φ(x · W + b), in which each output reads a prefix of the inputs.
///
/// Input [B, I], output [B, O]; output column c reads the first `limits[c]` columns. W is stored packed
/// (``Staircase``), [count], b as [O]. W starts Kaiming-uniform for ReLU and Xavier-uniform otherwise by
/// the mean number of inputs, b uniform in ±1/√I; with `startsAtZero` both start at zero.
package struct MaskedDense: Sendable {
  package let pattern: Staircase
  /// Packed weight, [count]; nil where no column reads an input.
  package let weight: Parameter?
  /// Bias, [O].
  package let bias: Parameter
  package let activation: Activation

  package init(
    _ inputs: Int, limits: [Int], activation: Activation = .identity, startsAtZero: Bool = false,
    in layout: inout ParameterLayout
  ) {
    pattern = Staircase(inputs: inputs, limits: limits)
    self.activation = activation
    let fanIn = max(1, (limits.reduce(0, +) + limits.count / 2) / limits.count)
    let start: Initialisation =
      switch (startsAtZero, activation) {
      case (true, _): .zeros
      case (_, .relu): .kaimingUniform(fanIn: fanIn)
      default: .xavierUniform(fanIn: fanIn, fanOut: limits.count)
      }
    weight =
      pattern.count == 0 ? nil : layout.add("weight", shape: [pattern.count], start)
    bias = layout.add(
      "bias", shape: [limits.count], startsAtZero ? .zeros : .fanInUniform(fanIn: fanIn))
  }

  /// [B, I] → [B, O].
  package func callAsFunction<Scalar>(_ x: Value, on tape: Tape<Scalar>) -> Value {
    let b = tape.value(of: bias)
    guard let weight else { return constant(b, rows: tape.shape(of: x).rows, on: tape) }
    return tape.linear(
      x, weight: tape.value(of: weight), bias: b, pattern: pattern, activation: activation)
  }

  /// Some output columns, from the inputs that they read: [B, largest limit] → [B, columns].
  ///
  /// - Parameter x: nil where they read none.
  package func columns<Scalar>(
    _ ranges: [Range<Int>], of x: Value?, rows: Int, on tape: Tape<Scalar>
  ) -> Value {
    let part = pattern.selecting(ranges)
    let b = tape.value(of: bias)
    var partBias = tape.columns(b, ranges[0])
    for range in ranges.dropFirst() {
      partBias = tape.concatenateColumns(partBias, tape.columns(b, range))
    }
    guard let weight, let x, part.inputs > 0 else {
      return constant(partBias, rows: rows, on: tape)
    }
    return tape.linear(
      x, weight: tape.value(of: weight), bias: partBias, pattern: part, activation: activation)
  }

  private func constant<Scalar>(_ bias: Value, rows: Int, on tape: Tape<Scalar>) -> Value {
    tape.broadcastRows(tape.activate(bias, activation), to: rows)
  }
}
