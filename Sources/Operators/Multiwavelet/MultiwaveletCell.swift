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

  /// [N·B, c·k] → [N·B, c·k].
  ///
  /// The decomposition depends on none of A, B and C, so all levels are decomposed first, and the
  /// kernels act on all of them at once.
  /// - Parameter basis: of N/2, N/4, … positions; nil where there are no levels.
  package func callAsFunction<Scalar>(
    _ x: Value, positions: Int, transform: MultiwaveletTransform, basis: MultilevelBasis?,
    on tape: Tape<Scalar>
  ) -> Value {
    let channels = tape.shape(of: x).columns
    let batch = Grid.batch(rows: tape.shape(of: x).rows, positions: positions)
    var x = x
    var details: [Value] = []
    var coarser: [Value] = []
    let levels = basis?.levels ?? []
    for coarse in levels {
      let (s, d) = transform.decompose(x, positions: 2 * coarse, on: tape)
      details.append(d)
      coarser.append(s)
      x = s
    }
    let shape = tape.shape(of: x)
    let order = transform.order
    x = tape.scoped("coarsest") {
      tape.reshape(
        coarsest(tape.reshape(x, shape.count / order, order), on: tape), shape.rows, shape.columns)
    }
    guard let basis else { return x }
    func together(_ values: [Value]) -> Value {
      let rows = values.map { tape.reshape($0, 1, tape.shape(of: $0).count) }
      return tape.reshape(
        tape.concatenatedFromTheLast(rows), basis.positions * batch, channels)
    }
    let (detail, coarse) = apply(
      detail: together(details), coarse: together(coarser), basis: basis, on: tape)
    let size = basis.positions * batch * channels
    let (detailRow, coarseRow) = (
      tape.reshape(detail, 1, size), tape.reshape(coarse, 1, size)
    )
    var end = size
    for positions in levels.reversed() {
      let range = end - positions * batch * channels..<end
      end = range.lowerBound
      func part(_ row: Value) -> Value {
        tape.reshape(tape.columns(row, range), positions * batch, channels)
      }
      x = transform.reconstruct(
        coarse: tape.add(x, part(coarseRow)), detail: part(detailRow), positions: 2 * positions,
        on: tape)
    }
    return x
  }

  /// (A d + B s, C d) on all levels, [ΣN·B, c·k] each.
  private func apply<Scalar>(
    detail d: Value, coarse s: Value, basis: MultilevelBasis, on tape: Tape<Scalar>
  ) -> (detail: Value, coarse: Value) {
    let dModes = basis.transform(d, on: tape)
    switch kernel {
    case .spectral(let blocks):
      // d is transformed once, and A d + B s back once.
      let operators = blocks.map { MultilevelConvolution($0, basis: basis, on: tape) }
      let sum = operators[0](dModes, on: tape)
        .adding(operators[1](basis.transform(s, on: tape), on: tape), on: tape)
      return (
        basis.synthesize(sum, on: tape),
        basis.synthesize(operators[2](dModes, on: tape), on: tape)
      )
    case .pade(let blocks):
      func block(_ index: Int, _ x: Value, _ modes: MultilevelModes? = nil) -> Value {
        tape.scoped(["a", "b", "c"][index]) {
          blocks[index](x, modes: modes, basis: basis, on: tape)
        }
      }
      return (tape.add(block(0, d, dModes), block(1, s)), block(2, d, dModes))
    }
  }
}
