import Foundation
import Operators
import TestSupport
import Tensors
import Testing

/// y = A(L) ReLU(W · B(L) x + b) on vectors of d numbers, with a dense L.
private struct DensePade {
  let d = 5
  let layout: ParameterLayout
  let l: Parameter
  let w: Parameter
  let b: Parameter
  /// L(x) = tanh(x · L) in place of x · L.
  let isNonlinear: Bool

  init(isNonlinear: Bool) {
    self.isNonlinear = isNonlinear
    var layout = ParameterLayout()
    l = layout.add("l", shape: [d, d], .zeros)
    w = layout.add("w", shape: [d, d], .zeros)
    b = layout.add("b", shape: [d], .zeros)
    self.layout = layout
  }

  struct Norms {
    var l = 0.0
    var w = 0.0
    var b = 0.0
    var x = 0.0
    var gradientL = 0.0
    var gradientW = 0.0
    var gradientB = 0.0
  }

  /// The spectral norms of the Jacobians by reverse mode, a row for each output.
  func norms(p: Int, q: Int, operatorNorm: Double, seed: UInt64, isPadé: Bool = true) -> Norms {
    let buffer: ParameterBuffer<Double> = ParameterCollection.randomised(layout, seed: seed)
    func matrix(_ parameter: Parameter) -> [Double] { parameter.range.map { buffer[$0] } }
    let scale = operatorNorm / SingularValues.largest(of: matrix(l), columns: d)
    for i in l.range { buffer[i] *= scale }
    let x = noise(d, seed: seed + 100)
    let tape = Tape<Double>(shardCount: 1, parameters: buffer)
    func apply(_ v: Value) -> Value {
      let moved = tape.matmul(v, tape.value(of: l))
      return isNonlinear ? tape.tanh(moved) : moved
    }
    let coefficients = PadeCoefficients(p: p, q: q)
    let (a, b) =
      isPadé
      ? (coefficients.numerator, coefficients.denominator)
      : (
        [Double](repeating: 0, count: p) + [1.0], [Double](repeating: 0, count: q) + [1.0]
      )
    let input = tape.constant(1, d, x)
    let u = OperatorPolynomial.sum(b, of: input, on: tape, applying: apply)
    let v = tape.linear(
      u, weight: tape.value(of: w), bias: tape.value(of: self.b), activation: .relu)
    let y = OperatorPolynomial.sum(a, of: v, on: tape, applying: apply)
    let parameters = [l, w, self.b]
    var rows: [[Value]] = []
    for output in 0..<d {
      var seed = [Double](repeating: 0, count: d)
      seed[output] = 1
      rows.append(
        tape.gradients(
          of: [(y, seed: tape.constant(1, d, seed))],
          withRespectTo: parameters.map { tape.value(of: $0) }))
    }
    for value in rows.joined() { tape.keep(value) }
    tape.run()
    func norm(_ index: Int) -> Double {
      // The transpose has few columns, and the same singular values.
      let jacobian = rows.map { tape.elements(of: $0[index]) }
      let transposed = jacobian[0].indices.flatMap { j in jacobian.map { $0[j] } }
      return SingularValues.largest(of: transposed, columns: d)
    }
    return Norms(
      l: operatorNorm, w: SingularValues.largest(of: matrix(w), columns: d),
      b: matrix(self.b).map { $0 * $0 }.reduce(0, +).squareRoot(),
      x: x.map { $0 * $0 }.reduce(0, +).squareRoot(), gradientL: norm(0), gradientW: norm(1),
      gradientB: norm(2))
  }
}

@Suite("Bounds of the Padé block")
struct PadeBoundsTests {
  @Test("The three gradients stay below their bounds", arguments: [false, true])
  func bounds(isNonlinear: Bool) {
    let block = DensePade(isNonlinear: isNonlinear)
    var largest = 0.0
    for (index, (p, q)) in [
      (0, 0), (1, 0), (0, 1), (0, 3), (4, 2), (3, 4), (7, 19), (16, 16), (33, 8), (64, 0),
      (0, 64), (64, 64),
    ].enumerated() {
      let l = [0.3, 1.0, 2.5, 4.0][index % 4]
      let norms = block.norms(p: p, q: q, operatorNorm: l, seed: UInt64(index))
      let bounds = PadeBounds(p: p, q: q, operatorNorm: l)
      // L has d² numbers, each an operator of norm one.
      let sensitivity = Double(block.d)
      let ratios = [
        norms.gradientL
          / bounds.operatorGradient(
            weightNorm: norms.w, biasNorm: norms.b, inputNorm: norms.x, sensitivity: sensitivity),
        norms.gradientW / bounds.weightGradient(inputNorm: norms.x),
        norms.gradientB / bounds.biasGradient,
      ]
      #expect(ratios.allSatisfy { $0 <= 1 + 1e-12 }, "[\(p)/\(q)]: \(ratios)")
      largest = max(largest, ratios.max() ?? 0)
    }
    // The bound of the bias is reached, so a smaller one would fail.
    #expect(largest > 0.9)
  }

  @Test("Gradients converge with p and q; powers without the coefficients do not")
  func convergence() {
    let block = DensePade(isNonlinear: false)
    func gradient(_ degree: Int, isPadé: Bool) -> Double {
      block.norms(p: degree, q: degree, operatorNorm: 2, seed: 5, isPadé: isPadé).gradientL
    }
    let padé = [8, 16, 32, 64].map { gradient($0, isPadé: true) }
    #expect(padé.max()! < 1.2 * padé.min()!)
    #expect(abs(padé[3] / padé[2] - 1) < abs(padé[1] / padé[0] - 1))
    #expect(gradient(32, isPadé: false) > 1e3 * gradient(4, isPadé: false))
  }

  @Test("A spectral block keeps the bounds too", arguments: [8, 9])
  func spectral(positions: Int) {
    let fixture = Fixture { PadeBlock(channels: 3, modes: 3, p: 4, q: 2, in: &$0) }
    let buffer: ParameterBuffer<Double> = fixture.parameters(deviation: 0.3)
    let bounds = fixture.model.bounds(positions: positions, parameters: buffer)
    let dense = fixture.model.denseNorms(parameters: buffer)
    let x = noise(positions * 3)
    let tape = Tape<Double>(shardCount: 1, parameters: buffer)
    let y = fixture.model(
      tape.constant(positions, 3, x),
      basis: FourierBasis(positions: positions, modes: 3, on: tape), on: tape)
    let parameters = [
      fixture.model.convolution.weight, fixture.model.dense.weight, fixture.model.dense.bias,
    ]
    var rows: [[Value]] = []
    for output in 0..<positions * 3 {
      var seed = [Double](repeating: 0, count: positions * 3)
      seed[output] = 1
      rows.append(
        tape.gradients(
          of: [(y, seed: tape.constant(positions, 3, seed))],
          withRespectTo: parameters.map { tape.value(of: $0) }))
    }
    for value in rows.joined() { tape.keep(value) }
    tape.run()
    // The norm of functions is the mean over positions: outputs count by 1/√N.
    let gradients = parameters.indices.map { index in
      SingularValues.largest(
        of: rows.flatMap { tape.elements(of: $0[index]) }, columns: parameters[index].count)
        / Double(positions).squareRoot()
    }
    let input = (x.map { $0 * $0 }.reduce(0, +) / Double(positions)).squareRoot()
    #expect(
      gradients[0]
        <= bounds.operatorGradient(
          weightNorm: dense.weight, biasNorm: dense.bias, inputNorm: input,
          sensitivity: fixture.model.convolution.sensitivity(positions: positions)))
    #expect(gradients[1] <= bounds.weightGradient(inputNorm: input))
    #expect(gradients[2] <= bounds.biasGradient)
    #expect(gradients[2] > 0.1 * bounds.biasGradient)
  }

  @Test("What a log says holds, and would not for a gradient a hundred times as long")
  func diagnostics() {
    let positions = 8
    let fixture = Fixture { PadeBlock(channels: 3, modes: 3, p: 3, q: 2, in: &$0) }
    let buffer: ParameterBuffer<Double> = fixture.parameters(deviation: 0.3)
    let (x, g) = (noise(positions * 3, seed: 1), noise(positions * 3, seed: 2))
    let tape = Tape<Double>(shardCount: 1, parameters: buffer)
    let y = fixture.model(
      tape.constant(positions, 3, x),
      basis: FourierBasis(positions: positions, modes: 3, on: tape), on: tape)
    let gradient = ParameterBuffer<Double>(count: buffer.count)
    tape.sink = ReductionSink(partials: [gradient.pointer], subtrees: [0..<1])
    tape.backward(
      tape.sum(tape.multiply(y, tape.constant(positions, 3, g))),
      parameterRange: 0..<buffer.count)
    tape.run()
    let diagnostics = PadeDiagnostics(
      of: fixture.model, positions: positions, parameters: buffer, gradient: gradient)
    func length(_ v: [Double]) -> Double { v.map { $0 * $0 }.reduce(0, +).squareRoot() }
    let root = Double(positions).squareRoot()
    let sensitivity = fixture.model.convolution.sensitivity(positions: positions)
    func holds(_ factor: Double) -> Bool {
      diagnostics.holds(
        inputNorm: length(x) / root, arrivingNorm: length(g) * root / factor,
        sensitivity: sensitivity)
    }
    #expect(holds(1) && !holds(100))
    #expect(diagnostics.operatorGradient > 0 && diagnostics.biasGradient > 0)
    withExtendedLifetime(gradient) {}
  }
}
