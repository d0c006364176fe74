import Datasets
import Testing

@Suite("Pairs of partial differential equations")
struct PDEGeneratorTests {
  static func small(_ set: PDESet, points: Int = 64, seed: UInt64 = 3) -> PDEGenerator {
    PDEGenerator(problem: PDESolverTests.problem(set, points: points, steps: 40), seed: seed)
  }

  @Test("a pair is the same in any range that contains it", arguments: PDESet.allCases)
  func pairsAreKeyed(set: PDESet) throws {
    let generator = Self.small(set)
    let all = try generator.pairs(0..<11, of: .validation)
    #expect(all.count == 11 * 2 * 64)
    for range in [0..<1, 3..<9, 7..<8, 10..<11] {
      let part = try generator.pairs(range, of: .validation)
      #expect(part == Array(all[range.lowerBound * 128..<range.upperBound * 128]))
    }
    #expect(try generator.pairs(0..<2, of: .test) != Array(all[0..<256]))
    #expect(try Self.small(set, seed: 4).pairs(0..<2, of: .validation) != Array(all[0..<256]))
    #expect(all.allSatisfy { $0.isFinite })
  }

  @Test("fewer points are every n-th of the fine grid")
  func subSampling() throws {
    let generator = Self.small(.ks22, points: 128)
    let fine = PDEPairs(values: try generator.pairs(2..<5, of: .train), points: 128)
    let coarse = PDEPairs(values: try generator.pairs(2..<5, of: .train, points: 32), points: 32)
    #expect(fine.subSampled(to: 32) == coarse)
    for sample in 0..<3 {
      let (u, v) = (Array(fine.input(sample)), Array(fine.output(sample)))
      #expect(Array(coarse.input(sample)) == stride(from: 0, to: 128, by: 4).map { u[$0] })
      #expect(Array(coarse.output(sample)) == stride(from: 0, to: 128, by: 4).map { v[$0] })
    }
  }

  @Test("a finer grid adds modes to a draw and changes none", arguments: PDESet.allCases)
  func drawsAreFunctions(set: PDESet) {
    let coarse = Self.small(set).initialModes(0..<3, of: .train)
    let fine = Self.small(set, points: 1024).initialModes(0..<3, of: .train)
    for n in 0..<coarse.count {
      for lane in 0..<3 { #expect(16 * coarse[n, lane] == fine[n, lane]) }
    }
  }

  @Test("Gaussian fields have the standard deviation of their formula, and no mean")
  func standardDeviation() throws {
    for (field, expected) in [
      (InitialField.korteweg(), 0.2741), (PDESet.burgers.problem.initial, 0.594),
    ] {
      let squares = (1...100_000).map { field.deviation(mode: $0) }.map { $0 * $0 }
      #expect(abs(squares.reduce(0, +).squareRoot() - expected) < 1e-3)
    }
    let generator = Self.small(.kdvHard)
    var power = [Double](repeating: 0, count: 6)
    let count = 4000
    for first in stride(from: 0, to: count, by: 4) {
      let modes = generator.initialModes(first..<first + 4, of: .train)
      for lane in 0..<4 {
        #expect(modes[0, lane] == .zero)
        for n in 1...5 { power[n] += modes[n, lane].squaredMagnitude / Double(count) }
      }
    }
    for n in 1...5 {
      // |mode|² = (N/2)² (a² + b²): mean (N/2)² 2λ², relative deviation 1/√count.
      let ratio =
        power[n] / (2 * 1024 * squared(InitialField.korteweg(amplitude: 4).deviation(mode: n)))
      #expect(abs(ratio - 1) < 5 / Double(count).squareRoot())
    }
  }

  private func squared(_ x: Double) -> Double { x * x }

  @Test(
    "what a cut at mode K leaves out of the KdV field is known",
    arguments: [(10, 0.0114), (12, 0.0081), (16, 0.0047), (20, 0.0030), (24, 0.0021), (32, 0.0012)])
  func truncation(cut: Int, expected: Double) {
    // Ratio of root mean squares; the reference is a mean of ratios over draws.
    let squares = (1...512).map { squared(InitialField.korteweg().deviation(mode: $0)) }
    let left = squares[cut...].reduce(0, +) / squares.reduce(0, +)
    #expect(abs(left.squareRoot() / expected - 1) < 0.25)
  }

  @Test("sines have their three modes and nothing else")
  func sines() {
    let modes = Self.small(.ks64).initialModes(0..<4, of: .test)
    for lane in 0..<4 {
      for n in 0..<modes.count where !(1...3).contains(n) { #expect(modes[n, lane] == .zero) }
      #expect((1...3).contains { modes[$0, lane].magnitude > 1 })
    }
  }

  @Test("the named sets are what they are published as")
  func namedSets() {
    #expect(
      PDESet.allCases.map(\.rawValue) == ["kdv-paper", "kdv-hard", "ks-22", "ks-64", "burgers"])
    let problems = PDESet.allCases.map(\.problem)
    #expect(problems.map(\.length) == [1, 10, 22, 64, 1])
    #expect(problems.map(\.endTime) == [1, 1, 5, 5, 1])
    #expect(problems.allSatisfy { $0.points == 1024 })
    #expect(problems[4].equation == .burgers(viscosity: 0.1))
  }

  @Test("solutions that vanish or overflow are refused, by number")
  func refusals() {
    var gone = PDESolverTests.problem(.ks22, points: 64, steps: 20)
    gone.length = 1
    #expect(throws: PDEError.degenerate(sample: 5, ratio: 0)) {
      try PDEGenerator(problem: gone, seed: 1).pairs(5..<7, of: .train)
    }
    var wild = PDESolverTests.problem(.kdvHard, points: 64, steps: 20)
    wild.initial = .korteweg(amplitude: 1e5)
    #expect(throws: PDEError.notFinite(sample: 2)) {
      try PDEGenerator(problem: wild, seed: 1).pairs(2..<3, of: .train)
    }
  }

  @Test("the step-halving error is that of two runs, and falls with the steps")
  func stepHalving() throws {
    let generator = Self.small(.ks64)
    let error = try generator.stepHalvingError(0..<5, of: .train)
    let coarse = PDEPairs(values: try generator.pairs(0..<5, of: .train), points: 64)
    let fine = PDEPairs(values: try generator.pairs(0..<5, of: .train, steps: 80), points: 64)
    let errors = (0..<5).map { fine.relativeError(of: coarse.output($0), sample: $0) }
    #expect(error.largest == errors.max())
    #expect(abs(error.mean - errors.reduce(0, +) / 5) < 1e-15)
    let finer = PDEGenerator(
      problem: PDESolverTests.problem(.ks64, points: 64, steps: 80), seed: 3)
    #expect(try finer.stepHalvingError(0..<5, of: .train).mean < error.mean / 8)
  }
}
