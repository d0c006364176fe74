import Layers
import Tensors

/// The shape of a masked autoregressive flow: networks with an order among the columns, which is turned
/// round between blocks (Papamakarios et al., 2017); with splines in place of affine maps it is an
/// autoregressive neural spline flow (Durkan et al., 2019). With its maps inverted it is an inverse
/// autoregressive flow (IAF; Kingma et al., 2016), which samples in one pass a block and needs D for a
/// density.
package struct MAF: FlowArchitecture {
  package var blocks: Int
  package var widths: [Int]
  package var activation: Activation
  /// What a map does to a column.
  package var transform: ColumnTransform
  package var hasActNorm: Bool
  package var mixing: ColumnMixing
  /// Whether the maps are inverted, so that sampling is the fast direction.
  package var isInverted: Bool

  package init(
    blocks: Int = 5, widths: [Int] = [64, 64], activation: Activation = .relu,
    transform: ColumnTransform = .affine(), hasActNorm: Bool = true, mixing: ColumnMixing = .none,
    isInverted: Bool = false
  ) {
    self.blocks = blocks
    self.widths = widths
    self.activation = activation
    self.transform = transform
    self.hasActNorm = hasActNorm
    self.mixing = mixing
    self.isInverted = isInverted
  }

  /// Declares the parameters and builds the chain.
  ///
  /// One block is, base → data: autoregressive map, mixing, ActNorm; between two blocks the order of the
  /// columns is turned round, unless a permutation is drawn.
  package func chain(
    dimension: Int, contextDimension: Int, seed: UInt64, in layout: inout ParameterLayout
  ) -> Chain {
    precondition(dimension >= 1, "a flow needs a column, got \(dimension)")
    var elements = ChainElements(dimension: dimension, seed: seed)
    for i in 0..<blocks {
      layout.scoped("\(i)") { layout in
        let map = layout.scoped("autoregressive") {
          MaskedAutoregressive(
            dimension: dimension, contextDimension: contextDimension, widths: widths,
            activation: activation, transform: transform, in: &$0)
        }
        elements.append("\(i).autoregressive", isInverted ? Inverse(map) : map)
        elements.appendMixing(mixing, hasActNorm: hasActNorm, position: i, in: &layout)
        if mixing != .permutation, dimension > 1, i < blocks - 1 {
          elements.append("\(i).reversal", Permutation((0..<dimension).reversed()))
        }
      }
    }
    return elements.chain
  }
}
