import Layers
import Tensors

/// A latent state that moves by a learnt differential equation (Chen et al., 2018; as an
/// encoder–decoder: Rubanova, Chen & Duvenaud, 2019).
///
///     h = GRU over the history,    z(0) = W h + b,    z′ = f(z) for 0 < t ≤ 1,
///     day d of D = decoder(z(d/D))
///
/// f is a network with ELU between its layers. With a GRU of 128, 64 latent numbers, f of widths
/// 64-128-128-128-128-64 and a decoder 64-128-150: 209,558 parameters. The encoder is deterministic.
package struct NeuralODE: ForecastModel {
  package let shape: SequenceShape
  package let encoder: GRUCell
  package let start: Dense
  package let field: [Dense]
  package let decoder: MultilayerPerceptron
  /// The steps between days and the way back through them; an output a day.
  package let solver: ODESolver

  /// - Parameters:
  ///   - hidden: width of the encoder and of the networks.
  ///   - latent: numbers of z.
  ///   - fieldLayers: hidden layers of f.
  ///   - steps: classical Runge–Kutta, a step a day, where left out.
  package init(
    shape: SequenceShape = .epidemic, hidden: Int = 128, latent: Int = 64, fieldLayers: Int = 4,
    steps: ODESolver.Steps = .fixed(.classical, perOutput: 1),
    derivative: ODESolver.Derivative = .recorded, in layout: inout ParameterLayout
  ) {
    self.shape = shape
    solver = ODESolver(outputs: shape.forecastDays, steps: steps, derivative: derivative)
    encoder = layout.scoped("encoder") { GRUCell(shape.width, width: hidden, in: &$0) }
    start = layout.scoped("start") { Dense(hidden, latent, in: &$0) }
    let extents = [latent] + Array(repeating: hidden, count: fieldLayers) + [latent]
    field = layout.scoped("field") { layout in
      var layers: [Dense] = []
      for index in 0..<extents.count - 1 {
        layers.append(
          layout.scoped("\(index)") { Dense(extents[index], extents[index + 1], in: &$0) })
      }
      return layers
    }
    decoder = layout.scoped("decoder") {
      MultilayerPerceptron(latent, widths: [hidden], shape.width, in: &$0)
    }
  }

  /// z(0), [B, Z].
  package func initialState<Scalar>(_ history: Value, on tape: Tape<Scalar>) -> Value {
    let rows = tape.shape(of: history).rows
    var state = encoder.zeroState(rows: rows, on: tape)
    for day in 0..<shape.historyDays {
      state = tape.scoped("encoder") {
        encoder(tape.day(day, of: history, shape), state, on: tape)
      }
    }
    return tape.scoped("start") { start(state, on: tape) }
  }

  /// f(z), [B, Z] → [B, Z].
  package func slope<Scalar>(_ z: Value, on tape: Tape<Scalar>) -> Value {
    var value = z
    for (index, layer) in field.enumerated() {
      value = tape.scoped("field.\(index)") { layer(value, on: tape) }
      if index < field.count - 1 { value = tape.elu(value) }
    }
    return value
  }

  package func forecast<Scalar>(
    _ history: Value, observed: Value, on tape: Tape<Scalar>
  ) -> Value {
    let state = initialState(history, on: tape)
    tape.endSegment()
    let states = solver.solve(
      from: state, parameters: field.flatMap { [$0.weight, $0.bias] }, on: tape
    ) { slope($0, on: $1) }
    tape.endSegment()
    let days = states.map { state in
      tape.scoped("decoder") { decoder(state, on: tape) }
    }
    return tape.joined(days)
  }
}
