import Foundation
import Operators
import TestSupport
import Tensors
import Testing

/// ``PlaneFourierBasis`` beside sums that are written out.
@Suite("Fourier modes of two variables")
struct PlaneFourierTests {
  /// Odd and even grids, cut and whole: S, T, modes along s, |l| below.
  struct Grid: Sendable, CustomTestStringConvertible {
    let outer, inner, outerModes, innerModes: Int
    var testDescription: String { "\(outer) × \(inner), \(outerModes) × \(innerModes)" }

    static let all = [
      Grid(outer: 5, inner: 7, outerModes: 3, innerModes: 4),
      Grid(outer: 6, inner: 4, outerModes: 4, innerModes: 3),
      Grid(outer: 7, inner: 8, outerModes: 2, innerModes: 3),
      Grid(outer: 8, inner: 3, outerModes: 5, innerModes: 1),
      Grid(outer: 4, inner: 2, outerModes: 3, innerModes: 4),
      Grid(outer: 3, inner: 1, outerModes: 2, innerModes: 2),
    ]

    func basis(on tape: Tape<Double>) -> PlaneFourierBasis {
      PlaneFourierBasis(
        outer: outer, inner: inner, outerModes: outerModes, innerModes: innerModes, on: tape)
    }

    /// 2π (k s/S + l t/T).
    func angle(_ k: Int, _ l: Int, _ s: Int, _ t: Int) -> Double {
      2 * .pi * (Double(k * s) / Double(outer) + Double(l * t) / Double(inner))
    }
  }

  /// Samples and channels side by side.
  private static let width = 6
  private static let (batch, channels) = (2, 3)

  @Test("The transform is the sum over all points", arguments: Grid.all)
  func transform(grid: Grid) {
    let tape = Tape<Double>(shardCount: 1)
    let basis = grid.basis(on: tape)
    let u = noise(grid.outer * grid.inner * Self.width)
    let modes = tape.keep(
      basis.transform(
        tape.constant(grid.outer * grid.inner * Self.batch, Self.channels, u), on: tape))
    let turned = tape.keep(basis.turned(modes, on: tape))
    tape.run()
    let (found, foundTurned) = (tape.elements(of: modes), tape.elements(of: turned))
    let points = Double(grid.outer * grid.inner)
    var place = 0
    for k in 0..<grid.outerModes {
      for l in basis.innerModeNumbers {
        for column in 0..<Self.width {
          var (real, imaginary) = (0.0, 0.0)
          for s in 0..<grid.outer {
            for t in 0..<grid.inner {
              let value = u[(s * grid.inner + t) * Self.width + column] / points
              real += value * cos(grid.angle(k, l, s, t))
              imaginary -= value * sin(grid.angle(k, l, s, t))
            }
          }
          let (a, b) = (place * 2 * Self.width + column, (place * 2 + 1) * Self.width + column)
          #expect(abs(found[a] - real) < 1e-14 && abs(found[b] - imaginary) < 1e-14)
          #expect(foundTurned[a] == -found[b] && foundTurned[b] == found[a])
        }
        place += 1
      }
    }
    #expect(place == basis.modes && found.count == 2 * place * Self.width)
  }

  @Test("The synthesis is the sum over all modes, of any complex numbers", arguments: Grid.all)
  func synthesis(grid: Grid) {
    let tape = Tape<Double>(shardCount: 1)
    let basis = grid.basis(on: tape)
    let modes = noise(2 * basis.modes * Self.width, seed: 2)
    let u = tape.keep(
      basis.synthesize(
        tape.constant(2 * basis.modes * Self.batch, Self.channels, modes), on: tape))
    tape.run()
    let found = tape.elements(of: u)
    for s in 0..<grid.outer {
      for t in 0..<grid.inner {
        for column in 0..<Self.width {
          var (sum, place) = (0.0, 0)
          for k in 0..<grid.outerModes {
            // (−k, −l) stands for the conjugate; k = 0 and k = S/2 are their own.
            let count = k == 0 || 2 * k == grid.outer ? 1.0 : 2
            for l in basis.innerModeNumbers {
              let angle = grid.angle(k, l, s, t)
              sum +=
                count
                * (modes[place * 2 * Self.width + column] * cos(angle)
                  - modes[(place * 2 + 1) * Self.width + column] * sin(angle))
              place += 1
            }
          }
          #expect(abs(found[(s * grid.inner + t) * Self.width + column] - sum) < 1e-12)
        }
      }
    }
  }

  @Test(
    "With all modes a function comes back; with fewer it is projected",
    arguments: [(5, 7), (6, 4), (7, 8), (8, 3), (1, 2)])
  func roundTrip(outer: Int, inner: Int) {
    func twice(_ u: [Double], _ innerModes: Int) -> [Double] {
      let tape = Tape<Double>(shardCount: 1)
      let basis = PlaneFourierBasis(
        outer: outer, inner: inner, outerModes: outer / 2 + 1, innerModes: innerModes, on: tape)
      let x = tape.constant(outer * inner * Self.batch, Self.channels, u)
      let y = tape.keep(basis.synthesize(basis.transform(x, on: tape), on: tape))
      tape.run()
      return tape.elements(of: y)
    }
    let u = noise(outer * inner * Self.width, seed: 3)
    #expect(relativeError(twice(u, inner / 2 + 1), u) < 1e-13)
    let mean = twice(u, 1)
    #expect(relativeError(twice(mean, 1), mean) < 1e-13)
    #expect(relativeError(mean, u) > 0.01)
  }
}
