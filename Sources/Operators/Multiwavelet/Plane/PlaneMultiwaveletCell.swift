import Layers
import Tensors

/// One multiwavelet operator of functions of two variables in non-standard form; see
/// ``MultiwaveletCell``.
///
/// A, B and C are spectral convolutions on the plane, w = c · k² channels of the coarse part and 3w of the
/// detail: A 3w → 3w, B w → 3w, C 3w → w, the same on all levels. A coarse grid has fewer modes than a
/// fine one; it takes the weights of those that it has. T is a linear layer of all w channels.
package struct PlaneMultiwaveletCell: Sendable {
  /// A, B, C.
  package let kernels: [SpectralConvolution]
  /// T, w → w.
  package let coarsest: Dense
  /// Modes of the kernels, k = 0 ..< K and |l| < L.
  private let outerModes: Int
  private let innerModes: Int

  package init(
    channels: Int, outerModes: Int, innerModes: Int, in layout: inout ParameterLayout
  ) {
    (self.outerModes, self.innerModes) = (outerModes, innerModes)
    var kernels: [SpectralConvolution] = []
    for (name, inputs, outputs) in [("a", 3, 3), ("b", 1, 3), ("c", 3, 1)] {
      kernels.append(
        layout.scoped(name) {
          SpectralConvolution(
            inputs * channels, outputs * channels, modes: outerModes * (2 * innerModes - 1),
            in: &$0)
        })
    }
    self.kernels = kernels
    coarsest = layout.scoped("coarsest") { Dense(channels, channels, in: &$0) }
  }

  package var complexWeightCount: Int { kernels.reduce(0) { $0 + $1.complexWeightCount } }

  /// [S·T·B, w] → [S·T·B, w]; `bases[i]` is that of S/2^(i+1) × T/2^(i+1) cells.
  package func callAsFunction<Scalar>(
    _ x: Value, outer: Int, inner: Int, transform: PlaneMultiwaveletTransform,
    bases: [PlaneFourierBasis], on tape: Tape<Scalar>
  ) -> Value {
    var x = x
    var levels: [(detail: Value, coarse: Value)] = []
    for (level, basis) in bases.enumerated() {
      let (s, d) = transform.decompose(x, outer: outer >> level, inner: inner >> level, on: tape)
      levels.append(apply(detail: d, coarse: s, basis: basis, on: tape))
      x = s
    }
    x = tape.scoped("coarsest") { coarsest(x, on: tape) }
    for (level, parts) in levels.enumerated().reversed() {
      x = transform.reconstruct(
        coarse: tape.add(x, parts.coarse), detail: parts.detail, outer: outer >> level,
        inner: inner >> level, on: tape)
    }
    return x
  }

  /// (A d + B s, C d).
  private func apply<Scalar>(
    detail d: Value, coarse s: Value, basis: PlaneFourierBasis, on tape: Tape<Scalar>
  ) -> (detail: Value, coarse: Value) {
    let (dModes, sModes) = (basis.transform(d, on: tape), basis.transform(s, on: tape))
    func kernel(_ index: Int, _ x: Value) -> Value {
      SpectralConvolution.product(
        x, weights: weights(kernels[index], of: basis, on: tape), basis: basis, on: tape)
    }
    return (
      basis.synthesize(tape.add(kernel(0, dModes), kernel(1, sModes)), on: tape),
      basis.synthesize(kernel(2, dModes), on: tape)
    )
  }

  /// The weights of the modes that a basis has, [modes·2I, O].
  private func weights<Scalar>(
    _ kernel: SpectralConvolution, of basis: PlaneFourierBasis, on tape: Tape<Scalar>
  ) -> Value {
    let index = (0..<basis.outerModes).flatMap { k in
      basis.innerModeNumbers.map { k * (2 * innerModes - 1) + $0 + innerModes - 1 }
    }
    let whole = tape.value(of: kernel.weight)
    guard index.count < kernel.modes else { return whole }
    let byMode = tape.reshape(whole, kernel.modes, 2 * kernel.inputs * kernel.outputs)
    return tape.reshape(
      tape.gatherRows(byMode, index), index.count * 2 * kernel.inputs, kernel.outputs)
  }
}
