import Layers
import Tensors

/// The Fourier neural operator in one dimension, FNO-1D (Li et al., 2021).
///
///     v₀ = P(u, x);  v ← σ(K v + W v + b), the last layer without σ;  y = Q(v)
///
/// K is a ``SpectralConvolution``, W and b act at each point, P is linear and Q a layer of `projection`
/// units. The coordinate x = n/N of a periodic grid is a channel of the input if `hasCoordinate`.
package struct FourierOperator: NeuralOperator {
  /// The shape of an FNO; the defaults are those of its Burgers experiment, 287,425 parameters with
  /// complex weights counted once.
  package struct Settings: Sendable, Equatable {
    package var inputs = 1
    package var outputs = 1
    package var width = 64
    package var modes = 16
    package var layers = 4
    package var projection = 128
    package var activation = PointwiseActivation.relu
    package var hasCoordinate = true
    /// The output starts at zero.
    package var startsAtZero = false

    package init() {}
  }

  package let settings: Settings
  private let lifting: Dense
  private let layers: [FourierLayer]
  private let projection: Dense
  private let head: Dense

  package init(_ settings: Settings = Settings(), in layout: inout ParameterLayout) {
    self.settings = settings
    let inputs = settings.inputs + (settings.hasCoordinate ? 1 : 0)
    lifting = layout.scoped("lifting") { Dense(inputs, settings.width, in: &$0) }
    var layers: [FourierLayer] = []
    for index in 0..<settings.layers {
      layers.append(
        layout.scoped("\(index)") {
          FourierLayer(width: settings.width, modes: settings.modes, in: &$0)
        })
    }
    self.layers = layers
    projection = layout.scoped("projection") {
      Dense(settings.width, settings.projection, in: &$0)
    }
    head = layout.scoped("head") {
      Dense(
        settings.projection, settings.outputs, startsAtZero: settings.startsAtZero, in: &$0)
    }
  }

  package var complexWeightCount: Int {
    layers.reduce(0) { $0 + $1.convolution.complexWeightCount }
  }

  /// The spectral convolutions, first layer first.
  package var convolutions: [SpectralConvolution] { layers.map(\.convolution) }

  package func callAsFunction<Scalar>(_ u: Value, positions: Int, on tape: Tape<Scalar>) -> Value {
    let input =
      settings.hasCoordinate
      ? tape.concatenateColumns(
        u, Grid.coordinates(positions: positions, rows: tape.shape(of: u).rows, on: tape)) : u
    let basis = FourierBasis(positions: positions, modes: settings.modes, on: tape)
    var v = tape.scoped("lifting") { lifting(input, on: tape) }
    for (index, layer) in layers.enumerated() {
      tape.endSegment()
      v = tape.scoped("\(index)") { layer(v, basis: basis, on: tape) }
      if index < layers.count - 1 { v = settings.activation(v, on: tape) }
    }
    tape.endSegment()
    let hidden = settings.activation(
      tape.scoped("projection") { projection(v, on: tape) }, on: tape)
    return tape.scoped("head") { head(hidden, on: tape) }
  }
}

/// K v + W v + b, [N·B, C] → [N·B, C].
package struct FourierLayer: Sendable {
  package let convolution: SpectralConvolution
  package let skip: Dense

  package init(width: Int, modes: Int, in layout: inout ParameterLayout) {
    convolution = layout.scoped("convolution") {
      SpectralConvolution(width, width, modes: modes, in: &$0)
    }
    skip = layout.scoped("skip") { Dense(width, width, in: &$0) }
  }

  package func callAsFunction<Scalar>(
    _ v: Value, basis: some ModeBasis, on tape: Tape<Scalar>
  ) -> Value {
    tape.add(convolution(v, basis: basis, on: tape), skip(v, on: tape))
  }
}
