import Tensors

/// What a log says of a Padé block: its norms and its gradient beside their bounds.
///
/// Reverse mode gives Jᵀg for the gradient g that arrives at the block's output, so ‖∂loss/∂W‖ / ‖g‖ is
/// at most ‖∂y/∂W‖, and below its bound.
package struct PadeDiagnostics: Sendable, Equatable {
  package let bounds: PadeBounds
  /// ‖W‖ and ‖b‖.
  package let weightNorm: Double
  package let biasNorm: Double
  /// Lengths of the gradient of the loss with respect to L's weight, W and b.
  package let operatorGradient: Double
  package let weightGradient: Double
  package let biasGradient: Double

  /// - Parameters:
  ///   - positions: of the finest grid that the block acts on.
  ///   - gradient: of the loss, laid out as the parameters.
  package init<Scalar>(
    of block: PadeBlock, positions: Int, parameters: ParameterBuffer<Scalar>,
    gradient: ParameterBuffer<Scalar>
  ) {
    bounds = block.bounds(positions: positions, parameters: parameters)
    (weightNorm, biasNorm) = block.denseNorms(parameters: parameters)
    func length(_ parameter: Parameter) -> Double {
      parameter.range.reduce(0) { $0 + Double(gradient[$1]) * Double(gradient[$1]) }.squareRoot()
    }
    operatorGradient = length(block.convolution.weight)
    weightGradient = length(block.dense.weight)
    biasGradient = length(block.dense.bias)
  }

  /// Whether the gradients keep the bounds for an input and an arriving gradient of these lengths.
  ///
  /// Lengths of functions are those of the grid, (1/N Σ |x|²)^{1/2} and, dual to it, (N Σ |g|²)^{1/2}.
  package func holds(inputNorm: Double, arrivingNorm: Double, sensitivity: Double) -> Bool {
    operatorGradient
      <= arrivingNorm
      * bounds.operatorGradient(
        weightNorm: weightNorm, biasNorm: biasNorm, inputNorm: inputNorm, sensitivity: sensitivity)
      && weightGradient <= arrivingNorm * bounds.weightGradient(inputNorm: inputNorm)
      && biasGradient <= arrivingNorm * bounds.biasGradient
  }
}
