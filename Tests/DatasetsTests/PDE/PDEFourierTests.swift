import Datasets
import Tensors
import Testing

@Suite("Fourier transforms")
struct PDEFourierTests {
  /// Normal numbers, [count, lanes].
  static func field(count: Int, lanes: Int, seed: UInt64 = 1) -> ComplexField {
    var random = SampleRandom(seed: seed, purpose: .test, sample: UInt64(count))
    var field = ComplexField(count: count, lanes: lanes)
    for i in field.real.indices {
      field.real[i] = random.normal()
      field.imaginary[i] = random.normal()
    }
    return field
  }

  /// Σ_j x_j e^{∓2πi jk/N} as it stands.
  static func directSum(_ x: ComplexField, lane: Int, mode k: Int, sign: Double) -> ComplexNumber {
    var sum = ComplexNumber.zero
    for j in 0..<x.count {
      let turns = Double(j * k % x.count) / Double(x.count)
      sum += x[j, lane] * .unit(turns: sign < 0 ? 1 - turns : turns)
    }
    return sum
  }

  @Test(
    "a transform is the sum that defines it, both ways, for all kinds of factors",
    arguments: [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 20, 30, 32, 49, 60, 64, 90, 128, 143])
  func equalsDirectSum(length: Int) {
    let plan = FourierPlan(length: length, lanes: 3)
    let x = Self.field(count: length, lanes: 3)
    var work = ComplexField(count: length, lanes: 3)
    for inverse in [false, true] {
      var y = x
      plan.transform(&y, work: &work, inverse: inverse)
      for lane in 0..<3 {
        for k in 0..<length {
          let expected = Self.directSum(x, lane: lane, mode: k, sign: inverse ? 1 : -1)
          #expect((y[k, lane] - expected).magnitude < 1e-14 * Double(4 + length))
        }
      }
    }
  }

  @Test("Parseval, and back again", arguments: [64, 96, 250, 1024])
  func keepsEnergy(length: Int) {
    let plan = FourierPlan(length: length)
    let x = Self.field(count: length, lanes: 1)
    var (y, work) = (x, x)
    plan.transform(&y, work: &work)
    func energy(_ field: ComplexField) -> Double {
      (0..<length).reduce(0) { $0 + field[$1].squaredMagnitude }
    }
    #expect(abs(energy(y) / energy(x) / Double(length) - 1) < 1e-14)
    plan.transform(&y, work: &work, inverse: true)
    for j in 0..<length {
      #expect(((1 / Double(length)) * y[j] - x[j]).magnitude < 5e-14)
    }
  }

  @Test("a real transform has the modes of the complex one", arguments: [4, 6, 10, 64, 96])
  func realEqualsComplex(length: Int) {
    let x = Self.field(count: length, lanes: 1)
    let grid = SpectralGrid(points: length, length: 3)
    let modes = grid.spectrum(of: x.real)
    var only = x
    only.imaginary = [Double](repeating: 0, count: length)
    for k in 0...length / 2 {
      let expected = Self.directSum(only, lane: 0, mode: k, sign: -1)
      #expect((modes[k] - expected).magnitude < 1e-14 * Double(4 + length))
    }
    for (back, value) in zip(grid.values(of: modes), x.real) { #expect(abs(back - value) < 5e-14) }
  }

  @Test("a lane has the same bits beside others as alone")
  func lanesAreIndependent() {
    let x = Self.field(count: 60, lanes: 5)
    var (together, work) = (x, x)
    FourierPlan(length: 60, lanes: 5).transform(&together, work: &work)
    for lane in 0..<5 {
      var alone = ComplexField(count: 60)
      for j in 0..<60 { alone[j] = x[j, lane] }
      var work = alone
      FourierPlan(length: 60).transform(&alone, work: &work)
      for k in 0..<60 { #expect(alone[k] == together[k, lane]) }
    }
  }

  @Test(
    "no product of two kept modes aliases onto a kept one", arguments: [4, 16, 48, 64, 66, 1024])
  func cutoffIsClean(points: Int) {
    let cutoff = SpectralGrid(points: points, length: 1).cutoff
    #expect(points - 2 * cutoff > cutoff)
    #expect(points - 2 * (cutoff + 1) <= cutoff + 1)
  }
}
