import Foundation
import Operators
import TestSupport
import Tensors
import Testing

@Suite("Exponential operator")
struct ExponentialOperatorTests {
  private func settings(
    _ symbol: LinearSymbol, length: Double = 1, time: Double = 1, steps: Int = 3
  ) -> ExponentialOperator.Settings {
    var settings = ExponentialOperator.Settings()
    settings.symbol = symbol
    settings.length = length
    settings.time = time
    settings.steps = steps
    settings.width = 3
    settings.modes = 3
    settings.projection = 3
    return settings
  }

  /// The model at its start, on cos 2πm(x + s).
  private func start(
    _ settings: ExponentialOperator.Settings, positions: Int, mode: Int, shift: Double = 0
  ) -> [Double] {
    var layout = ParameterLayout()
    let model = ExponentialOperator(settings, in: &layout)
    let tape = Tape<Double>(
      shardCount: 1, parameters: ParameterBuffer(layout: layout, seed: 1))
    let u = (0..<positions).map {
      cos(2 * Double.pi * Double(mode) * (Double($0) / Double(positions) + shift))
    }
    let y = tape.keep(
      model(tape.constant(positions, 1, u), positions: positions, on: tape))
    tape.run()
    return tape.elements(of: y)
  }

  @Test("On other grids the symbol acts on all modes, and the correction as on its own grid")
  func otherGrids() {
    var shape = settings(.kortewegDeVries, length: 5, time: 0.02)
    shape.activation = .gelu
    var layout = ParameterLayout()
    let model = ExponentialOperator(shape, correctionPositions: 15, in: &layout)
    var sameLayout = ParameterLayout()
    let free = ExponentialOperator(shape, in: &sameLayout)
    let parameters: ParameterBuffer<Double> = ParameterCollection.randomised(
      layout, deviation: 0.8)
    func output(
      _ model: ExponentialOperator, _ positions: Int, modes: [Int],
      _ parameters: ParameterBuffer<Double>
    ) -> [Double] {
      let u = (0..<positions).map { place in
        modes.reduce(0.0) { sum, mode in
          let x = 2 * Double.pi * Double(mode * place) / Double(positions)
          return sum + cos(x + Double(mode)) / Double(mode)
        }
      }
      let tape = Tape<Double>(shardCount: 1, parameters: parameters)
      let y = tape.keep(
        model(tape.constant(positions, 1, u), positions: positions, on: tape))
      tape.run()
      return tape.elements(of: y)
    }
    // Odd grids: the highest mode of an even one has no derivative there, and has one on a finer grid.
    // On its own grid it is the operator that has none.
    let own = output(model, 15, modes: [1, 3], parameters)
    #expect(relativeError(own, output(free, 15, modes: [1, 3], parameters)) < 1e-13)
    // A finer grid of the same function: the answer's points among its own.
    let fine = output(model, 45, modes: [1, 3], parameters)
    #expect(relativeError((0..<15).map { fine[3 * $0] }, own) < 1e-9)
    #expect(
      relativeError(fine, output(free, 45, modes: [1, 3], parameters)) > 1e-6,
      "the pointwise activation makes other modes on other grids")
    // Modes that the training never saw move by the symbol alone, and change nothing else.
    let start = ParameterBuffer<Double>(layout: layout, seed: 1)
    let linear = output(model, 45, modes: [20], start)
    let both = output(model, 45, modes: [1, 3, 20], parameters)
    #expect(relativeError(both, zip(fine, linear).map { $0 + $1 }) < 1e-9)
    #expect(linear.map { abs($0) }.max()! > 0.04)
  }

  @Test("It starts as the exact solution of the linear equation", arguments: [16, 33])
  func linear(positions: Int) {
    // KdV: cos kx moves to the left by k²T.
    let kdv = start(settings(.kortewegDeVries, length: 10, time: 2), positions: positions, mode: 3)
    let k = 2 * Double.pi * 3 / 10
    let moved = (0..<positions).map {
      cos(k * (10 * Double($0) / Double(positions)) + k * k * k * 2)
    }
    #expect(relativeError(kdv, moved) < 1e-12)
    let ks = start(
      settings(.kuramotoSivashinsky, length: 22, time: 5), positions: positions, mode: 2)
    let q = 2 * Double.pi * 2 / 22
    let grown = (0..<positions).map {
      exp(5 * (q * q - q * q * q * q)) * cos(4 * Double.pi * Double($0) / Double(positions))
    }
    #expect(relativeError(ks, grown) < 1e-12)
    let heat = start(settings(.diffusion(viscosity: 0.1)), positions: positions, mode: 1)
    let decayed = (0..<positions).map {
      exp(-0.1 * 4 * Double.pi * Double.pi) * cos(2 * Double.pi * Double($0) / Double(positions))
    }
    #expect(relativeError(heat, decayed) < 1e-12)
  }

  @Test("A fitted multiplier acts whole, whatever the number of steps", arguments: [1, 4])
  func fitted(steps: Int) {
    let factors = [
      LinearSymbol.Complex(0.9, 0), .init(0.3, -0.8), .init(-0.5, 0.1), .init(0.2, 0.4),
    ]
    let y = start(settings(.multiplier(factors), steps: steps), positions: 9, mode: 2)
    let expected = (0..<9).map { n -> Double in
      let angle = 4 * Double.pi * Double(n) / 9
      return -0.5 * cos(angle) - 0.1 * sin(angle)
    }
    #expect(relativeError(y, expected) < 1e-12)
    #expect(
      start(settings(.multiplier(factors), steps: steps), positions: 16, mode: 5)
        .allSatisfy { abs($0) < 1e-13 })
  }

  @Test("Gradients, with Fourier layers and both Padé blocks", arguments: 0..<3)
  func gradients(kind: Int) {
    var settings = settings(.kortewegDeVries, length: 8, time: 0.5, steps: 2)
    let order = PadeOrder(p: 2, q: 1)
    settings.correction = [.fourier, .pade(order), .rational(order)][kind]
    let fixture = Fixture { ExponentialOperator(settings, in: &$0) }
    #expect(
      fixture.gradientDeviation(input: Shape(6 * 2, 1), deviation: 0.3) {
        $0($1, positions: 6, on: $2)
      } < 1e-7)
  }

  @Test("It commutes with translations and keeps its parameters from 64 to 1024 points")
  func translation() {
    var settings = settings(.kuramotoSivashinsky, length: 22, time: 1)
    settings.sharesSteps = false
    let fixture = Fixture { ExponentialOperator(settings, in: &$0) }
    let buffer: ParameterBuffer<Double> = fixture.parameters(deviation: 0.2)
    func run(_ u: [Double]) -> [Double] {
      fixture.output(u, Shape(u.count, 1), buffer) { $0($1, positions: u.count, on: $2) }
    }
    let (u, y) = (waves(64), run(waves(64)))
    let moved = run(Array(u[5...] + u[..<5]))
    #expect(relativeError(moved, Array(y[5...] + y[..<5])) < 1e-12)
    let reference = run(waves(1024))
    for positions in [64, 128, 256, 512] {
      let coarse = run(waves(positions))
      let common = (0..<positions).map { reference[$0 * 1024 / positions] }
      #expect(relativeError(coarse, common) < 1e-2)
    }
  }
}
