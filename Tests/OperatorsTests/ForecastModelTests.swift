import Operators
import TestSupport
import Tensors
import Testing

/// The operators as models of the epidemic.
private enum Kind: CaseIterable {
  case fourier, multiwavelet, padé, plane, lowRank

  func model(in layout: inout ParameterLayout) -> any ForecastModel {
    switch self {
    case .fourier: FourierForecast(in: &layout)
    case .multiwavelet: MultiwaveletForecast(in: &layout)
    case .padé: MultiwaveletForecast(.padeExponential, in: &layout)
    case .plane: PlaneMultiwaveletForecast(in: &layout)
    case .lowRank: LowRankForecast(in: &layout)
    }
  }

  /// Complex weights counted once.
  var parameterCount: Int {
    switch self {
    case .fourier: 1_074_019
    case .multiwavelet: 642_449
    case .padé: 679_889
    case .plane: 432_019
    case .lowRank: 278_021
    }
  }
}

@Suite("Forecasts by operators")
struct ForecastModelTests {
  @Test("Parameter counts", arguments: Kind.allCases)
  private func counts(kind: Kind) {
    let fixture = Fixture { kind.model(in: &$0) }
    #expect(fixture.layout.count - fixture.model.complexWeightCount == kind.parameterCount)
  }

  @Test(
    "A forecast is zero at the start and depends on its own window alone", arguments: Kind.allCases)
  private func windows(kind: Kind) {
    let fixture = Fixture { kind.model(in: &$0) }
    let columns = ForecastShape.historyDays * ForecastShape.dayWidth
    func run(_ buffer: ParameterBuffer<Double>, _ rows: [[Double]]) -> [Double] {
      fixture.output(rows.flatMap { $0 }, Shape(rows.count, columns), buffer) { model, x, tape in
        model.forecast(
          x,
          observed: tape.constant(
            rows.count, ForecastShape.historyDays * ForecastShape.states, repeating: 1), on: tape)
      }
    }
    let (a, b) = (noise(columns, seed: 1), noise(columns, seed: 2))
    let start = run(ParameterBuffer(layout: fixture.layout, seed: 1), [a])
    #expect(start.count == 7 * 150 && start.allSatisfy { $0 == 0 })
    let buffer: ParameterBuffer<Double> = fixture.parameters(deviation: 0.05)
    let both = run(buffer, [a, b])
    #expect(relativeError(both, run(buffer, [a]) + run(buffer, [b])) < 1e-12)
    #expect(relativeError(run(buffer, [a]), run(buffer, [b])) > 1e-6)
  }

  @Test("Cells of a window come to their place and back")
  func places() {
    let (states, days) = (ForecastShape.states, ForecastShape.historyDays)
    let history = (0..<2 * days * 150).map { Double($0) }
    let observed = (0..<2 * days * states).map { -Double($0) }
    let tape = Tape<Double>(shardCount: 1)
    let x = tape.constant(2, days * 150, history)
    let mask = tape.constant(2, days * states, observed)
    let byState = tape.keep(
      EpidemicGrid.statesAsPositions(x, observed: mask, positions: 64, on: tape))
    let plane = tape.keep(EpidemicGrid.plane(x, observed: mask, on: tape))
    let padded = tape.keep(
      EpidemicGrid.plane(x, observed: mask, states: 64, days: 16, on: tape))
    // Series of the last seven days as channels of states, and of the plane.
    let fromStates = tape.keep(
      EpidemicGrid.forecast(
        fromStates: tape.columns(byState, 21..<42), positions: 64, on: tape))
    let fromPlane = tape.keep(
      EpidemicGrid.forecast(fromPlane: tape.columns(plane, 0..<3), on: tape))
    let fromPadded = tape.keep(
      EpidemicGrid.forecast(
        fromPlane: tape.columns(padded, 0..<3), states: 64, days: 16, on: tape))
    tape.run()
    let (b, day, state, series) = (1, 9, 31, 2)
    let cell = ((b * days + day) * states + state)
    #expect(
      tape.elements(of: byState)[(state * 2 + b) * 56 + day * 3 + series]
        == Double(cell * 3 + series))
    #expect(tape.elements(of: byState)[(state * 2 + b) * 56 + 42 + day] == -Double(cell))
    #expect(tape.elements(of: byState)[(50 * 2) * 56..<64 * 2 * 56].allSatisfy { $0 == 0 })
    #expect(
      tape.elements(of: plane)[((state * days + day) * 2 + b) * 6 + series]
        == Double(cell * 3 + series))
    var last: [Double] = []
    for sample in 0..<2 {
      let end = (sample + 1) * days * 150
      last += history[end - 7 * 150..<end]
    }
    #expect(tape.elements(of: fromStates) == last)
    #expect(tape.elements(of: fromPlane) == last)
    #expect(tape.elements(of: fromPadded) == last)
    let cells = tape.elements(of: padded)
    #expect(cells[((state * 16 + 2 + day) * 2 + b) * 6 + series] == Double(cell * 3 + series))
    for (state, day) in [(50, 9), (63, 0), (3, 1)] {
      let row = ((state * 16 + day) * 2 + b) * 6
      #expect(cells[row..<row + 4].allSatisfy { $0 == 0 })
      #expect(Array(cells[row + 4..<row + 6]) == [Double(state) / 64, Double(day) / 16])
    }
  }

  @Test("Gradients of small models, embedding and both masks included")
  func gradients() {
    var wavelet = MultiwaveletForecast.Settings.padeExponential
    (wavelet.order, wavelet.multiplier, wavelet.modes) = (2, 1, 2)
    (wavelet.cells, wavelet.projection, wavelet.embedding) = (1, 2, 1)
    check(Fixture { MultiwaveletForecast(wavelet, in: &$0) }, stride: 7)
    var plane = PlaneMultiwaveletForecast.Settings()
    (plane.order, plane.multiplier, plane.stateModes, plane.dayModes) = (1, 2, 2, 2)
    (plane.cells, plane.projection) = (1, 2)
    check(Fixture { PlaneMultiwaveletForecast(plane, in: &$0) }, stride: 7)
    var fourier = FourierForecast.Settings()
    (fourier.width, fourier.stateModes, fourier.dayModes) = (2, 2, 2)
    (fourier.layers, fourier.projection) = (2, 2)
    check(Fixture { FourierForecast(fourier, in: &$0) }, stride: 3)
    var lowRank = LowRankForecast.Settings()
    (lowRank.width, lowRank.rank, lowRank.kernelWidths) = (2, 1, [2])
    (lowRank.layers, lowRank.projection) = (2, 2)
    check(Fixture { LowRankForecast(lowRank, in: &$0) }, stride: 7)
  }

  private func check<Model: ForecastModel>(_ fixture: Fixture<Model>, stride: Int) {
    // The input is a few numbers spread over a window: 2100 central differences would cost too much.
    let columns = ForecastShape.historyDays * ForecastShape.dayWidth
    let spread = noise(6 * columns, seed: 8).map { 0.3 * $0 }
    #expect(
      fixture.gradientDeviation(input: Shape(1, 6), deviation: 0.3, stride: stride) {
        model, x, tape in
        model.forecast(
          tape.matmul(x, tape.constant(6, columns, spread)),
          observed: tape.constant(
            1, ForecastShape.historyDays * ForecastShape.states, repeating: 1), on: tape)
      } < 1e-6)
  }
}
