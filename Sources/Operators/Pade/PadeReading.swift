import Tensors

/// A Padé block in its place in an operator.
package struct PlacedPadeBlock: Sendable {
  package let block: any BoundedPadeBlock
  /// Points of the finest grid that it acts on; on coarser ones its operator is no larger.
  package let positions: Int

  package init(block: any BoundedPadeBlock, positions: Int) {
    (self.block, self.positions) = (block, positions)
  }
}

/// What a log of a training says of the Padé blocks of a model: the largest norms over its blocks, and
/// the largest of the three bounds of ``PadeBounds`` for inputs of norm one.
package struct PadeReading: Sendable, Equatable, Codable {
  /// Steps that are done.
  package var step: Int
  /// ‖L‖, ‖W‖, ‖b‖.
  package var operatorNorm = 0.0
  package var weightNorm = 0.0
  package var biasNorm = 0.0
  /// Bounds of ‖∂y/∂θ‖, ‖∂y/∂W‖ and ‖∂y/∂b‖ for ‖x‖ = 1.
  package var operatorGradientBound = 0.0
  package var weightGradientBound = 0.0
  package var biasGradientBound = 0.0
  /// Blocks whose denominator is not invertible for certain, see ``PadeBounds/isInvertible``.
  package var blocksWithoutInverse = 0

  /// Norms grow by less than this part when their iteration ends: three digits that count, for a tenth
  /// of the work.
  package static let tolerance = 1e-6

  package init(step: Int) { self.step = step }

  /// Nil without blocks.
  ///
  /// - Complexity: that of the norms, 0.05 s for 9 blocks of 64 channels and 17 modes.
  package init?<Scalar>(
    of blocks: [PlacedPadeBlock], parameters: ParameterBuffer<Scalar>, step: Int,
    tolerance: Double = tolerance
  ) {
    guard !blocks.isEmpty else { return nil }
    self.step = step
    for placed in blocks {
      let (block, positions) = (placed.block, placed.positions)
      let bounds = block.bounds(
        positions: positions, parameters: parameters, tolerance: tolerance)
      let dense = block.denseNorms(parameters: parameters, tolerance: tolerance)
      operatorNorm = max(operatorNorm, bounds.operatorNorm)
      weightNorm = max(weightNorm, dense.weight)
      biasNorm = max(biasNorm, dense.bias)
      operatorGradientBound = max(
        operatorGradientBound,
        bounds.operatorGradient(
          weightNorm: dense.weight, biasNorm: dense.bias, inputNorm: 1,
          sensitivity: block.sensitivity(positions: positions)))
      weightGradientBound = max(weightGradientBound, bounds.weightGradient(inputNorm: 1))
      biasGradientBound = max(biasGradientBound, bounds.biasGradient)
      blocksWithoutInverse += bounds.isInvertible ? 0 : 1
    }
  }
}
