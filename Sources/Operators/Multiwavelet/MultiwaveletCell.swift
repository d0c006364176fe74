import Layers
import Tensors

/// One multiwavelet operator in non-standard form (Gupta et al., 2021, eq. 6–10): on each level
///
///     d, s = decompose(x);  Ud = A d + B s;  Us = C d;  x ← s
///
/// at the coarsest level x ← T x, and back, from coarse to fine, x ← reconstruct(x + Us, Ud). A, B and C
/// are the same on all levels; T is a linear layer on the k coefficients.
package struct MultiwaveletCell: Sendable {
  /// What A, B and C are.
  package enum Kernel: Sendable {
    /// Spectral convolutions: the multiwavelet operator.
    case spectral([SpectralConvolution])
    /// Padé blocks, each with an operator and a layer of its own.
    case pade([PadeBlock])
  }

  /// A, B, C.
  package let kernel: Kernel
  /// T, k → k.
  package let coarsest: Dense
  /// log₂ of the positions at the coarsest level.
  package let coarsestLevel: Int

  package init(
    channels: Int, order: Int, modes: Int, pade: PadeOrder?, coarsestLevel: Int,
    in layout: inout ParameterLayout
  ) {
    let names = ["a", "b", "c"]
    if let pade {
      var blocks: [PadeBlock] = []
      for name in names {
        blocks.append(
          layout.scoped(name) {
            PadeBlock(channels: channels, modes: modes, p: pade.p, q: pade.q, in: &$0)
          })
      }
      kernel = .pade(blocks)
    } else {
      var blocks: [SpectralConvolution] = []
      for name in names {
        blocks.append(
          layout.scoped(name) { SpectralConvolution(channels, channels, modes: modes, in: &$0) })
      }
      kernel = .spectral(blocks)
    }
    coarsest = layout.scoped("coarsest") { Dense(order, order, in: &$0) }
    self.coarsestLevel = coarsestLevel
  }

  package var complexWeightCount: Int {
    switch kernel {
    case .spectral(let blocks): blocks.reduce(0) { $0 + $1.complexWeightCount }
    case .pade(let blocks): blocks.reduce(0) { $0 + $1.convolution.complexWeightCount }
    }
  }

  /// [N·B, c·k] → [N·B, c·k]; `bases[i]` is the Fourier basis of N/2^(i+1) positions.
  package func callAsFunction<Scalar>(
    _ x: Value, positions: Int, transform: MultiwaveletTransform, bases: [FourierBasis],
    on tape: Tape<Scalar>
  ) -> Value {
    var x = x
    var levels: [(positions: Int, detail: Value, coarse: Value)] = []
    for (level, basis) in bases.enumerated() {
      let fine = positions >> level
      let (s, d) = transform.decompose(x, positions: fine, on: tape)
      let (detail, coarse) = apply(detail: d, coarse: s, basis: basis, on: tape)
      levels.append((fine, detail, coarse))
      x = s
    }
    let shape = tape.shape(of: x)
    let order = transform.order
    x = tape.scoped("coarsest") {
      tape.reshape(
        coarsest(tape.reshape(x, shape.count / order, order), on: tape), shape.rows, shape.columns)
    }
    for level in levels.reversed() {
      x = transform.reconstruct(
        coarse: tape.add(x, level.coarse), detail: level.detail, positions: level.positions,
        on: tape)
    }
    return x
  }

  /// (A d + B s, C d).
  private func apply<Scalar>(
    detail d: Value, coarse s: Value, basis: FourierBasis, on tape: Tape<Scalar>
  ) -> (detail: Value, coarse: Value) {
    switch kernel {
    case .spectral(let blocks):
      // d is transformed once, and A d + B s back once.
      let (dModes, sModes) = (basis.transform(d, on: tape), basis.transform(s, on: tape))
      let sum = tape.add(
        blocks[0].inModes(dModes, basis: basis, on: tape),
        blocks[1].inModes(sModes, basis: basis, on: tape))
      return (
        basis.synthesize(sum, on: tape),
        basis.synthesize(blocks[2].inModes(dModes, basis: basis, on: tape), on: tape)
      )
    case .pade(let blocks):
      func block(_ index: Int, _ x: Value) -> Value {
        tape.scoped(["a", "b", "c"][index]) { blocks[index](x, basis: basis, on: tape) }
      }
      return (tape.add(block(0, d), block(1, s)), block(2, d))
    }
  }
}
