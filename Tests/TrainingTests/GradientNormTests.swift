import Tensors
import Testing
import Training

@Suite("The norm of a gradient in slices") struct GradientNormTests {
  private func gradient(_ count: Int) -> ParameterBuffer<Float> {
    let gradient = ParameterBuffer<Float>(count: count)
    for i in 0..<count {
      var random = SampleRandom(seed: 3, purpose: .chart, step: 1, sample: UInt64(i))
      // Magnitudes far apart, so that another order of additions would show.
      gradient[i] = Float(random.uniform() - 0.5) * (i % 5 == 0 ? 1000 : 0.01)
    }
    return gradient
  }

  /// Slices that begin at multiples of 16, as equal as possible.
  private func slices(_ count: Int, ranks: Int) -> [Range<Int>] {
    func bound(_ rank: Int) -> Int { rank == ranks ? count : rank * count / ranks / 16 * 16 }
    return (0..<ranks).map { bound($0)..<bound($0 + 1) }
  }

  /// What each rank sends, one after the other.
  private func sums(
    _ norm: GradientNorm, _ gradient: ParameterBuffer<Float>, _ slices: [Range<Int>]
  )
    -> [Double]
  {
    slices.indices.flatMap { rank in
      let count = norm.counts[rank]
      return [Double](unsafeUninitializedCapacity: count + 1) { sums, initialized in
        norm.writeSums(
          gradient.pointer + slices[rank].lowerBound, ofRank: rank, to: sums.baseAddress!)
        initialized = count
      }
    }
  }

  @Test("The same bits for any number of ranks", arguments: [1, 15, 16, 17, 100, 1000, 12_345])
  func sameBits(count: Int) throws {
    let gradient = gradient(count)
    var values = Set<UInt64>()
    for ranks in [1, 2, 3, 4, 5, 7, 8] {
      let slices = slices(count, ranks: ranks)
      let norm = try GradientNorm(count: count, slices: slices)
      values.insert(norm.total(of: sums(norm, gradient, slices)).bitPattern)
    }
    #expect(values.count == 1)
  }

  @Test("It is the root of the sum of squares", arguments: [1, 17, 1000, 12_345])
  func value(count: Int) throws {
    let gradient = gradient(count)
    let norm = try GradientNorm(count: count, slices: [0..<count])
    let value = norm.total(of: sums(norm, gradient, [0..<count]))
    let exact = (0..<count).reduce(0.0) { $0 + Double(gradient[$1]) * Double(gradient[$1]) }
      .squareRoot()
    #expect(abs(value - exact) <= 1e-6 * exact)
  }

  @Test("What one rank leaves out is missed")
  func missing() throws {
    let gradient = gradient(1000)
    let slices = slices(1000, ranks: 3)
    let norm = try GradientNorm(count: 1000, slices: slices)
    var sums = sums(norm, gradient, slices)
    let whole = norm.total(of: sums)
    sums[sums.count - 1] = 0
    #expect(norm.total(of: sums) != whole)
  }
}
