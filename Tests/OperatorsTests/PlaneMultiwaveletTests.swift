import Operators
import TestSupport
import Tensors
import Testing

@Suite("Multiwavelets of two variables")
struct PlaneMultiwaveletTests {
  @Test(
    "The filters are Kronecker products of those of one variable, and orthogonal", arguments: 1...4)
  func filters(k: Int) {
    let f = LegendreFilters(order: k)
    let matrix = PlaneMultiwaveletTransform.matrix(f)
    func kronecker(_ a: [[Double]], _ b: [[Double]], _ row: Int, _ column: Int) -> Double {
      a[row / k][column / k] * b[row % k][column % k]
    }
    let halves = [(f.h0, f.g0), (f.h1, f.g1)]
    for cell in 0..<4 {
      let ((hs, gs), (ht, gt)) = (halves[cell / 2], halves[cell % 2])
      for (part, (a, b)) in [(hs, ht), (hs, gt), (gs, ht), (gs, gt)].enumerated() {
        for i in 0..<k * k {
          for j in 0..<k * k {
            // Analysis multiplies rows from the left: the transpose.
            #expect(matrix[cell * k * k + j][part * k * k + i] == kronecker(a, b, i, j))
          }
        }
      }
    }
    for i in matrix.indices {
      for j in matrix.indices {
        let product = matrix.indices.reduce(0) { $0 + matrix[$1][i] * matrix[$1][j] }
        #expect(abs(product - (i == j ? 1 : 0)) < 1e-12)
      }
    }
  }

  @Test("What is decomposed is reconstructed", arguments: [(2, 2, 1), (8, 4, 3), (4, 16, 2)])
  func reconstruction(outer: Int, inner: Int, order: Int) {
    let tape = Tape<Double>(shardCount: 1)
    let transform = PlaneMultiwaveletTransform(LegendreFilters(order: order), on: tape)
    let shape = Shape(outer * inner * 3, 2 * order * order)
    let u = noise(shape.count)
    let x = tape.constant(shape.rows, shape.columns, u)
    let (s, d) = transform.decompose(x, outer: outer, inner: inner, on: tape)
    #expect(tape.shape(of: s) == Shape(shape.rows / 4, shape.columns))
    #expect(tape.shape(of: d) == Shape(shape.rows / 4, 3 * shape.columns))
    let y = tape.keep(
      transform.reconstruct(coarse: s, detail: d, outer: outer, inner: inner, on: tape))
    let energy = tape.keep(tape.add(tape.sum(tape.square(s)), tape.sum(tape.square(d))))
    tape.run()
    #expect(relativeError(tape.elements(of: y), u) < 1e-13)
    #expect(abs(tape.elements(of: energy)[0] / u.map { $0 * $0 }.reduce(0, +) - 1) < 1e-12)
  }

  @Test("A product of two functions has the products of their parts")
  func products() {
    let (outer, inner, k) = (8, 4, 3)
    let filters = LegendreFilters(order: k)
    let tape = Tape<Double>(shardCount: 1)
    let (f, g) = (noise(outer * k, seed: 1), noise(inner * k, seed: 2))
    let line = MultiwaveletTransform(filters, functions: 1, on: tape)
    let plane = PlaneMultiwaveletTransform(filters, on: tape)
    func cells(_ f: [Double], _ g: [Double]) -> [Double] {
      (0..<f.count / k).flatMap { s in
        (0..<g.count / k).flatMap { t in
          (0..<k * k).map { f[s * k + $0 / k] * g[t * k + $0 % k] }
        }
      }
    }
    let fs = line.decompose(tape.constant(outer, k, f), positions: outer, on: tape)
    let gs = line.decompose(tape.constant(inner, k, g), positions: inner, on: tape)
    let both = plane.decompose(
      tape.constant(outer * inner, k * k, cells(f, g)), outer: outer, inner: inner, on: tape)
    for value in [fs.coarse, fs.detail, gs.coarse, gs.detail, both.coarse, both.detail] {
      tape.keep(value)
    }
    tape.run()
    let (sf, df) = (tape.elements(of: fs.coarse), tape.elements(of: fs.detail))
    let (sg, dg) = (tape.elements(of: gs.coarse), tape.elements(of: gs.detail))
    #expect(relativeError(tape.elements(of: both.coarse), cells(sf, sg)) < 1e-13)
    let details = [cells(sf, dg), cells(df, sg), cells(df, dg)]
    let size = k * k
    let expected = (0..<outer * inner / 4).flatMap { cell in
      details.flatMap { $0[cell * size..<(cell + 1) * size] }
    }
    #expect(relativeError(tape.elements(of: both.detail), expected) < 1e-13)
  }

  private static func small() -> PlaneMultiwaveletOperator.Settings {
    var settings = PlaneMultiwaveletOperator.Settings()
    (settings.inputs, settings.outputs, settings.multiplier) = (2, 2, 1)
    (settings.outerModes, settings.innerModes, settings.projection) = (3, 2, 3)
    return settings
  }

  @Test("Gradients on grids of different shapes", arguments: [(8, 4), (2, 8)])
  func gradients(outer: Int, inner: Int) {
    let fixture = Fixture { PlaneMultiwaveletOperator(Self.small(), in: &$0) }
    #expect(
      fixture.gradientDeviation(
        input: Shape(outer * inner * 2, 2), deviation: 0.3, stride: 5
      ) { $0($1, outer: outer, inner: inner, on: $2) } < 1e-7)
  }

  @Test("Every kernel and level has a share in the output, and samples do not mix")
  func shares() {
    let fixture = Fixture { PlaneMultiwaveletOperator(Self.small(), in: &$0) }
    let buffer: ParameterBuffer<Double> = fixture.parameters(deviation: 0.3)
    func run(_ samples: [[Double]]) -> [Double] {
      // Row (s·T + t)·B + sample.
      let input = (0..<32).flatMap { cell in
        samples.flatMap { Array($0[cell * 2..<cell * 2 + 2]) }
      }
      return fixture.output(input, Shape(32 * samples.count, 2), buffer) {
        $0($1, outer: 8, inner: 4, on: $2)
      }
    }
    let (a, b) = (noise(64, seed: 4), noise(64, seed: 5))
    let (alone, both) = (run([a]), run([a, b]))
    let first = (0..<32).flatMap { cell in Array(both[cell * 4..<cell * 4 + 2]) }
    #expect(relativeError(first, alone) < 1e-12)
    for parameter in ParameterCollection.parameters(in: fixture.model) {
      let range = parameter.offset..<parameter.offset + parameter.count
      let values = range.map { buffer[$0] }
      for index in range { buffer[index] += 0.5 }
      #expect(run([a]) != alone, "parameter at \(parameter.offset)")
      for (index, value) in zip(range, values) { buffer[index] = value }
    }
  }

  @Test("Parameters of the epidemic's model, complex weights counted once and twice")
  func counts() {
    let fixture = Fixture { PlaneMultiwaveletForecast(in: &$0) }
    #expect(fixture.layout.count == 862_099)
    #expect(fixture.layout.count - fixture.model.complexWeightCount == 432_019)
  }
}
