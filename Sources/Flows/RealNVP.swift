import Layers
import Tensors

/// The shape of a RealNVP: couplings with alternating halves (Dinh et al., 2017); with splines in place of
/// affine maps it is a neural spline flow of couplings (Durkan et al., 2019).
package struct RealNVP: FlowArchitecture {
  package var couplings: Int
  package var widths: [Int]
  package var activation: Activation
  /// What a coupling does to a column.
  package var transform: ColumnTransform
  package var hasActNorm: Bool
  package var mixing: ColumnMixing

  package init(
    couplings: Int = 8, widths: [Int] = [64, 64], activation: Activation = .relu,
    transform: ColumnTransform = .affine(), hasActNorm: Bool = true, mixing: ColumnMixing = .lu
  ) {
    self.couplings = couplings
    self.widths = widths
    self.activation = activation
    self.transform = transform
    self.hasActNorm = hasActNorm
    self.mixing = mixing
  }

  /// Declares the parameters and builds the chain.
  ///
  /// One block is, base → data: coupling, mixing, ActNorm. Even couplings transform the last
  /// D − ⌊D/2⌋ columns, odd ones the first ⌊D/2⌋ or more.
  /// - Precondition: D ≥ 2, a coupling needs a column to look at.
  package func chain(
    dimension: Int, contextDimension: Int, seed: UInt64, in layout: inout ParameterLayout
  ) -> Chain {
    precondition(dimension >= 2, "a coupling needs at least two columns, got \(dimension)")
    var elements = ChainElements(dimension: dimension, seed: seed)
    for i in 0..<couplings {
      let kept = i % 2 == 0 ? dimension / 2 : dimension - dimension / 2
      let transformed = i % 2 == 0 ? kept..<dimension : 0..<dimension - kept
      layout.scoped("\(i)") { layout in
        let coupling = layout.scoped("coupling") {
          Coupling(
            dimension: dimension, transformed: transformed, contextDimension: contextDimension,
            widths: widths, activation: activation, transform: transform, in: &$0)
        }
        elements.append("\(i).coupling", coupling)
        elements.appendMixing(mixing, hasActNorm: hasActNorm, position: i, in: &layout)
      }
    }
    return elements.chain
  }
}
