import Operators
import TestSupport
import Tensors
import Testing

/// Numbers of a small model for tests: handles, layout and randomised parameters.
struct Fixture<Model> {
  let model: Model
  let layout: ParameterLayout

  init(_ make: (inout ParameterLayout) -> Model) {
    var layout = ParameterLayout()
    model = make(&layout)
    self.layout = layout
  }

  func parameters<Scalar>(
    deviation: Double = 0.4, seed: UInt64 = 3
  ) -> ParameterBuffer<Scalar> {
    ParameterCollection.randomised(layout, deviation: deviation, seed: seed)
  }

  /// The output for one input, [rows, columns] row-major.
  func output(
    _ input: [Double], _ shape: Shape, _ buffer: ParameterBuffer<Double>,
    _ body: (Model, Value, Tape<Double>) -> Value
  ) -> [Double] {
    let tape = Tape<Double>(shardCount: 1, parameters: buffer)
    let x = tape.constant(shape.rows, shape.columns, input)
    let y = tape.keep(body(model, x, tape))
    tape.run()
    return tape.elements(of: y)
  }

  /// Largest deviation of the gradients of Σ w ∘ f from central differences, over parameters and input.
  ///
  /// - Parameter stride: every so many-th parameter is checked.
  func gradientDeviation(
    input shape: Shape, deviation: Double = 0.4, stride step: Int = 1,
    _ body: @escaping (Model, Value, Tape<Double>) -> Value
  ) -> Double {
    let buffer: ParameterBuffer<Double> = parameters(deviation: deviation)
    let tape = Tape<Double>(shardCount: 1, parameters: buffer)
    let x = tape.input(shape.rows, shape.columns, isDifferentiable: true)
    ShardedRun.fill([x], of: tape)
    let y = body(model, x, tape)
    let weights = (0..<tape.shape(of: y).count).map { element -> Double in
      var random = SampleRandom(seed: 31, purpose: .test, sample: UInt64(element))
      return 2 * random.uniform() - 1
    }
    let loss = tape.keep(
      tape.sum(
        tape.multiply(
          y, tape.constant(tape.shape(of: y).rows, tape.shape(of: y).columns, weights))))
    let parameters = ParameterCollection.parameters(in: model)
    let gradients = tape.gradients(
      of: [(loss, seed: tape.constant(1, 1, [1]))],
      withRespectTo: parameters.map { tape.value(of: $0) } + [x])
    for gradient in gradients { tape.keep(gradient) }
    tape.run()
    let found = gradients.map { tape.elements(of: $0) }
    var worst = 0.0
    func compare(_ pointer: UnsafeMutablePointer<Double>, _ gradient: Double) {
      let (start, h) = (pointer.pointee, 1e-5)
      pointer.pointee = start + h
      tape.replay()
      let up = tape.elements(of: loss)[0]
      pointer.pointee = start - h
      tape.replay()
      let down = tape.elements(of: loss)[0]
      pointer.pointee = start
      let difference = (up - down) / (2 * h)
      let error = abs(gradient - difference) / (1 + abs(difference))
      worst = max(worst, error.isNaN ? .infinity : error)
    }
    for (parameter, gradient) in zip(parameters, found) {
      for element in stride(from: 0, to: parameter.count, by: step) {
        compare(buffer.pointer + parameter.offset + element, gradient[element])
      }
    }
    for element in 0..<shape.count {
      compare(tape.pointer(to: x, shard: 0) + element, found[parameters.count][element])
    }
    return worst
  }
}

/// Numbers that depend on the seed alone.
func noise(_ count: Int, seed: UInt64 = 1) -> [Double] {
  var random = SampleRandom(seed: seed, purpose: .test, sample: 0)
  return (0..<count).map { _ in random.normal() }
}

/// Σ over a few waves, sampled at `positions` points.
func waves(_ positions: Int, seed: UInt64 = 1, modes: Int = 4) -> [Double] {
  let amplitudes = noise(2 * modes, seed: seed)
  return (0..<positions).map { n in
    (0..<modes).map { k in
      let (cosine, sine) = PortableMath.cosineAndSine(
        turns: Double((k + 1) * n % positions) / Double(positions))
      return amplitudes[2 * k] * cosine + amplitudes[2 * k + 1] * sine
    }.reduce(0, +)
  }
}

/// ‖a − b‖ / ‖b‖.
func relativeError(_ a: [Double], _ b: [Double]) -> Double {
  let difference = zip(a, b).map { ($0 - $1) * ($0 - $1) }.reduce(0, +)
  return (difference / b.map { $0 * $0 }.reduce(0, +)).squareRoot()
}

@Suite("Fourier modes")
struct FourierTests {
  @Test(
    "All modes give a function back, the wanted ones its projection",
    arguments: [1, 2, 3, 8, 9, 16, 31])
  func roundTrip(positions: Int) {
    let u = noise(positions * 3)
    func through(_ modes: Int, _ u: [Double]) -> [Double] {
      let tape = Tape<Double>(shardCount: 1)
      let basis = FourierBasis(positions: positions, modes: modes, on: tape)
      let x = tape.constant(positions, 3, u)
      let y = tape.keep(basis.synthesize(basis.transform(x, on: tape), on: tape))
      tape.run()
      return tape.elements(of: y)
    }
    #expect(relativeError(through(positions, u), u) < 1e-14)
    let once = through(2, u)
    #expect(relativeError(through(2, once), once) < 1e-14)
    if positions > 3 { #expect(relativeError(once, u) > 0.1) }
  }

  @Test("Modes of a wave are its coefficients, at any number of points", arguments: [7, 8, 64])
  func coefficients(positions: Int) {
    let tape = Tape<Double>(shardCount: 1)
    let basis = FourierBasis(positions: positions, modes: 4, on: tape)
    let u = (0..<positions).map { n -> Double in
      let (c, s) = PortableMath.cosineAndSine(
        turns: Double(2 * n % positions) / Double(positions))
      return 0.5 + 3 * c - 4 * s
    }
    let y = tape.keep(basis.transform(tape.constant(positions, 1, u), on: tape))
    tape.run()
    // 3 cos − 4 sin = Re((3 + 4i) e^{ix}): û₂ = (3 + 4i)/2.
    let expected = [0.5, 0, 0, 0, 1.5, 2, 0, 0]
    for (a, b) in zip(tape.elements(of: y), expected) { #expect(abs(a - b) < 1e-14) }
  }

  @Test("A spectral convolution is its sum over modes", arguments: [5, 6, 12, 13])
  func convolution(positions: Int) {
    let fixture = Fixture { SpectralConvolution(2, 3, modes: 4, in: &$0) }
    let buffer: ParameterBuffer<Double> = fixture.parameters()
    let u = noise(positions * 2)
    let y = fixture.output(u, Shape(positions, 2), buffer) { model, x, tape in
      model(
        x, basis: FourierBasis(positions: positions, modes: 4, on: tape), on: tape)
    }
    // Directly: û_k = Σ u e^{−i…}, ŷ = û W, y = 1/N Σ over ±k.
    var expected = [Double](repeating: 0, count: positions * 3)
    for k in 0..<min(4, positions / 2 + 1) {
      let isReal = k == 0 || 2 * k == positions
      for o in 0..<3 {
        var (re, im) = (0.0, 0.0)
        for i in 0..<2 {
          var (a, b) = (0.0, 0.0)
          for n in 0..<positions {
            let (c, s) = PortableMath.cosineAndSine(
              turns: Double(k * n % positions) / Double(positions))
            a += u[n * 2 + i] * c
            b -= u[n * 2 + i] * s
          }
          let wr = buffer[(k * 4 + i) * 3 + o]
          let wi = isReal ? 0 : buffer[(k * 4 + 2 + i) * 3 + o]
          re += a * wr - b * wi
          im += a * wi + b * wr
        }
        for n in 0..<positions {
          let (c, s) = PortableMath.cosineAndSine(
            turns: Double(k * n % positions) / Double(positions))
          expected[n * 3 + o] += (isReal ? 1 : 2) * (re * c - im * s) / Double(positions)
        }
      }
    }
    #expect(relativeError(y, expected) < 1e-13)
  }

  @Test("The norm is that of the dense matrix", arguments: [6, 7, 16])
  func norm(positions: Int) {
    let channels = 3
    let fixture = Fixture { SpectralConvolution(channels, channels, modes: 4, in: &$0) }
    let buffer: ParameterBuffer<Double> = fixture.parameters()
    let size = positions * channels
    var matrix = [Double](repeating: 0, count: size * size)
    for column in 0..<size {
      var unit = [Double](repeating: 0, count: size)
      unit[column] = 1
      let y = fixture.output(unit, Shape(positions, channels), buffer) { model, x, tape in
        model(x, basis: FourierBasis(positions: positions, modes: 4, on: tape), on: tape)
      }
      for row in 0..<size { matrix[row * size + column] = y[row] }
    }
    let dense = SingularValues.largest(of: matrix, columns: size)
    let modes = fixture.model.norm(positions: positions, parameters: buffer)
    #expect(abs(dense - modes) < 1e-13 * dense)
  }

  @Test("The largest singular value of known matrices")
  func singularValues() {
    #expect(abs(SingularValues.largest(of: [3, 0, 0, -4], columns: 2) - 4) < 1e-15)
    #expect(abs(SingularValues.largest(of: [1, 1, 1, 1], columns: 2) - 2) < 1e-15)
    #expect(abs(SingularValues.largest(of: [3, 4], columns: 2) - 5) < 1e-14)
    #expect(abs(SingularValues.largest(of: [3, 4], columns: 1) - 5) < 1e-14)
  }

  @Test("Iteration finds what rotations find", arguments: [5, 20, 60])
  func iteration(columns: Int) {
    let matrix = noise(columns * 40, seed: UInt64(columns))
    let exact = SingularValues.rotated(matrix, columns: columns)
    #expect(abs(SingularValues.iterated(matrix, columns: columns) - exact) < 1e-9 * exact)
    #expect(SingularValues.iterated([0, 0, 0, 0], columns: 2) == 0)
  }

  @Test(
    "The transform of two variables gives a function back", arguments: [(6, 4), (5, 7), (8, 3)])
  func plane(outer: Int, inner: Int) {
    let tape = Tape<Double>(shardCount: 1)
    let basis = PlaneFourierBasis(
      outer: outer, inner: inner, outerModes: outer / 2 + 1, innerModes: inner, on: tape)
    let u = noise(outer * inner * 2 * 3)
    let x = tape.constant(outer * inner * 2, 3, u)
    let y = tape.keep(basis.synthesize(basis.transform(x, on: tape), on: tape))
    tape.run()
    #expect(relativeError(tape.elements(of: y), u) < 1e-13)
  }
}
