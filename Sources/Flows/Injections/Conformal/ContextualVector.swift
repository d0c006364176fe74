import Layers
import Tensors

/// Numbers of a layer, [n], that may depend on the context: v = start + network(context).
///
/// The network's last layer starts at zero, so every context starts with the same numbers.
package struct ContextualVector: Sendable {
  /// [n].
  package let start: Parameter
  /// [B, C] → [B, n]; nil for numbers that are the same for all contexts.
  package let network: MultilayerPerceptron?

  /// - Parameters:
  ///   - contextDimension: C; 0 for no context.
  ///   - widths: hidden widths of the network; empty for a linear map of the context.
  package init(
    _ name: String, count: Int, _ initialisation: Initialisation = .zeros,
    contextDimension: Int = 0, widths: [Int] = [], in layout: inout ParameterLayout
  ) {
    start = layout.add(name, shape: [count], initialisation)
    network =
      contextDimension == 0
      ? nil
      : layout.scoped("\(name)-of-context") {
        MultilayerPerceptron(
          contextDimension, widths: widths, count, activation: .tanh, startsAtZero: true, in: &$0)
      }
  }

  /// The numbers of each row, [B, n].
  package func callAsFunction<Scalar>(rows: Int, context: Value?, on tape: Tape<Scalar>) -> Value {
    let value = tape.value(of: start)
    guard let network else { return tape.broadcastRows(value, to: rows) }
    guard let context else { preconditionFailure("expected a context, got none") }
    return tape.add(network(context, on: tape), rowVector: value)
  }
}
