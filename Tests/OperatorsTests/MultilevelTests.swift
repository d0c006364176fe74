import Operators
import TestSupport
import Tensors
import Testing

@Suite("Modes of several levels")
struct MultilevelTests {
  /// Levels that are transformed alone and together, odd and even, and one with real modes only.
  private static let levels = [40, 16, 8, 7, 4, 2, 1]

  /// [ΣN·B, C] of all levels, and where each one starts.
  private func levelRows(_ batch: Int) -> [Range<Int>] {
    var first = 0
    return Self.levels.map { positions in
      defer { first += positions * batch }
      return first..<first + positions * batch
    }
  }

  @Test("All levels at once are each level by itself", arguments: [1, 5, 9])
  func convolution(modes: Int) {
    let (batch, channels) = (2, 3)
    let fixture = Fixture { SpectralConvolution(channels, 4, modes: modes, in: &$0) }
    let buffer: ParameterBuffer<Double> = fixture.parameters()
    let count = Self.levels.reduce(0, +) * batch
    let x = noise(count * channels)
    let together = fixture.output(x, Shape(count, channels), buffer) { model, x, tape in
      let basis = MultilevelBasis(levels: Self.levels, modes: modes, on: tape)
      let inModes = MultilevelConvolution(model, basis: basis, on: tape)
      return basis.synthesize(inModes(basis.transform(x, on: tape), on: tape), on: tape)
    }
    let each = zip(Self.levels, levelRows(batch)).flatMap { positions, rows -> [Double] in
      fixture.output(
        Array(x[rows.lowerBound * channels..<rows.upperBound * channels]),
        Shape(rows.count, channels), buffer
      ) { model, x, tape in
        model(x, basis: FourierBasis(positions: positions, modes: modes, on: tape), on: tape)
      }
    }
    #expect(relativeError(together, each) < 1e-13)
  }

  @Test("With all modes kept, the way back leads to the function")
  func roundTrip() {
    let fixture = Fixture { SpectralConvolution(1, 1, modes: 1, in: &$0) }
    let count = Self.levels.reduce(0, +)
    let x = noise(count * 2)
    let buffer: ParameterBuffer<Double> = fixture.parameters()
    let y = fixture.output(x, Shape(count, 2), buffer) { _, x, tape in
      let basis = MultilevelBasis(levels: Self.levels, modes: 21, on: tape)
      return basis.synthesize(basis.transform(x, on: tape), on: tape)
    }
    #expect(relativeError(y, x) < 1e-13)
  }

  @Test("A Padé block on all levels is one on each, with its gradients")
  func padéBlock() {
    let fixture = Fixture { PadeBlock(channels: 2, modes: 4, p: 3, q: 2, in: &$0) }
    let buffer: ParameterBuffer<Double> = fixture.parameters(deviation: 0.3)
    let x = noise(Self.levels.reduce(0, +) * 2)
    let together = fixture.output(x, Shape(x.count / 2, 2), buffer) { model, x, tape in
      model(x, basis: MultilevelBasis(levels: Self.levels, modes: 4, on: tape), on: tape)
    }
    let each = zip(Self.levels, levelRows(1)).flatMap { positions, rows -> [Double] in
      fixture.output(
        Array(x[rows.lowerBound * 2..<rows.upperBound * 2]), Shape(rows.count, 2), buffer
      ) { model, x, tape in
        model(x, basis: FourierBasis(positions: positions, modes: 4, on: tape), on: tape)
      }
    }
    #expect(relativeError(together, each) < 1e-13)
    #expect(
      fixture.gradientDeviation(input: Shape(7 * 2, 2)) { model, x, tape in
        model(x, basis: MultilevelBasis(levels: [4, 2, 1], modes: 2, on: tape), on: tape)
      } < 1e-7)
  }
}
