import Tensors

/// A linear layer with an activation, φ(x · W + b).
///
/// Input [B, I], output [B, O]; W is stored [I, O], b [O]. W starts Kaiming-uniform for ReLU and
/// Xavier-uniform otherwise, b uniform in ±1/√I; a layer made with `startsAtZero` starts at zero.
package struct Dense: Sendable {
  /// Weight, [I, O].
  package let weight: Parameter
  /// Bias, [O].
  package let bias: Parameter
  package let activation: Activation

  package init(
    _ inputs: Int, _ outputs: Int, activation: Activation = .identity, startsAtZero: Bool = false,
    in layout: inout ParameterLayout
  ) {
    let start: Initialisation =
      switch (startsAtZero, activation) {
      case (true, _): .zeros
      case (_, .relu): .kaimingUniform(fanIn: inputs)
      default: .xavierUniform(fanIn: inputs, fanOut: outputs)
      }
    weight = layout.add("weight", shape: [inputs, outputs], start)
    bias = layout.add(
      "bias", shape: [outputs], startsAtZero ? .zeros : .fanInUniform(fanIn: inputs))
    self.activation = activation
  }

  /// [B, I] → [B, O].
  package func callAsFunction<Scalar>(_ x: Value, on tape: Tape<Scalar>) -> Value {
    tape.linear(
      x, weight: tape.value(of: weight), bias: tape.value(of: bias), activation: activation)
  }
}

/// Dense layers one after the other; the last one is linear.
package struct MultilayerPerceptron: Sendable {
  package let layers: [Dense]

  /// - Parameters:
  ///   - widths: hidden widths; empty for one linear layer.
  ///   - startsAtZero: the last layer starts at zero, so that the network's output does.
  package init(
    _ inputs: Int, widths: [Int], _ outputs: Int, activation: Activation = .relu,
    startsAtZero: Bool = false, in layout: inout ParameterLayout
  ) {
    let extents = [inputs] + widths + [outputs]
    var layers: [Dense] = []
    for i in 0..<extents.count - 1 {
      let isLast = i == extents.count - 2
      layers.append(
        layout.scoped("\(i)") {
          Dense(
            extents[i], extents[i + 1], activation: isLast ? .identity : activation,
            startsAtZero: isLast && startsAtZero, in: &$0)
        })
    }
    self.layers = layers
  }

  /// [B, I] → [B, O].
  package func callAsFunction<Scalar>(_ x: Value, on tape: Tape<Scalar>) -> Value {
    var value = x
    for (index, layer) in layers.enumerated() {
      value = tape.scoped("\(index)") { layer(value, on: tape) }
    }
    return value
  }
}
