import Tensors

/// One layer of a Transformer encoder, normalised after each sum (Vaswani et al., 2017).
///
///     x ← norm(x + attention(x)),    x ← norm(x + W₂ relu(W₁ x))
///
/// [B·T, C] → [B·T, C], tokens sample by sample.
package struct TransformerLayer: Sendable {
  package let attention: CausalAttention
  package let attentionNorm: LayerNorm
  package let network: MultilayerPerceptron
  package let networkNorm: LayerNorm

  /// - Parameter hidden: width of the network.
  package init(_ width: Int, heads: Int, hidden: Int, in layout: inout ParameterLayout) {
    attention = layout.scoped("attention") { CausalAttention(width, heads: heads, in: &$0) }
    attentionNorm = layout.scoped("attentionNorm") { LayerNorm(width, in: &$0) }
    network = layout.scoped("network") {
      MultilayerPerceptron(width, widths: [hidden], width, in: &$0)
    }
    networkNorm = layout.scoped("networkNorm") { LayerNorm(width, in: &$0) }
  }

  /// [B·T, C] → [B·T, C].
  package func callAsFunction<Scalar>(_ x: Value, tokens: Int, on tape: Tape<Scalar>) -> Value {
    let attended = tape.scoped("attention") { attention(x, tokens: tokens, on: tape) }
    let middle = tape.scoped("attentionNorm") { attentionNorm(tape.add(x, attended), on: tape) }
    let passed = tape.scoped("network") { network(middle, on: tape) }
    return tape.scoped("networkNorm") { networkNorm(tape.add(middle, passed), on: tape) }
  }
}
