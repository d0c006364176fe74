import Foundation
import Operators
import TestSupport
import Tensors
import Testing

@Suite("Padé blocks")
struct PadeTests {
  @Test("Coefficients are the exact rationals")
  func rationals() {
    check(PadeCoefficients(p: 3, q: 4).numerator, [1, 3.0 / 7, 1.0 / 14, 1.0 / 210])
    check(
      PadeCoefficients(p: 3, q: 4).denominator, [1, -4.0 / 7, 1.0 / 7, -2.0 / 105, 1.0 / 840])
    check(PadeCoefficients(p: 4, q: 2).numerator, [1, 2.0 / 3, 1.0 / 5, 1.0 / 30, 1.0 / 360])
    check(PadeCoefficients(p: 4, q: 2).denominator, [1, -1.0 / 3, 1.0 / 30])
    check(
      PadeCoefficients(p: 5, q: 6).denominator,
      [1, -6.0 / 11, 3.0 / 22, -2.0 / 99, 1.0 / 528, -1.0 / 9240, 1.0 / 332640])
  }

  private func check(_ a: [Double], _ b: [Double]) {
    #expect(a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) < 1e-15 })
  }

  @Test("The recurrence stays finite and the quotient is the exponential to its order")
  func errors() {
    func relative(_ p: Int, _ q: Int, _ x: Double) -> Double {
      let c = PadeCoefficients(p: p, q: q)
      return PadeCoefficients.evaluate(c.numerator, at: x)
        / PadeCoefficients.evaluate(c.denominator, at: x) / exp(x) - 1
    }
    #expect(abs(relative(4, 2, 1) + 1.02e-5) < 1e-7)
    #expect(abs(relative(4, 2, -1) - 1.83e-5) < 1e-7)
    #expect(abs(relative(4, 2, 2) + 1.10e-3) < 1e-5)
    #expect(abs(relative(3, 4, 1) + 8.3e-7) < 1e-8)
    #expect(abs(relative(8, 8, 2)) < 1e-13)
    #expect(abs(relative(64, 64, 4)) < 1e-12)
    #expect(PadeCoefficients(p: 64, q: 64).numerator.allSatisfy { $0 > 0 && $0.isFinite })
  }

  @Test("Sums of the coefficients and their bounds")
  func sums() {
    for (l, p, q, sum, bound) in [
      (1.0, 4, 2, 1.9027777778, 1.9477340411), (4, 4, 2, 9.7111111111, 14.3919160951),
      (4, 8, 8, 6.4752822486, 7.3890560989), (10, 40, 40, 126.7346436959, 148.4131591026),
    ] {
      let c = PadeCoefficients(p: p, q: q)
      #expect(abs(PadeCoefficients.evaluate(c.numerator, at: l) - sum) < 1e-9)
      #expect(abs(PadeBounds(p: p, q: q, operatorNorm: l).numerator - bound) < 1e-9)
    }
  }

  @Test("Horner's rule in mode space equals repeated application", arguments: [7, 8])
  func horner(positions: Int) {
    let fixture = Fixture { SpectralConvolution(3, 3, modes: 9, in: &$0) }
    let buffer: ParameterBuffer<Double> = fixture.parameters()
    let x = noise(positions * 2 * 3)
    let coefficients = PadeCoefficients(p: 5, q: 6).denominator
    let shape = Shape(positions * 2, 3)
    let horner = fixture.output(x, shape, buffer) { model, x, tape in
      let basis = MultilevelBasis(levels: [positions], modes: 9, on: tape)
      let change = OperatorPolynomial.changeInModes(
        coefficients, of: basis.transform(x, on: tape),
        operator: MultilevelConvolution(model, basis: basis, on: tape), on: tape)
      return tape.add(
        tape.scale(x, by: coefficients[0]), basis.synthesize(change, on: tape))
    }
    let repeated = fixture.output(x, shape, buffer) { model, x, tape in
      let basis = FourierBasis(positions: positions, modes: 9, on: tape)
      return OperatorPolynomial.sum(coefficients, of: x, on: tape) {
        model($0, basis: basis, on: tape)
      }
    }
    #expect(relativeError(horner, repeated) < 1e-12)
  }

  @Test("Gradients of both forms, complex weights included", arguments: [4, 5])
  func gradients(positions: Int) {
    let product = Fixture { PadeBlock(channels: 2, modes: 3, p: 3, q: 2, in: &$0) }
    #expect(
      product.gradientDeviation(input: Shape(positions * 2, 2)) { model, x, tape in
        model(x, basis: FourierBasis(positions: positions, modes: 3, on: tape), on: tape)
      } < 1e-7)
    let rational = Fixture { RationalBlock(channels: 2, modes: 3, p: 3, q: 2, in: &$0) }
    #expect(
      rational.gradientDeviation(input: Shape(positions * 2, 2)) { model, x, tape in
        model(x, basis: FourierBasis(positions: positions, modes: 3, on: tape), on: tape)
      } < 1e-7)
  }

  @Test("The rational form is the exponential of the operator", arguments: [6, 7])
  func exponential(positions: Int) {
    let fixture = Fixture {
      RationalBlock(channels: 2, modes: 3, p: 6, q: 6, hasDense: false, in: &$0)
    }
    let buffer: ParameterBuffer<Double> = fixture.parameters(deviation: 0.2)
    let x = noise(positions * 2)
    let y = fixture.output(x, Shape(positions, 2), buffer) { model, x, tape in
      model(x, basis: FourierBasis(positions: positions, modes: 3, on: tape), on: tape)
    }
    // Σ L^j x / j!.
    var factor = 1.0
    let series = (0..<30).map { j -> Double in
      if j > 0 { factor /= Double(j) }
      return factor
    }
    let expected = fixture.output(x, Shape(positions, 2), buffer) { model, x, tape in
      let basis = FourierBasis(positions: positions, modes: 3, on: tape)
      return OperatorPolynomial.sum(series, of: x, on: tape) {
        model.convolution($0, basis: basis, on: tape)
      }
    }
    #expect(relativeError(y, expected) < 1e-12)
    #expect(relativeError(x, expected) > 0.1)
  }
}
