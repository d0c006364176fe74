import Foundation
import Operators
import TestSupport
import Tensors
import Testing

@Suite("Resampling by Fourier series")
struct ResamplingTests {
  private func resampled(_ u: [Double], to: Int) -> [Double] {
    let matrix = FourierResampling.matrix(from: u.count, to: to)
    return (0..<to).map { i in
      (0..<u.count).reduce(0) { $0 + matrix[i * u.count + $1] * u[$1] }
    }
  }

  /// Modes 0 to 3, by their series.
  private func wave(_ points: Int) -> [Double] {
    (0..<points).map { n in
      let x = 2 * Double.pi * Double(n) / Double(points)
      return 0.3 + sin(x) - 0.5 * cos(2 * x + 1) + 0.2 * sin(3 * x - 0.4)
    }
  }

  @Test(
    "Band-limited functions are themselves on any grid",
    arguments: [(8, 16), (16, 8), (9, 64), (64, 9), (7, 10), (24, 24)])
  func bandLimited(from: Int, to: Int) {
    #expect(relativeError(resampled(wave(from), to: to), wave(to)) < 1e-13)
  }

  @Test("Up and down again is the identity, the highest mode included", arguments: [8, 9])
  func roundTrip(points: Int) {
    let u = noise(points)
    for finer in [points + 1, 2 * points, 40] {
      #expect(relativeError(resampled(resampled(u, to: finer), to: points), u) < 1e-13)
    }
    // The highest mode of an even grid is a cosine of its size on a finer one.
    let alternating = (0..<8).map { $0 % 2 == 0 ? 1.0 : -1 }
    let cosine = (0..<16).map { cos(Double.pi * Double($0) / 2) }
    #expect(relativeError(resampled(alternating, to: 16), cosine) < 1e-13)
  }

  private var small: MultiwaveletOperator.Settings {
    var settings = MultiwaveletOperator.Settings()
    (settings.order, settings.multiplier, settings.modes) = (2, 2, 2)
    (settings.cells, settings.projection) = (1, 4)
    settings.pade = PadeOrder(p: 2, q: 2)
    return settings
  }

  @Test("On its own grid the operator is itself; elsewhere its answer is the same function")
  func operators() {
    let fixture = Fixture { MultiwaveletOperator(small, in: &$0) }
    let buffer: ParameterBuffer<Double> = fixture.parameters(deviation: 0.3)
    func answer(_ points: Int, isResampled: Bool = true) -> [Double] {
      // Two functions, position-major.
      let u = wave(points).flatMap { [$0, -2 * $0] }
      return fixture.output(u, Shape(2 * points, 1), buffer) { model, u, tape in
        isResampled
          ? ResampledOperator(model, positions: 16)(u, positions: points, on: tape)
          : model(u, positions: points, on: tape)
      }
    }
    #expect(answer(16) == answer(16, isResampled: false))
    func function(_ answer: [Double], _ sample: Int) -> [Double] {
      (0..<answer.count / 2).map { answer[2 * $0 + sample] }
    }
    for sample in 0..<2 {
      let own = function(answer(16), sample)
      for points in [8, 32, 48] {
        #expect(
          relativeError(function(answer(points), sample), resampled(own, to: points)) < 1e-12)
      }
    }
    // Without resampling the levels of a finer grid change the answer.
    let finer = function(answer(32, isResampled: false), 0)
    #expect(relativeError(finer, resampled(function(answer(16), 0), to: 32)) > 0.01)
  }
}
