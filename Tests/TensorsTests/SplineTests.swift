import TestSupport
import Tensors
import Testing

@Suite("Rational-quadratic splines")
struct SplineTests {
  private static let settings = SplineSettings(bins: 6, bound: 3)

  /// Bounds and their neighbours, inner points, and numbers far outside.
  private static let points: [Double] =
    [-1e6, -3.0.nextUp, -3, -3.0.nextDown, 3.0.nextDown, 3, 3.0.nextUp, 1e6, 0, 1e-30]
    + (0...240).map { -3.05 + 0.0254 * Double($0) }

  /// y and log-determinant of points, each with raw numbers of its own.
  private func run<Scalar: TensorScalar>(
    _ points: [Scalar], _ raw: [Scalar], inverted: Bool
  ) -> (values: [Scalar], logs: [Scalar]) {
    let tape = Tape<Scalar>(shardCount: 1)
    let result = tape.spline(
      tape.input(Shape(points.count, 1), repeating: points),
      raw: tape.input(Shape(points.count, Self.settings.rawCount), repeating: raw), first: 0,
      settings: Self.settings, inverted: inverted)
    tape.keep(result.value)
    tape.keep(result.logDeterminant)
    tape.run()
    return (tape.elements(of: result.value), tape.elements(of: result.logDeterminant))
  }

  private func numbers<Scalar: TensorScalar>(_ count: Int, scale: Double) -> [Scalar] {
    var random = SampleRandom(seed: 3, purpose: .test, sample: 0)
    let one = (0..<Self.settings.rawCount).map { _ in Scalar(scale * random.normal()) }
    return (0..<count).flatMap { _ in one }
  }

  private func check<Scalar: TensorScalar>(_ type: Scalar.Type, scale: Double, tolerance: Double) {
    let points = Self.points.map { Scalar($0) }
    let raw: [Scalar] = numbers(points.count, scale: scale)
    for inverted in [false, true] {
      let there = run(points, raw, inverted: inverted)
      let back = run(there.values, raw, inverted: !inverted)
      for (i, point) in points.enumerated() {
        let size = Double(1 + abs(point))
        #expect(Double(abs(back.values[i] - point)) < tolerance * size, "\(point)")
        #expect(Double(abs(back.logs[i] + there.logs[i])) < 100 * tolerance, "\(point)")
        if abs(point) > Scalar(3) {
          #expect(there.values[i] == point && there.logs[i] == 0)
        }
      }
      // Monotonic, in the order of the grid.
      let grid = there.values[10...]
      #expect(zip(grid, grid.dropFirst()).allSatisfy { $0 < $1 })
    }
  }

  @Test("The inverse gives back knots, bounds, their neighbours and the tails")
  func roundTrip() {
    for scale in [0, 0.5, 1.5] {
      check(Double.self, scale: scale, tolerance: 1e-12)
      check(Float.self, scale: scale, tolerance: 1e-4)
    }
  }

  @Test("Knots of the curve go to knots, forth and back")
  func knots() {
    let raw: [Double] = numbers(1, scale: 1)
    func knots(_ raw: ArraySlice<Double>) -> [Double] {
      let weights = raw.map { $0 - raw.max()! }.map { exponential($0) }
      let sum = weights.reduce(0, +)
      var result = [-3.0]
      for weight in weights { result.append(result.last! + 6 * (1e-3 + 0.994 * weight / sum)) }
      return result
    }
    let (x, y) = (knots(raw[0..<6]), knots(raw[6..<12]))
    let repeated = x.flatMap { _ in raw }
    let (there, back) = (run(x, repeated, inverted: false), run(y, repeated, inverted: true))
    for (a, b) in zip(there.values + back.values, y + x) { #expect(abs(a - b) < 1e-12) }
  }

  @Test("Numbers of zero give the identity")
  func identity() {
    let points = Self.points.map { Float($0) }
    let raw = [Float](repeating: 0, count: points.count * Self.settings.rawCount)
    for inverted in [false, true] {
      let result = run(points, raw, inverted: inverted)
      #expect(zip(result.values, points).allSatisfy { abs($0 - $1) < 2e-6 })
      #expect(result.logs.allSatisfy { abs($0) < 2e-6 })
    }
  }

  @Test("Raw numbers up to 1e8 and points that are no numbers break nothing else")
  func extremes() {
    for size in [50.0, 1e4, 1e8] {
      let points = Self.points.map { Float($0) }
      let raw: [Float] = numbers(points.count, scale: size)
      for inverted in [false, true] {
        let result = run(points, raw, inverted: inverted)
        let isFinite = (result.values + result.logs).allSatisfy { $0.isFinite }
        #expect(isFinite, "\(size)")
      }
    }
    let mixed =
      run([.nan, 0.5, .infinity], numbers(3, scale: 1), inverted: false) as ([Float], [Float])
    #expect(mixed.0[0].isNaN && mixed.0[1].isFinite && mixed.0[2] == .infinity)
    #expect(mixed.1[1].isFinite && mixed.1[2] == 0)
  }

  private func exponential(_ x: Double) -> Double {
    let tape = Tape<Double>(shardCount: 1)
    let y = tape.keep(tape.exp(tape.input(Shape(1, 1), repeating: [x])))
    tape.run()
    return tape.elements(of: y)[0]
  }
}
