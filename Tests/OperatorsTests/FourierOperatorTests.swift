import Operators
import TestSupport
import Tensors
import Testing

@Suite("Fourier operator")
struct FourierOperatorTests {
  private var small: FourierOperator.Settings {
    var settings = FourierOperator.Settings()
    settings.width = 3
    settings.modes = 3
    settings.layers = 2
    settings.projection = 4
    settings.activation = .gelu
    return settings
  }

  @Test("Parameters as published, complex weights counted once and twice")
  func count() {
    let fixture = Fixture { FourierOperator(in: &$0) }
    #expect(fixture.layout.count == 549_569)
    #expect(fixture.layout.count - fixture.model.complexWeightCount == 287_425)
  }

  @Test("Gradients, complex weights included", arguments: [4, 5, 8])
  func gradients(positions: Int) {
    let fixture = Fixture { FourierOperator(small, in: &$0) }
    #expect(
      fixture.gradientDeviation(input: Shape(positions * 2, 1)) {
        $0($1, positions: positions, on: $2)
      } < 1e-8)
  }

  @Test("Imaginary parts of the mean and of the highest mode have no gradient")
  func realModes() {
    let fixture = Fixture { SpectralConvolution(2, 2, modes: 3, in: &$0) }
    let buffer: ParameterBuffer<Double> = fixture.parameters()
    let tape = Tape<Double>(shardCount: 1, parameters: buffer)
    let x = tape.constant(4, 2, noise(8))
    let y = fixture.model(
      x, basis: FourierBasis(positions: 4, modes: 3, on: tape), on: tape)
    let gradient = tape.keep(
      tape.gradients(
        of: [(tape.sum(tape.square(y)), seed: tape.constant(1, 1, [1]))],
        withRespectTo: [tape.value(of: fixture.model.weight)])[0])
    tape.run()
    let g = tape.elements(of: gradient)
    for mode in 0..<3 {
      let imaginary = g[(mode * 4 + 2) * 2..<(mode * 4 + 4) * 2]
      #expect(imaginary.allSatisfy { $0 == 0 } == (mode != 1))
    }
  }

  @Test("The same function at any resolution gives the same result", arguments: [16, 33, 64, 128])
  func resolution(positions: Int) {
    var settings = small
    settings.width = 8
    settings.modes = 6
    let fixture = Fixture { FourierOperator(settings, in: &$0) }
    let buffer: ParameterBuffer<Double> = fixture.parameters(deviation: 0.2)
    func at(_ positions: Int) -> [Double] {
      fixture.output(waves(positions, modes: 2), Shape(positions, 1), buffer) {
        $0($1, positions: positions, on: $2)
      }
    }
    // Points that both grids have; the difference is aliasing of the nonlinearity.
    let (fine, coarse) = (at(positions * 4), at(positions))
    let common = (0..<positions).map { fine[4 * $0] }
    #expect(relativeError(coarse, common) < (positions == 16 ? 0.05 : 0.02))
  }

  @Test("Samples of a batch do not mix")
  func batch() {
    let fixture = Fixture { FourierOperator(small, in: &$0) }
    let buffer: ParameterBuffer<Double> = fixture.parameters()
    let (a, b) = (noise(8, seed: 1), noise(8, seed: 2))
    func run(_ u: [Double], _ rows: Int) -> [Double] {
      fixture.output(u, Shape(rows, 1), buffer) { $0($1, positions: 8, on: $2) }
    }
    let both = run((0..<8).flatMap { [a[$0], b[$0]] }, 16)
    let (first, second) = (run(a, 8), run(b, 8))
    #expect(relativeError(both, (0..<8).flatMap { [first[$0], second[$0]] }) < 1e-14)
  }
}
