import Layers
import Tensors

/// A kernel integral of low rank (Kovachki et al., 2023, sec. 4.2):
///
///     (K v)_o(x) = Σ_{i,r} φ_oir(z(x)) · 1/N Σ_y ψ_oir(z(y)) v_i(y)
///
/// φ and ψ are networks of point features z. Cost and memory grow with N, not N².
package struct LowRankKernel: Sendable {
  /// φ and ψ, Z → C·C·R.
  package let phi: MultilayerPerceptron
  package let psi: MultilayerPerceptron
  package let channels: Int
  package let rank: Int

  package init(
    features: Int, channels: Int, rank: Int, widths: [Int], in layout: inout ParameterLayout
  ) {
    self.channels = channels
    self.rank = rank
    let outputs = channels * channels * rank
    phi = layout.scoped("phi") {
      MultilayerPerceptron(features, widths: widths, outputs, in: &$0)
    }
    psi = layout.scoped("psi") {
      MultilayerPerceptron(features, widths: widths, outputs, in: &$0)
    }
  }

  /// v [N·B, C], features [N·B, Z] → [N·B, C].
  package func callAsFunction<Scalar>(
    _ v: Value, features: Value, positions: Int, on tape: Tape<Scalar>
  ) -> Value {
    let phi = tape.scoped("phi") { self.phi(features, on: tape) }
    let psi = tape.scoped("psi") { self.psi(features, on: tape) }
    return apply(phi: phi, psi: psi, to: v, positions: positions, on: tape)
  }

  /// The integral for given φ and ψ, [N·B, C·C·R] each, columns in the order (o, i, r).
  package func apply<Scalar>(
    phi: Value, psi: Value, to v: Value, positions: Int, on tape: Tape<Scalar>
  ) -> Value {
    let count = channels * channels * rank
    let rows = tape.shape(of: v).rows
    let batch = Grid.batch(rows: rows, positions: positions)
    // v_i in each column (o, i, r), and the sum of the columns (o, ·, ·).
    var spread = [Scalar](repeating: 0, count: channels * count)
    var collect = spread
    for column in 0..<count {
      spread[column / rank % channels * count + column] = 1
      collect[column * channels + column / (channels * rank)] = 1
    }
    let wide = tape.matmul(v, tape.constant(channels, count, spread))
    let products = tape.reshape(tape.multiply(psi, wide), positions, batch * count)
    let integrals = tape.scale(tape.columnSums(products), by: 1 / Double(positions))
    let everywhere = tape.reshape(tape.broadcastRows(integrals, to: positions), rows, count)
    return tape.matmul(
      tape.multiply(phi, everywhere), tape.constant(count, channels, collect))
  }
}

/// The low-rank neural operator, LNO (Kovachki et al., 2023): v ← σ(K v + W v + b), the last layer
/// without σ. φ and ψ see the point and the input function there, z = (x, u(x)), or what ``Features`` says.
///
/// Without the batch normalisation of the authors' script, which would mix the samples of a batch.
package struct LowRankOperator: NeuralOperator {
  /// The shape of the model; 333,881 parameters by default.
  package struct Settings: Sendable, Equatable {
    package var inputs = 1
    package var outputs = 1
    package var width = 8
    package var rank = 4
    /// Hidden widths of φ and ψ.
    package var kernelWidths = [64, 128]
    package var layers = 4
    package var projection = 128

    package init() {}
  }

  /// What φ and ψ see.
  package enum Features: Sendable {
    /// The point and the input function there.
    case input
    /// tanh v of the layer, which makes it nonlinear in v; without tanh a layer would be cubic in its
    /// input, and four of them leave the range of single precision.
    case hidden
  }

  package let settings: Settings
  private let features: Features
  private let lifting: Dense
  private let kernels: [LowRankKernel]
  private let skips: [Dense]
  private let projection: Dense
  private let head: Dense

  /// - Parameter startsAtZero: the output starts at zero.
  package init(
    _ settings: Settings = Settings(), features: Features = .input, startsAtZero: Bool = false,
    in layout: inout ParameterLayout
  ) {
    (self.settings, self.features) = (settings, features)
    let inputs = settings.inputs + 1
    lifting = layout.scoped("lifting") { Dense(inputs, settings.width, in: &$0) }
    var kernels: [LowRankKernel] = []
    var skips: [Dense] = []
    for index in 0..<settings.layers {
      layout.scoped("\(index)") { layout in
        kernels.append(
          layout.scoped("kernel") {
            LowRankKernel(
              features: features == .input ? inputs : settings.width, channels: settings.width,
              rank: settings.rank,
              widths: settings.kernelWidths, in: &$0)
          })
        skips.append(
          layout.scoped("skip") { Dense(settings.width, settings.width, in: &$0) })
      }
    }
    self.kernels = kernels
    self.skips = skips
    projection = layout.scoped("projection") {
      Dense(settings.width, settings.projection, activation: .relu, in: &$0)
    }
    head = layout.scoped("head") {
      Dense(settings.projection, settings.outputs, startsAtZero: startsAtZero, in: &$0)
    }
  }

  package func callAsFunction<Scalar>(_ u: Value, positions: Int, on tape: Tape<Scalar>) -> Value {
    let input = tape.concatenateColumns(
      u, Grid.coordinates(positions: positions, rows: tape.shape(of: u).rows, on: tape))
    var v = tape.scoped("lifting") { lifting(input, on: tape) }
    for index in kernels.indices {
      tape.endSegment()
      v = tape.scoped("\(index)") {
        tape.add(
          tape.scoped("kernel") {
            kernels[index](
              v, features: features == .input ? input : tape.tanh(v), positions: positions,
              on: tape)
          }, tape.scoped("skip") { skips[index](v, on: tape) })
      }
      if index < kernels.count - 1 { v = tape.relu(v) }
    }
    tape.endSegment()
    let hidden = tape.scoped("projection") { projection(v, on: tape) }
    return tape.scoped("head") { head(hidden, on: tape) }
  }
}
