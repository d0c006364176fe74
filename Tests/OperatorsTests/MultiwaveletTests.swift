import Operators
import TestSupport
import Tensors
import Testing

@Suite("Multiwavelets")
struct MultiwaveletTests {
  private func r(_ n: Double) -> Double { n.squareRoot() }

  private func check(_ a: [[Double]], _ b: [[Double]], _ tolerance: Double = 1e-13) {
    #expect(a.count == b.count)
    for (x, y) in zip(a.joined(), b.joined()) { #expect(abs(x - y) < tolerance) }
  }

  @Test("Filters have their closed forms")
  func closedForms() {
    let h4: [[Double]] = [
      [r(2) / 2, 0, 0, 0], [-r(6) / 4, r(2) / 4, 0, 0], [0, -r(30) / 8, r(2) / 8, 0],
      [r(14) / 16, r(42) / 16, -r(70) / 16, r(2) / 16],
    ]
    for k in 1...4 {
      check(LegendreFilters(order: k).h0, h4.prefix(k).map { Array($0.prefix(k)) })
    }
    check(
      LegendreFilters(order: 4).g0,
      [
        [3 * r(2) / 16, 3 * r(6) / 16, 7 * r(10) / 48, -r(14) / 48], [0, r(2) / 8, r(30) / 8, 0],
        [0, 0, r(2) / 12, r(70) / 12], [0, 0, 0, r(2) / 2],
      ])
    check(
      LegendreFilters(order: 3).g0,
      [[r(2) / 4, r(6) / 4, 0], [0, r(2) / 8, r(30) / 8], [0, 0, r(2) / 2]])
    check(LegendreFilters(order: 2).g0, [[r(2) / 4, r(6) / 4], [0, r(2) / 2]])
  }

  @Test("Golden values of G1, k = 4")
  func golden() {
    check(
      LegendreFilters(order: 4).g1,
      [
        [-0.2651650429, 0.4592793268, -0.4611654921, -0.0779511956],
        [0, -0.1767766953, 0.6846531969, 0], [0, 0, -0.1178511302, 0.6972166888],
        [0, 0, 0, -0.7071067812],
      ], 1e-10)
  }

  @Test("Signs of the right half, and the five identities", arguments: 1...8)
  func identities(k: Int) {
    let f = LegendreFilters(order: k)
    func product(_ a: [[Double]], _ b: [[Double]], transposeA: Bool) -> [[Double]] {
      var result = [[Double]](repeating: [Double](repeating: 0, count: k), count: k)
      for i in 0..<k {
        for j in 0..<k {
          for l in 0..<k {
            result[i][j] += transposeA ? a[l][i] * b[l][j] : a[i][l] * b[j][l]
          }
        }
      }
      return result
    }
    func sum(_ a: [[Double]], _ b: [[Double]]) -> [[Double]] {
      zip(a, b).map { zip($0, $1).map(+) }
    }
    let unit = (0..<k).map { i in (0..<k).map { $0 == i ? 1.0 : 0 } }
    let zero = unit.map { $0.map { _ in 0.0 } }
    for i in 0..<k {
      for j in 0..<k {
        let sign = (i + j) % 2 == 0 ? 1.0 : -1
        #expect(abs(f.h1[i][j] - sign * f.h0[i][j]) < 1e-11)
        #expect(abs(f.g1[i][j] + sign * f.g0[i][j]) < 1e-11)
      }
    }
    func outer(_ a: [[Double]], _ b: [[Double]]) -> [[Double]] {
      product(a, b, transposeA: false)
    }
    func inner(_ a: [[Double]], _ b: [[Double]]) -> [[Double]] { product(a, b, transposeA: true) }
    check(sum(outer(f.h0, f.h0), outer(f.h1, f.h1)), unit, 1e-12)
    check(sum(outer(f.g0, f.g0), outer(f.g1, f.g1)), unit, 1e-12)
    check(sum(outer(f.h0, f.g0), outer(f.h1, f.g1)), zero, 1e-12)
    check(sum(inner(f.h0, f.h0), inner(f.g0, f.g0)), unit, 1e-12)
    check(sum(inner(f.h0, f.h1), inner(f.g0, f.g1)), zero, 1e-12)
  }

  @Test("What is decomposed is reconstructed", arguments: [(2, 1), (8, 3), (16, 4)])
  func reconstruction(positions: Int, order: Int) {
    let tape = Tape<Double>(shardCount: 1)
    let transform = MultiwaveletTransform(
      LegendreFilters(order: order), functions: 2, on: tape)
    let shape = Shape(positions * 3, 2 * order)
    let u = noise(shape.count)
    let x = tape.constant(shape.rows, shape.columns, u)
    let (s, d) = transform.decompose(x, positions: positions, on: tape)
    let y = tape.keep(
      transform.reconstruct(coarse: s, detail: d, positions: positions, on: tape))
    let energy = tape.keep(tape.add(tape.sum(tape.square(s)), tape.sum(tape.square(d))))
    tape.run()
    #expect(relativeError(tape.elements(of: y), u) < 1e-13)
    #expect(abs(tape.elements(of: energy)[0] / u.map { $0 * $0 }.reduce(0, +) - 1) < 1e-12)
  }

  @Test("Polynomials of a degree below k have no detail")
  func vanishingMoments() {
    // A function that is one polynomial of degree 2 on the whole interval: its coefficients on a
    // grid of 4 intervals, by reconstruction from the coarsest one.
    let tape = Tape<Double>(shardCount: 1)
    let transform = MultiwaveletTransform(LegendreFilters(order: 3), functions: 1, on: tape)
    let coarse = tape.constant(1, 3, [0.3, -1.2, 0.7])
    let zero = tape.constant(1, 3, repeating: 0)
    let two = transform.reconstruct(coarse: coarse, detail: zero, positions: 2, on: tape)
    let four = transform.reconstruct(
      coarse: two, detail: tape.constant(2, 3, repeating: 0), positions: 4, on: tape)
    let (_, detail) = transform.decompose(four, positions: 4, on: tape)
    tape.keep(detail)
    tape.keep(four)
    tape.run()
    #expect(tape.elements(of: detail).allSatisfy { abs($0) < 1e-14 })
    // The mean of a quarter is its first coefficient over √4; the quadratic at 1/8 is between.
    #expect(tape.elements(of: four).contains { abs($0) > 0.1 })
  }

  @Test("Parameter counts as published, complex weights counted once and twice")
  func counts() {
    func counts(_ settings: MultiwaveletOperator.Settings) -> [Int] {
      let fixture = Fixture { MultiwaveletOperator(settings, in: &$0) }
      return [fixture.layout.count - fixture.model.complexWeightCount, fixture.layout.count]
    }
    #expect(counts(MultiwaveletOperator.Settings()) == [254_377, 500_137])
    var padé = MultiwaveletOperator.Settings.padeExponential
    #expect(counts(padé) == [143_957, 266_837])
    padé.cells = 2
    #expect(counts(padé) == [279_337, 525_097])
  }

  private func small(_ pade: PadeOrder?) -> MultiwaveletOperator.Settings {
    var settings = MultiwaveletOperator.Settings()
    settings.order = 2
    settings.multiplier = 2
    settings.modes = 2
    settings.cells = 2
    settings.projection = 3
    settings.pade = pade
    return settings
  }

  @Test("Gradients of both models", arguments: [false, true])
  func gradients(hasPadé: Bool) {
    let settings = small(hasPadé ? PadeOrder(p: 2, q: 2) : nil)
    let fixture = Fixture { MultiwaveletOperator(settings, in: &$0) }
    #expect(
      fixture.gradientDeviation(input: Shape(8 * 2, 1)) { $0($1, positions: 8, on: $2) } < 1e-7)
  }

  @Test("The same parameters at 64 to 1024 points", arguments: [false, true])
  func resolution(hasPadé: Bool) {
    let settings = small(hasPadé ? PadeOrder(p: 2, q: 2) : nil)
    let fixture = Fixture { MultiwaveletOperator(settings, in: &$0) }
    let buffer: ParameterBuffer<Double> = fixture.parameters(deviation: 0.2)
    for positions in [64, 128, 256, 512, 1024] {
      let y = fixture.output(waves(positions), Shape(positions, 1), buffer) {
        $0($1, positions: positions, on: $2)
      }
      #expect(y.count == positions && y.allSatisfy(\.isFinite))
      #expect(Set(y).count > positions / 4)
    }
  }
}
