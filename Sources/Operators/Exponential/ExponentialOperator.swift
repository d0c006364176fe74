import Layers
import Tensors

/// The exponential of the linear part, exact on all Fourier modes, and a learnt correction.
///
/// The time is cut into equal steps. With E the exact propagator over half a step, a step is
///
///     w = E u;  u ← E (w + g(E⁻¹w, w, ∂w, E w))
///
/// that is Strang's splitting (1968) with a network g in the place of the nonlinear half: g sees the
/// state before, in the middle and after the linear motion, and the slope of the middle one. The last
/// layer of g starts at zero, so the model starts as the exact linear propagator, the control that no
/// network beats on nearly linear data. Nothing depends on the position, so the map commutes with
/// translations. On another grid than that of its training the linear part stays exact on all modes of
/// that grid, and g is applied on the grid of the training, see ``FourierResampling``: it has never seen
/// the modes that a finer grid adds.
package struct ExponentialOperator: NeuralOperator {
  /// The shape of the model.
  package struct Settings: Sendable, Equatable {
    package var symbol = LinearSymbol.kortewegDeVries
    /// Period.
    package var length = 1.0
    /// From input to output.
    package var time = 1.0
    package var steps = 4
    /// Whether all steps have the same correction.
    package var sharesSteps = true
    package var width = 32
    package var modes = 32
    /// Layers of the correction.
    package var layers = 2
    package var correction = Correction.fourier
    package var activation = PointwiseActivation.gelu
    package var projection = 64

    package init() {}
  }

  /// What a layer of the correction is.
  package enum Correction: Sendable, Equatable {
    /// v ← σ(K v + W v + b).
    case fourier
    /// v ← v + A(L) ReLU(W · B(L) v + b).
    case pade(PadeOrder)
    /// v ← v + ReLU(W · B(L)⁻¹ A(L) v + b).
    case rational(PadeOrder)
  }

  package let settings: Settings
  /// Points of the grid on which g is applied; nil for whatever grid is asked for.
  package let correctionPositions: Int?
  private let corrections: [ExponentialCorrection]

  package init(
    _ settings: Settings = Settings(), correctionPositions: Int? = nil,
    in layout: inout ParameterLayout
  ) {
    precondition(
      settings.steps >= 1 && settings.layers >= 1 && settings.length > 0,
      "an exponential operator needs steps, layers and a length, got \(settings.steps), "
        + "\(settings.layers) and \(settings.length)")
    self.settings = settings
    self.correctionPositions = correctionPositions
    var corrections: [ExponentialCorrection] = []
    for step in 0..<(settings.sharesSteps ? 1 : settings.steps) {
      corrections.append(
        layout.scoped("\(step)") { ExponentialCorrection(settings, in: &$0) })
    }
    self.corrections = corrections
  }

  package var complexWeightCount: Int {
    corrections.reduce(0) { $0 + $1.complexWeightCount }
  }

  package func padeBlocks(positions: Int) -> [PlacedPadeBlock] {
    corrections.flatMap(\.padeBlocks).map {
      PlacedPadeBlock(block: $0, positions: correctionPositions ?? positions)
    }
  }

  /// [N·B, 1] → [N·B, 1].
  package func callAsFunction<Scalar>(_ u: Value, positions: Int, on tape: Tape<Scalar>) -> Value {
    let batch = Grid.batch(rows: tape.shape(of: u).rows, positions: positions)
    precondition(
      tape.shape(of: u).columns == 1,
      "an exponential operator acts on one function, got \(tape.shape(of: u).columns) channels")
    func constant(_ factors: [LinearSymbol.Complex]) -> Value {
      tape.constant(
        positions, positions,
        CirculantMatrix.matrix(positions: positions, factors: factors).map { Scalar($0) })
    }
    let half = settings.symbol.propagator(
      positions: positions, length: settings.length, time: settings.time,
      share: 0.5 / Double(settings.steps))
    let derivative = CirculantMatrix.derivative(positions: positions, length: settings.length)
    let forward = constant(half)
    // E² and ∂E as matrices of their own: one rounding, and no product more than needed.
    let whole = constant(
      settings.symbol.propagator(
        positions: positions, length: settings.length, time: settings.time,
        share: 1 / Double(settings.steps)))
    let slope = constant(CirculantMatrix.product(half, derivative))
    let inner = correctionPositions ?? positions
    let basis = FourierBasis(positions: inner, modes: settings.modes, on: tape)
    func resampled(_ x: Value, from: Int, to: Int) -> Value {
      from == to ? x : ResampledOperator.resampled(x, from: from, to: to, on: tape)
    }
    var state = tape.reshape(u, positions, batch)
    for step in 0..<settings.steps {
      let after = tape.matmul(whole, state)
      func channel(_ x: Value) -> Value { tape.reshape(x, positions * batch, 1) }
      let features = [state, tape.matmul(forward, state), tape.matmul(slope, state), after]
        .map(channel)
      let network = corrections[settings.sharesSteps ? 0 : step]
      let change = tape.scoped("\(settings.sharesSteps ? 0 : step)") {
        let seen = features.dropFirst().reduce(features[0], tape.concatenateColumns)
        let answer = network(
          resampled(seen, from: positions, to: inner), basis: basis, on: tape)
        return resampled(answer, from: inner, to: positions)
      }
      state = tape.add(
        after, tape.matmul(forward, tape.reshape(change, positions, batch)))
      tape.endSegment()
    }
    return tape.reshape(state, positions * batch, 1)
  }
}

/// The network g of an ``ExponentialOperator``, [N·B, 4] → [N·B, 1].
struct ExponentialCorrection: Sendable {
  private let lifting: Dense
  private let layers: [Layer]
  private let projection: Dense
  private let head: Dense
  private let activation: PointwiseActivation

  private enum Layer: Sendable {
    case fourier(FourierLayer)
    case pade(PadeBlock)
    case rational(RationalBlock)
  }

  init(_ settings: ExponentialOperator.Settings, in layout: inout ParameterLayout) {
    let width = settings.width
    lifting = layout.scoped("lifting") { Dense(4, width, in: &$0) }
    var layers: [Layer] = []
    for index in 0..<settings.layers {
      layers.append(
        layout.scoped("\(index)") { layout in
          switch settings.correction {
          case .fourier:
            .fourier(FourierLayer(width: width, modes: settings.modes, in: &layout))
          case .pade(let order):
            .pade(
              PadeBlock(
                channels: width, modes: settings.modes, p: order.p, q: order.q, in: &layout))
          case .rational(let order):
            .rational(
              RationalBlock(
                channels: width, modes: settings.modes, p: order.p, q: order.q, in: &layout))
          }
        })
    }
    self.layers = layers
    projection = layout.scoped("projection") { Dense(width, settings.projection, in: &$0) }
    head = layout.scoped("head") {
      Dense(settings.projection, 1, startsAtZero: true, in: &$0)
    }
    activation = settings.activation
  }

  var complexWeightCount: Int {
    layers.reduce(0) { sum, layer in
      switch layer {
      case .fourier(let layer): sum + layer.convolution.complexWeightCount
      case .pade(let block): sum + block.convolution.complexWeightCount
      case .rational(let block): sum + block.convolution.complexWeightCount
      }
    }
  }

  var padeBlocks: [PadeBlock] {
    layers.compactMap { if case .pade(let block) = $0 { block } else { nil } }
  }

  func callAsFunction<Scalar>(
    _ features: Value, basis: FourierBasis, on tape: Tape<Scalar>
  ) -> Value {
    var v = activation(tape.scoped("lifting") { lifting(features, on: tape) }, on: tape)
    for (index, layer) in layers.enumerated() {
      v = tape.scoped("\(index)") {
        switch layer {
        case .fourier(let layer): activation(layer(v, basis: basis, on: tape), on: tape)
        case .pade(let block): tape.add(v, block(v, basis: basis, on: tape))
        case .rational(let block): tape.add(v, block(v, basis: basis, on: tape))
        }
      }
    }
    let hidden = activation(tape.scoped("projection") { projection(v, on: tape) }, on: tape)
    return tape.scoped("head") { head(hidden, on: tape) }
  }
}
