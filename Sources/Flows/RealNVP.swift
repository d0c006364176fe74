import Layers
import Tensors

/// The shape of a RealNVP: affine couplings with alternating halves (Dinh et al., 2017).
package struct RealNVP: Sendable {
  /// What stands between two couplings.
  package enum Mixing: Sendable {
    case none
    /// A fixed permutation drawn from the seed.
    case permutation
    /// A trained linear map in LU form.
    case lu
  }

  package var couplings: Int
  package var widths: [Int]
  package var activation: Activation
  package var logScaleBound: Double
  package var hasActNorm: Bool
  package var mixing: Mixing

  package init(
    couplings: Int = 8, widths: [Int] = [64, 64], activation: Activation = .relu,
    logScaleBound: Double = 2, hasActNorm: Bool = true, mixing: Mixing = .lu
  ) {
    self.couplings = couplings
    self.widths = widths
    self.activation = activation
    self.logScaleBound = logScaleBound
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
    var elements: [(name: String, bijection: any Bijection)] = []
    for i in 0..<couplings {
      let kept = i % 2 == 0 ? dimension / 2 : dimension - dimension / 2
      let transformed = i % 2 == 0 ? kept..<dimension : 0..<dimension - kept
      layout.scoped("\(i)") { layout in
        let coupling = layout.scoped("coupling") {
          AffineCoupling(
            dimension: dimension, transformed: transformed, contextDimension: contextDimension,
            widths: widths, activation: activation, logScaleBound: logScaleBound, in: &$0)
        }
        elements.append(("\(i).coupling", coupling))
        switch mixing {
        case .none: break
        case .permutation:
          elements.append(
            ("\(i).permutation", Permutation.random(dimension: dimension, seed: seed, position: i)))
        case .lu:
          let linear = layout.scoped("linear") { InvertibleLinear(dimension: dimension, in: &$0) }
          elements.append(("\(i).linear", linear))
        }
        if hasActNorm {
          let norm = layout.scoped("norm") { ActNorm(dimension: dimension, in: &$0) }
          elements.append(("\(i).norm", norm))
        }
      }
    }
    return Chain(dimension: dimension, elements)
  }
}
