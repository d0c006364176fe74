import Foundation
import Operators
import TestSupport
import Tensors
import Testing

@Suite("A Padé exponential operator that advances by a day")
struct DailyPropagatorTests {
  private static func statistics(masksBlanks: Bool) -> DayStatistics {
    DayStatistics(
      rise: (0..<150).map { 0.5 + Double($0 % 4) }, level: (0..<150).map { Double($0 % 5) },
      spread: (0..<150).map { 2 + Double($0 % 3) }, masksBlanks: masksBlanks)
  }

  private static func fixture(masksBlanks: Bool = true) -> Fixture<DailyPropagator> {
    var settings = DailyPropagator.Settings()
    (settings.width, settings.blocks, settings.pade) = (3, 1, PadeOrder(p: 2, q: 1))
    return Fixture {
      DailyPropagator(settings, statistics: statistics(masksBlanks: masksBlanks), in: &$0)
    }
  }

  private func forecast(
    _ fixture: Fixture<DailyPropagator>, _ parameters: ParameterBuffer<Double>,
    history: [Double], observed: [Double], target: [Double]? = nil
  ) -> [Double] {
    fixture.output(history, Shape(history.count / 2100, 2100), parameters) { model, x, tape in
      let mask = tape.constant(observed.count / 700, 700, observed)
      guard let target else { return model.forecast(x, observed: mask, on: tape) }
      return model.taughtForecast(
        x, observed: mask, target: tape.constant(target.count / 1050, 1050, target), on: tape)
    }
  }

  private let all = [Double](repeating: 1, count: 2 * 700)

  @Test("It starts as persistence; the published count of the usual size")
  func start() {
    let fixture = Self.fixture()
    let x = noise(2 * 2100)
    let y = forecast(
      fixture, ParameterBuffer(layout: fixture.layout, seed: 3), history: x, observed: all)
    for place in y.indices {
      #expect(y[place] == x[place / 1050 * 2100 + 13 * 150 + place % 150])
    }
    let usual = Fixture { DailyPropagator(statistics: Self.statistics(masksBlanks: true), in: &$0) }
    #expect(usual.layout.count == 839_062)
  }

  @Test("A day is the block's formula on compressed rises and the last level")
  func formula() {
    let fixture = Self.fixture(masksBlanks: false)
    let buffer: ParameterBuffer<Double> = fixture.parameters()
    let x = noise(2100, seed: 4).map { 3 * $0 }
    let y = forecast(fixture, buffer, history: x, observed: Array(all[..<700]))
    let scales = Self.statistics(masksBlanks: false)
    var features: [Double] = []
    for place in 150..<2100 {
      let rise = (x[place] - x[place - 150]) / scales.rise[place % 150]
      features.append((rise < 0 ? -1 : 1) * log(1 + abs(rise)))
    }
    for column in 0..<150 {
      features.append((x[13 * 150 + column] - scales.level[column]) / scales.spread[column])
    }
    // Parameters in the order in which they are declared.
    var next = 0
    func matrix(_ rows: Int, _ columns: Int) -> [[Double]] {
      defer { next += rows * columns }
      return (0..<rows).map { r in (0..<columns).map { buffer[next + r * columns + $0] } }
    }
    func apply(_ x: [Double], _ w: [[Double]]) -> [Double] {
      w[0].indices.map { c in x.indices.reduce(0) { $0 + x[$1] * w[$1][c] } }
    }
    func sum(_ x: [Double], _ y: [Double], by factor: Double = 1) -> [Double] {
      zip(x, y).map { $0 + factor * $1 }
    }
    let (lift, liftBias) = (matrix(2100, 3), matrix(1, 3)[0])
    let (l, w, b) = (matrix(3, 3), matrix(3, 3), matrix(1, 3)[0])
    let (head, headBias) = (matrix(3, 150), matrix(1, 150)[0])
    #expect(next == fixture.layout.count)
    let z = sum(apply(features, lift), liftBias)
    let c = PadeCoefficients(p: 2, q: 1)
    let u = sum(z, apply(z, l), by: c.denominator[1])
    let v = sum(apply(u, w), b).map { max($0, 0) }
    let once = apply(v, l)
    let block = sum(sum(v, once, by: c.numerator[1]), apply(once, l), by: c.numerator[2])
    let change = sum(apply(sum(z, block), head), headBias)
    for column in 0..<150 {
      let expected = x[13 * 150 + column] + scales.rise[column] * change[column]
      #expect(abs(y[column] - expected) < 1e-9 * (1 + abs(expected)), "\(column)")
    }
  }

  @Test("Taught by its own forecast it says the same; by others the first day alone")
  func teaching() {
    let fixture = Self.fixture(masksBlanks: false)
    let buffer: ParameterBuffer<Double> = fixture.parameters(deviation: 0.2)
    let x = noise(2 * 2100, seed: 5)
    let observed = (0..<2 * 700).map { Double($0 % 7 == 3 ? 0 : 1) }
    let rolled = forecast(fixture, buffer, history: x, observed: observed)
    let taught = forecast(fixture, buffer, history: x, observed: observed, target: rolled)
    #expect(relativeError(taught, rolled) < 1e-12)
    let other = forecast(
      fixture, buffer, history: x, observed: observed, target: noise(2 * 1050, seed: 6))
    for sample in 0..<2 {
      let first = sample * 1050..<sample * 1050 + 150
      #expect(relativeError(Array(other[first]), Array(rolled[first])) < 1e-12)
      let second = sample * 1050 + 150..<sample * 1050 + 300
      #expect(relativeError(Array(other[second]), Array(rolled[second])) > 1e-3)
    }
  }

  @Test("What is missing has no influence, unless blanks are data", arguments: [true, false])
  func mask(masksBlanks: Bool) {
    let fixture = Self.fixture(masksBlanks: masksBlanks)
    let buffer: ParameterBuffer<Double> = fixture.parameters(deviation: 0.2)
    // Recovered of state 8 is missing on day 9.
    var observed = Array(all[..<700])
    observed[9 * 50 + 8] = 0
    let x = noise(2100, seed: 7)
    var moved = x
    moved[9 * 150 + 8 * 3 + 1] += 2
    let change = relativeError(
      forecast(fixture, buffer, history: moved, observed: observed),
      forecast(fixture, buffer, history: x, observed: observed))
    #expect(masksBlanks ? change == 0 : change > 1e-6)
  }

  @Test("A blank of a true day teaches nothing, unless blanks are data", arguments: [true, false])
  func blankTargets(masksBlanks: Bool) {
    let fixture = Self.fixture(masksBlanks: masksBlanks)
    let buffer: ParameterBuffer<Double> = fixture.parameters(deviation: 0.2)
    let x = noise(2100, seed: 10).map { 2 + abs($0) }
    let observed = Array(all[..<700])
    var target = noise(1050, seed: 11).map { 2 + abs($0) }
    // Recovered of state 6 is blank from the third day on; confirmed of state 7 is truly 0 then.
    for day in 2..<7 {
      target[day * 150 + 6 * 3 + 1] = 0
      target[day * 150 + 7 * 3] = 0
    }
    func taught(_ target: [Double]) -> [Double] {
      forecast(fixture, buffer, history: x, observed: observed, target: target)
    }
    let seventh = Array(taught(target)[6 * 150..<7 * 150])
    // Day seven is forecast from days 6…13 of the input and six true days.
    let sevenWindow = Array(x[6 * 150..<2100]) + Array(target[..<(6 * 150)])
    var sevenKnown = observed
    for day in 10..<14 { sevenKnown[day * 50 + 6] = 0 }
    let expected = forecast(fixture, buffer, history: sevenWindow, observed: sevenKnown)
    #expect(relativeError(seventh, Array(expected[..<150])) < 1e-12)
    // The zero of confirmed is a number.
    var other = target
    other[2 * 150 + 7 * 3] = 1
    #expect(relativeError(Array(taught(other)[6 * 150..<1050]), seventh) > 1e-6)
  }

  @Test("The bounds of its blocks are computed, ‖L‖ by the largest singular value")
  func bounds() {
    let fixture = Self.fixture()
    let buffer: ParameterBuffer<Double> = fixture.parameters(deviation: 0.5)
    let blocks = fixture.model.padeBlocks
    #expect(blocks.count == 1)
    let block = fixture.model.blocks[0]
    let bounds = blocks[0].block.bounds(positions: 1, parameters: buffer)
    // ‖L x‖ ≤ ‖L‖ ‖x‖, and nearly reached by one of many x.
    var largest = 0.0
    for seed in 0..<400 {
      let x = noise(3, seed: UInt64(seed))
      let y = (0..<3).map { column in
        (0..<3).reduce(0) { $0 + x[$1] * buffer[block.weight.offset + $1 * 3 + column] }
      }
      func norm(_ v: [Double]) -> Double { v.reduce(0) { $0 + $1 * $1 }.squareRoot() }
      largest = max(largest, norm(y) / norm(x))
    }
    #expect(largest <= bounds.operatorNorm * (1 + 1e-9))
    #expect(largest > 0.95 * bounds.operatorNorm)
    #expect(blocks[0].block.sensitivity(positions: 1) == 3)
    let reading = PadeReading(of: blocks, parameters: buffer, step: 4)
    #expect(reading?.step == 4 && reading?.operatorNorm ?? 0 > 0.99 * bounds.operatorNorm)
  }

  @Test("Gradients of the roll-out and of the teaching")
  func gradients() {
    let fixture = Self.fixture()
    let target = noise(1050, seed: 9)
    for isTaught in [false, true] {
      #expect(
        fixture.gradientDeviation(input: Shape(1, 6), deviation: 0.2, stride: 211) {
          model, x, tape in
          let history = tape.matmul(
            x, tape.constant(6, 2100, noise(6 * 2100, seed: 8).map { 0.3 * $0 }))
          let mask = tape.constant(1, 700, repeating: 1)
          return isTaught
            ? model.taughtForecast(
              history, observed: mask, target: tape.constant(1, 1050, target), on: tape)
            : model.forecast(history, observed: mask, on: tape)
        } < 1e-6)
    }
  }
}
