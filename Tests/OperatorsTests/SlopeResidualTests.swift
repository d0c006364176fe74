import Operators
import TestSupport
import Tensors
import Testing

@Suite("A forecast of what the slope gets wrong")
struct SlopeResidualTests {
  /// Passes the last seven days on, which no slope does.
  private struct LastDays: ForecastModel {
    func forecast<Scalar>(_ history: Value, observed: Value, on tape: Tape<Scalar>) -> Value {
      tape.columns(history, 7 * 150..<14 * 150)
    }
  }

  private func history(level: Double, size: Double) -> [Double] {
    (0..<2 * 14 * 150).map { place in
      let (day, column) = (place / 150 % 14, place % 150)
      return level * Double(1 + column % 7)
        + size * (Double(day) + 0.3 * Double(day * day % 5)) * Double(1 + column % 3)
    }
  }

  private func forecast(
    _ model: SlopeResidual, _ history: [Double], observed: [Double]
  ) -> [Double] {
    let tape = Tape<Double>(shardCount: 1)
    let x = tape.input(Shape(2, 14 * 150), repeating: history, isDifferentiable: false)
    let mask = tape.input(Shape(2, 14 * 50), repeating: observed, isDifferentiable: false)
    let y = tape.keep(model.forecast(x, observed: mask, on: tape))
    tape.run()
    return tape.elements(of: y)
  }

  private let all = [Double](repeating: 1, count: 2 * 14 * 50)

  @Test("In increments only the course of the window counts: levels add, sizes multiply")
  func equivariance() {
    let model = SlopeResidual(LastDays(), scale: .increments)
    let usual = forecast(model, history(level: 0, size: 1), observed: all)
    let shifted = forecast(model, history(level: 5, size: 1), observed: all)
    let larger = forecast(model, history(level: 0, size: 8), observed: all)
    for place in usual.indices {
      let level = 5 * Double(1 + place % 150 % 7)
      #expect(abs(shifted[place] - usual[place] - level) < 1e-9 * level)
      #expect(abs(larger[place] / usual[place] - 8) < 1e-6)
    }
  }

  @Test("In shares the correction is added as it is")
  func shares() {
    let x = history(level: 1, size: 0.2)
    let y = forecast(SlopeResidual(LastDays(), scale: .shares), x, observed: all)
    for sample in 0..<2 {
      for h in 1...7 {
        for column in 0..<150 {
          func day(_ day: Int) -> Double { x[(sample * 14 + day) * 150 + column] }
          let expected = day(13) + Double(h) * (day(13) - day(6)) / 7 + day(6 + h)
          #expect(abs(y[(sample * 7 + h - 1) * 150 + column] - expected) < 1e-9)
        }
      }
    }
  }

  @Test("A recovered number that is missing does not reach the forecast of other states")
  func masked() {
    // State 4 is blank on day 6, where the last week's rise begins.
    let column = 4 * 3 + 1
    var observed = all
    for sample in 0..<2 { observed[(sample * 14 + 6) * 50 + 4] = 0 }
    var wrong = history(level: 0, size: 1)
    for sample in 0..<2 { wrong[(sample * 14 + 6) * 150 + column] = 1e4 }
    let model = SlopeResidual(LastDays(), scale: .increments)
    func others(_ history: [Double], _ observed: [Double]) -> [Double] {
      forecast(model, history, observed: observed).enumerated()
        .filter { $0.offset % 150 != column }.map(\.element)
    }
    #expect(others(wrong, observed) == others(history(level: 0, size: 1), observed))
    #expect(others(wrong, all) != others(history(level: 0, size: 1), all))
  }

  @Test("Gradients of a linear model behind either scale")
  func gradients() {
    for scale in [SlopeResidual.Scale.shares, .increments] {
      var layout = ParameterLayout()
      let model = SlopeResidual(LinearForecast(in: &layout), scale: scale)
      let buffer = ParameterBuffer<Double>(count: layout.count)
      for index in 0..<layout.count {
        var random = SampleRandom(seed: 5, purpose: .test, sample: UInt64(index))
        buffer[index] = random.normal()
      }
      let x = history(level: 0.3, size: 0.1)
      func value(_ gradient: inout [Double]?) -> Double {
        let tape = Tape<Double>(shardCount: 1, parameters: buffer)
        let y = model.forecast(
          tape.input(Shape(2, 14 * 150), repeating: x, isDifferentiable: false),
          observed: tape.input(Shape(2, 14 * 50), repeating: all, isDifferentiable: false), on: tape
        )
        let loss = tape.keep(tape.sum(tape.square(y)))
        if gradient != nil {
          let sum = ParameterBuffer<Double>(count: layout.count)
          tape.sink = ReductionSink(partials: [sum.pointer], subtrees: [0..<1])
          tape.backward(loss, parameterRange: 0..<layout.count)
          withExtendedLifetime(sum) { tape.run() }
          gradient = (0..<layout.count).map { sum[$0] }
        } else {
          tape.run()
        }
        return tape.elements(of: loss)[0]
      }
      var gradient: [Double]? = []
      _ = value(&gradient)
      var none: [Double]?
      for index in stride(from: 0, to: layout.count, by: 9) {
        let usual = buffer[index]
        buffer[index] = usual + 1e-5
        let above = value(&none)
        buffer[index] = usual - 1e-5
        let below = value(&none)
        buffer[index] = usual
        let difference = (above - below) / 2e-5
        #expect(
          abs(gradient![index] - difference) < 1e-6 * (1 + abs(difference)), "\(scale) \(index)")
      }
    }
  }
}
