import Operators
import TestSupport
import Tensors
import Testing

/// One sequence model, small enough for central differences.
struct SequenceCase: Sendable, CustomTestStringConvertible {
  static let shape = SequenceShape(historyDays: 4, forecastDays: 3, width: 3)

  let name: String
  let make: @Sendable (inout ParameterLayout) -> any ForecastModel
  var testDescription: String { name }

  static let all = [
    Self(name: "auto-regressive network") {
      AutoregressiveNetwork(shape: shape, widths: [4, 4], in: &$0)
    },
    Self(name: "LSTM") { RecurrentForecast(shape: shape, width: 4, layers: 2, in: &$0) },
    Self(name: "Transformer") {
      TransformerForecast(shape: shape, channels: 4, heads: 2, hidden: 5, layers: 2, in: &$0)
    },
    Self(name: "neural differential equation") {
      NeuralODE(shape: shape, hidden: 4, latent: 3, fieldLayers: 2, in: &$0)
    },
  ]
}

/// A model with numbers for its parameters.
struct SequenceTrial {
  let model: any ForecastModel
  let parameters: ParameterBuffer<Double>
  let shape: SequenceShape

  init(_ test: SequenceCase) {
    var layout = ParameterLayout()
    model = test.make(&layout)
    shape = SequenceCase.shape
    parameters = ParameterCollection.randomised(layout, deviation: 0.5)
  }

  init(_ model: any ForecastModel, _ layout: ParameterLayout) {
    self.model = model
    shape = SequenceCase.shape
    parameters = ParameterCollection.randomised(layout, deviation: 0.5)
  }

  /// Histories of some samples, each a function of its number.
  func histories(_ samples: [Int]) -> [Double] {
    samples.flatMap { sample in
      (0..<shape.historyDays * shape.width).map { place in
        var random = SampleRandom(
          seed: 5, purpose: .test, step: UInt32(sample), sample: UInt64(place))
        return random.normal()
      }
    }
  }

  /// Records a forecast; observed is 1 everywhere.
  func record(_ histories: [Double], on tape: Tape<Double>) -> (history: Value, forecast: Value) {
    let width = shape.historyDays * shape.width
    let rows = histories.count / width
    let history = tape.input(Shape(rows, width), repeating: histories)
    let observed = tape.input(
      Shape(rows, shape.historyDays),
      repeating: [Double](repeating: 1, count: rows * shape.historyDays),
      isDifferentiable: false)
    return (history, model.forecast(history, observed: observed, on: tape))
  }

  /// [B · forecast · W].
  func forecast(_ histories: [Double]) -> [Double] {
    let tape = Tape<Double>(shardCount: 1, parameters: parameters)
    let result = tape.keep(record(histories, on: tape).forecast)
    tape.run()
    return tape.elements(of: result)
  }

  /// Σ w ∘ forecast with fixed weights, as a value.
  func loss(_ forecast: Value, on tape: Tape<Double>) -> Value {
    let shape = tape.shape(of: forecast)
    let weights = (0..<shape.count).map { place in
      var random = SampleRandom(seed: 9, purpose: .test, sample: UInt64(place))
      return random.normal()
    }
    return tape.sum(tape.multiply(forecast, tape.constant(shape.rows, shape.columns, weights)))
  }

  func loss(_ histories: [Double]) -> Double {
    let tape = Tape<Double>(shardCount: 1, parameters: parameters)
    let value = tape.keep(loss(record(histories, on: tape).forecast, on: tape))
    tape.run()
    return tape.elements(of: value)[0]
  }

  /// Gradients with respect to the history and to all parameters, as the last sweep computes the latter.
  func gradients(_ histories: [Double]) -> (history: [Double], parameters: [Double]) {
    let tape = Tape<Double>(shardCount: 1, parameters: parameters)
    let recorded = record(histories, on: tape)
    let value = loss(recorded.forecast, on: tape)
    let gradient = tape.gradients(
      of: [(value, seed: tape.constant(1, 1, [1]))], withRespectTo: [recorded.history])[0]
    tape.keep(gradient)
    tape.run()
    return (tape.elements(of: gradient), parameterGradient(histories))
  }

  private func parameterGradient(_ histories: [Double]) -> [Double] {
    let tape = Tape<Double>(shardCount: 1, parameters: parameters)
    let sink = ParameterBuffer<Double>(count: parameters.count)
    tape.sink = ReductionSink(partials: [sink.pointer], subtrees: [0..<1])
    let value = loss(record(histories, on: tape).forecast, on: tape)
    tape.backward(value, parameterRange: 0..<parameters.count)
    return withExtendedLifetime(sink) {
      tape.run()
      return (0..<sink.count).map { sink[$0] }
    }
  }

  /// (f(x + h) − f(x − h)) / 2h of the loss, along one parameter.
  func centralDifference(_ histories: [Double], parameter index: Int, step: Double = 1e-5) -> Double
  {
    let value = parameters[index]
    defer { parameters[index] = value }
    parameters[index] = value + step
    let up = loss(histories)
    parameters[index] = value - step
    return (up - loss(histories)) / (2 * step)
  }

  /// The same along one number of the histories.
  func centralDifference(_ histories: [Double], element: Int, step: Double = 1e-5) -> Double {
    var moved = histories
    moved[element] += step
    let up = loss(moved)
    moved[element] -= 2 * step
    return (up - loss(moved)) / (2 * step)
  }
}
