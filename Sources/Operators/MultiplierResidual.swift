import Tensors

/// A linear map fitted in closed form, and a learnt correction: G(u) = M u + g(u).
///
/// M multiplies every mode of one grid by a factor of its own and is not trained. Where g starts at
/// zero the model starts as M, which on nearly linear data is what a network has to beat.
package struct MultiplierResidual: NeuralOperator {
  /// Of the modes 0 … ⌊N/2⌋.
  package let factors: [LinearSymbol.Complex]
  package let correction: any NeuralOperator
  /// N.
  package let positions: Int

  package init(
    factors: [LinearSymbol.Complex], positions: Int, correction: any NeuralOperator
  ) {
    precondition(
      factors.count == positions / 2 + 1,
      "\(positions) points have \(positions / 2 + 1) modes, got \(factors.count) factors")
    (self.factors, self.positions, self.correction) = (factors, positions, correction)
  }

  /// The factors of the real modes are one number each.
  private var complexFactors: Int {
    factors.indices.count { !FourierMatrices.isReal(mode: $0, positions: positions) }
  }

  package var complexWeightCount: Int { correction.complexWeightCount + complexFactors }
  package var fittedCount: Int { factors.count + complexFactors + correction.fittedCount }

  package func padeBlocks(positions: Int) -> [PlacedPadeBlock] {
    correction.padeBlocks(positions: positions)
  }

  /// [N·B, 1] → [N·B, 1].
  ///
  /// - Precondition: the grid of the factors; ``ResampledOperator`` leads there from others.
  package func callAsFunction<Scalar>(_ u: Value, positions: Int, on tape: Tape<Scalar>) -> Value {
    precondition(
      positions == self.positions, "a multiplier of \(self.positions) points, not \(positions)")
    let shape = tape.shape(of: u)
    let matrix = tape.constant(
      positions, positions,
      CirculantMatrix.matrix(positions: positions, factors: factors).map { Scalar($0) })
    let linear = tape.matmul(matrix, tape.reshape(u, positions, shape.count / positions))
    return tape.add(
      tape.reshape(linear, shape.rows, shape.columns),
      correction(u, positions: positions, on: tape))
  }
}
