import Operators
import TestSupport
import Tensors
import Testing

@Suite("Sequence models")
struct SequenceModelTests {
  @Test("Models of the epidemic have as many parameters as their baselines")
  func counts() {
    func count(_ body: (inout ParameterLayout) -> Void) -> Int {
      var layout = ParameterLayout()
      body(&layout)
      return layout.count
    }
    #expect(count { _ = AutoregressiveNetwork(in: &$0) } == 37_254)
    #expect(count { _ = TransformerForecast(in: &$0) } == 52_502)
    #expect(count { _ = NeuralODE(in: &$0) } == 209_558)
    #expect(count { _ = RecurrentForecast(in: &$0) } == 1_926_806)
    #expect(count { _ = RecurrentForecast(width: 250, in: &$0) } == 1_845_650)
  }

  @Test("Models of the epidemic map 14 days of 150 numbers to seven")
  func shapes() {
    var layout = ParameterLayout()
    let models: [any ForecastModel] = [
      layout.scoped("a") { AutoregressiveNetwork(in: &$0) },
      layout.scoped("b") { TransformerForecast(in: &$0) },
      layout.scoped("c") { NeuralODE(in: &$0) },
      layout.scoped("d") { RecurrentForecast(width: 8, layers: 1, in: &$0) },
    ]
    let tape = Tape<Float>(shardCount: 1, parameters: ParameterBuffer(layout: layout, seed: 1))
    let history = tape.input(2, 14 * 150)
    let observed = tape.input(2, 14 * 50)
    for model in models {
      let forecast = model.forecast(history, observed: observed, on: tape)
      #expect(tape.shape(of: forecast) == Shape(2, 7 * 150))
    }
  }

  @Test("Gradients are those of central differences", arguments: SequenceCase.all)
  func gradients(test: SequenceCase) {
    let trial = SequenceTrial(test)
    let histories = trial.histories([0, 1])
    let gradients = trial.gradients(histories)
    func expectNear(_ a: Double, _ b: Double, _ what: String) {
      #expect(abs(a - b) < 1e-7 * (1 + abs(b)), "\(what): \(a) against \(b)")
    }
    for index in 0..<trial.parameters.count {
      let difference = trial.centralDifference(histories, parameter: index)
      expectNear(gradients.parameters[index], difference, "parameter \(index)")
    }
    for element in histories.indices {
      let difference = trial.centralDifference(histories, element: element)
      expectNear(gradients.history[element], difference, "history \(element)")
    }
    #expect(gradients.parameters.contains { abs($0) > 0.01 })
    #expect(gradients.history.contains { abs($0) > 0.01 })
  }

  @Test("A sample's forecast is its own, wherever it stands", arguments: SequenceCase.all)
  func batches(test: SequenceCase) {
    let trial = SequenceTrial(test)
    let size = trial.shape.forecastDays * trial.shape.width
    func forecasts(_ samples: [Int]) -> [[Double]] {
      let all = trial.forecast(trial.histories(samples))
      return samples.indices.map { Array(all[$0 * size..<($0 + 1) * size]) }
    }
    let together = forecasts([0, 1, 2])
    let permuted = forecasts([2, 0, 1])
    for (place, sample) in [2, 0, 1].enumerated() {
      for (a, b) in zip(permuted[place], together[sample]) { #expect(abs(a - b) < 1e-12) }
    }
    let changed = forecasts([0, 7, 2])
    #expect(changed[0] == together[0] && changed[2] == together[2])
    #expect(zip(changed[1], together[1]).allSatisfy { $0 != $1 })
  }

  @Test("No two days of a forecast are the same", arguments: SequenceCase.all)
  func days(test: SequenceCase) {
    let trial = SequenceTrial(test)
    let forecast = trial.forecast(trial.histories([0]))
    let width = trial.shape.width
    let days = (0..<trial.shape.forecastDays).map { Array(forecast[$0 * width..<($0 + 1) * width]) }
    for (index, day) in days.enumerated() {
      for other in days[(index + 1)...] {
        #expect(zip(day, other).contains { abs($0 - $1) > 1e-3 })
      }
    }
  }

  @Test("Every day of the history reaches the last forecast", arguments: SequenceCase.all)
  func reach(test: SequenceCase) {
    let trial = SequenceTrial(test)
    let histories = trial.histories([0])
    let width = trial.shape.width
    let last = trial.forecast(histories).suffix(width)
    for day in 0..<trial.shape.historyDays {
      var changed = histories
      changed[day * width] += 0.5
      #expect(Array(trial.forecast(changed).suffix(width)) != Array(last), "day \(day)")
    }
  }
}
