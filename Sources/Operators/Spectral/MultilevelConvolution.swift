import Tensors

/// A ``SpectralConvolution`` on the modes of a ``MultilevelBasis``, the same weights on all levels.
///
/// ŷ_k = x̂_k · W_k with rows [Re x̂, Im x̂] is one product with [[Re W, Im W], [−Im W, Re W]] a mode; a
/// real mode is multiplied by Re W alone. Both depend on parameters alone, so a tape lays them out
/// once a run and not once a shard.
package struct MultilevelConvolution: Sendable {
  /// [modes·2I, 2O] of the complex modes and [modes·I, O] of the real ones.
  private let complex: Value?
  private let real: Value
  private let complexLevels: [Int]
  private let realLevels: [Int]

  package init<Scalar>(
    _ convolution: SpectralConvolution, basis: MultilevelBasis, on tape: Tape<Scalar>
  ) {
    let (inputs, outputs) = (convolution.inputs, convolution.outputs)
    let modes = basis.complexModes + basis.realModes
    precondition(
      modes.allSatisfy { $0.mode < convolution.modes },
      "a basis of more modes than the \(convolution.modes) of the operator")
    let whole = tape.value(of: convolution.weight)
    // Rows of the weight: the parts of a mode lie one below the other.
    func row(_ mode: MultilevelBasis.Mode, _ part: Int, _ input: Int) -> Int {
      (2 * mode.mode + part) * inputs + input
    }
    if basis.complexModes.isEmpty {
      complex = nil
    } else {
      var index: [Int] = []
      var signs: [Scalar] = []
      for mode in basis.complexModes {
        for input in 0..<inputs {
          index += [row(mode, 0, input), row(mode, 1, input)]
          signs += [1, 1]
        }
        for input in 0..<inputs {
          index += [row(mode, 1, input), row(mode, 0, input)]
          signs += [-1, 1]
        }
      }
      complex = tape.reshape(
        tape.multiply(
          tape.gatherRows(whole, index), columnVector: tape.constant(signs.count, 1, signs)),
        index.count / 2, 2 * outputs)
    }
    var realRows: [Int] = []
    for mode in basis.realModes { realRows += row(mode, 0, 0)..<row(mode, 1, 0) }
    real = tape.gatherRows(whole, realRows)
    complexLevels = basis.complexModes.map(\.rows.count)
    realLevels = basis.realModes.map(\.rows.count)
  }

  /// [·, I] → [·, O] of each mode.
  package func callAsFunction<Scalar>(
    _ x: MultilevelModes, on tape: Tape<Scalar>
  ) -> MultilevelModes {
    let image = x.complex.flatMap { x in complex.map { (x, $0) } }.map { modes, weights in
      tape.groupedMatmul(modes, weights, rowCounts: complexLevels.map { $0 * x.batch })
    }
    return MultilevelModes(
      complex: image,
      real: tape.groupedMatmul(x.real, real, rowCounts: realLevels.map { $0 * x.batch }),
      batch: x.batch)
  }
}
