import Foundation
import Layers
import Tensors

/// Bounds of the derivatives of a Padé block y = A(L) σ(W · B(L) x + b) that hold for every p and q
/// (Gupta et al., 2022).
///
/// σ is 1-Lipschitz with σ(0) = 0, L linear or Lipschitz with L(0) = 0, l = ‖L‖. Norms are operator
/// norms; functions on a grid have the norm (1/N Σ |x|²)^{1/2}. With |a_j| ≤ (p/(p+q))^j / j! and
/// |b_j| ≤ (q/(p+q))^j / j!, the sums of the two polynomials are below e^{pl/(p+q)} and e^{ql/(p+q)}.
package struct PadeBounds: Sendable, Equatable {
  package let p: Int
  package let q: Int
  /// l.
  package let operatorNorm: Double

  package init(p: Int, q: Int, operatorNorm: Double) {
    self.p = p
    self.q = q
    self.operatorNorm = operatorNorm
  }

  /// p/(p+q), zero for [0/0].
  private var share: Double { p + q == 0 ? 0 : Double(p) / Double(p + q) }

  /// e^{pl/(p+q)} ≥ ‖A(L)‖.
  package var numerator: Double { exp(share * operatorNorm) }
  /// e^{ql/(p+q)} ≥ ‖B(L)‖.
  package var denominator: Double {
    p + q == 0 ? 1 : exp((1 - share) * operatorNorm)
  }

  /// (1) ‖∂y/∂θ‖ ≤ e^l (‖b‖ + ‖W‖ ‖x‖) · (Σ_j ‖∂L/∂θ_j‖²)^{1/2}.
  ///
  /// - Parameter sensitivity: (Σ_j ‖∂L/∂θ_j‖²)^{1/2}; of a spectral convolution
  ///   ``SpectralConvolution/sensitivity(positions:)``.
  package func operatorGradient(
    weightNorm: Double, biasNorm: Double, inputNorm: Double, sensitivity: Double
  ) -> Double {
    exp(operatorNorm) * (biasNorm + weightNorm * inputNorm) * sensitivity
  }

  /// (2) ‖∂y/∂W‖ ≤ e^l ‖x‖.
  package func weightGradient(inputNorm: Double) -> Double { exp(operatorNorm) * inputNorm }

  /// (3) ‖∂y/∂b‖ ≤ e^{pl/(p+q)}.
  package var biasGradient: Double { numerator }

  /// Whether B(L) is invertible for certain: Σ_{j≥1} |b_j| l^j < 1, which l < (p+q)/q · log 2 implies.
  package var isInvertible: Bool {
    let b = PadeCoefficients(p: p, q: q).denominator.map(abs)
    return PadeCoefficients.evaluate(b, at: operatorNorm) - 1 < 1
  }
}

extension SpectralConvolution {
  /// (Σ_j ‖∂L/∂θ_j‖²)^{1/2}: each number of the weight that acts is an operator of norm one.
  package func sensitivity(positions: Int) -> Double {
    let numbers = (0..<min(modes, positions / 2 + 1)).reduce(0) {
      $0 + (FourierMatrices.isReal(mode: $1, positions: positions) ? 1 : 2) * inputs * outputs
    }
    return Double(numbers).squareRoot()
  }
}

/// A Padé block in product form whose L has a norm that can be computed.
package protocol BoundedPadeBlock: Sendable {
  /// ReLU(W · + b).
  var dense: Dense { get }

  /// The bounds of the block as it stands, on a grid of so many positions.
  func bounds<Scalar>(
    positions: Int, parameters: ParameterBuffer<Scalar>, tolerance: Double
  ) -> PadeBounds

  /// (Σ_j ‖∂L/∂θ_j‖²)^{1/2}.
  func sensitivity(positions: Int) -> Double
}

extension LatentPadeBlock: BoundedPadeBlock {
  package func bounds<Scalar>(
    positions: Int, parameters: ParameterBuffer<Scalar>, tolerance: Double
  ) -> PadeBounds {
    PadeBounds(
      p: coefficients.p, q: coefficients.q,
      operatorNorm: SingularValues.largest(
        of: parameters.doubles(weight.range), columns: weight.columns, tolerance: tolerance))
  }

  /// √(C²): each number of L is an operator of norm one.
  package func sensitivity(positions: Int) -> Double { Double(weight.columns) }
}

extension PadeBlock: BoundedPadeBlock {
  package func sensitivity(positions: Int) -> Double {
    convolution.sensitivity(positions: positions)
  }

  package func bounds<Scalar>(
    positions: Int, parameters: ParameterBuffer<Scalar>, tolerance: Double
  ) -> PadeBounds {
    PadeBounds(
      p: coefficients.p, q: coefficients.q,
      operatorNorm: convolution.norm(
        positions: positions, parameters: parameters, tolerance: tolerance))
  }
}

extension BoundedPadeBlock {
  package func bounds<Scalar>(
    positions: Int, parameters: ParameterBuffer<Scalar>
  ) -> PadeBounds {
    bounds(positions: positions, parameters: parameters, tolerance: SingularValues.finest)
  }

  /// ‖W‖ and ‖b‖.
  package func denseNorms<Scalar>(
    parameters: ParameterBuffer<Scalar>, tolerance: Double = SingularValues.finest
  ) -> (weight: Double, bias: Double) {
    let weight = parameters.doubles(dense.weight.range)
    let bias = parameters.doubles(dense.bias.range)
    return (
      SingularValues.largest(of: weight, columns: dense.weight.columns, tolerance: tolerance),
      bias.reduce(0) { $0 + $1 * $1 }.squareRoot()
    )
  }
}
