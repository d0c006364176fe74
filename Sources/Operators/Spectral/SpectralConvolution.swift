import Tensors

/// A linear operator that acts on the lowest M Fourier modes, ŷ_k = x̂_k · W_k, and kills all others
/// (Li et al., 2021, eq. 4).
///
/// [N·B, I] → [N·B, O]. W is complex, [M, I, O]; it is stored as [M·2I, O], for each mode the rows of
/// the real part above those of the imaginary part, and starts uniform in [0, 1/(I·O)). On a grid with
/// fewer modes the lowest ones act. The weight of the mean and of the highest mode of an even grid acts
/// by its real part, so that powers of the operator in mode space equal powers on the grid.
package struct SpectralConvolution: Sendable {
  /// [M·2I, O].
  package let weight: Parameter
  package let inputs: Int
  package let outputs: Int
  /// M.
  package let modes: Int

  package init(_ inputs: Int, _ outputs: Int, modes: Int, in layout: inout ParameterLayout) {
    precondition(
      inputs > 0 && outputs > 0 && modes > 0,
      "a spectral convolution needs channels and modes, got \(inputs) → \(outputs), \(modes) modes")
    self.inputs = inputs
    self.outputs = outputs
    self.modes = modes
    weight = layout.add(
      "weight", shape: [modes * 2 * inputs, outputs],
      .uniform(below: 1 / Double(inputs * outputs)))
  }

  /// M·I·O.
  package var complexWeightCount: Int { modes * inputs * outputs }

  /// [N·B, I] → [N·B, O].
  package func callAsFunction<Scalar>(
    _ x: Value, basis: some ModeBasis, on tape: Tape<Scalar>
  ) -> Value {
    basis.synthesize(inModes(basis.transform(x, on: tape), basis: basis, on: tape), on: tape)
  }

  /// The operator on mode values, [2M'·B, I] → [2M'·B, O].
  ///
  /// One product a mode: both parts of ŷ are rows of [x̂, i·x̂] · [Re W; Im W].
  package func inModes<Scalar>(
    _ x: Value, basis: some ModeBasis, on tape: Tape<Scalar>
  ) -> Value {
    precondition(
      basis.modes <= modes, "a basis of \(basis.modes) modes for an operator of \(modes)")
    let pair = tape.concatenateColumns(x, basis.turned(x, on: tape))
    return tape.batchedMatmul(pair, lowest(basis.modes, on: tape), groups: basis.modes)
  }

  /// The weights of the lowest modes, [count·2I, O].
  package func lowest<Scalar>(_ count: Int, on tape: Tape<Scalar>) -> Value {
    let whole = tape.value(of: weight)
    if count == modes { return whole }
    let flat = tape.reshape(whole, 1, weight.count)
    let kept = count * 2 * inputs
    return tape.reshape(tape.columns(flat, 0..<kept * outputs), kept, outputs)
  }
}
