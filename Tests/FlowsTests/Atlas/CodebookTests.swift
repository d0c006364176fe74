import Flows
import Tensors
import Testing

@Suite("Codebook")
struct CodebookTests {
  private func elements(_ buffer: ParameterBuffer<Float>) -> [Float] {
    (0..<buffer.count).map { buffer[$0] }
  }

  /// Four codes in the plane.
  private func codebook() -> Codebook {
    let codebook = Codebook(count: 4, dimension: 2)
    codebook.start(from: [0, 0, 1, 0, 0, 2, -1, -3])
    return codebook
  }

  @Test("A start gives the codes with weight one each")
  func start() {
    let codebook = codebook()
    #expect(elements(codebook.codes) == [0, 0, 1, 0, 0, 2, -1, -3])
    #expect(elements(codebook.averageSums) == elements(codebook.codes))
    #expect(elements(codebook.averageCounts) == [1, 1, 1, 1])
  }

  /// N ← γN + (1 − γ)n, M ← γM + (1 − γ)Σz, N̂ = (N + ε) / (ΣN + Kε) · ΣN, v = M / N̂, in Double.
  @Test("Codes follow the moving averages of van den Oord et al.", arguments: [1e-5, 0.3])
  func movingAverages(epsilon: Double) {
    let codebook = codebook()
    var (counts, sums) = ([Double](repeating: 1, count: 4), [0.0, 0, 1, 0, 0, 2, -1, -3])
    for step in 0..<30 {
      var random = SampleRandom(seed: 2, purpose: .test, sample: UInt64(step))
      // The last code gets no points.
      let n = (0..<4).map { $0 == 3 ? 0 : Double(random.integer(below: 50)) }
      let m = (0..<8).map { n[$0 / 2] * (Double($0) + random.normal()) }
      codebook.update(
        counts: n.map { Float($0) }, sums: m.map { Float($0) }, decay: 0.9, epsilon: Float(epsilon))
      counts = zip(counts, n).map { 0.9 * $0 + 0.1 * $1 }
      sums = zip(sums, m).map { 0.9 * $0 + 0.1 * $1 }
      let total = counts.reduce(0, +)
      for k in 0..<4 {
        #expect(abs(Double(codebook.averageCounts[k]) - counts[k]) < 1e-5 * (1 + counts[k]))
        let smoothed = (counts[k] + epsilon) / (total + 4 * epsilon) * total
        for j in 2 * k..<2 * k + 2 {
          let code = sums[j] / smoothed
          #expect(abs(Double(codebook.codes[j]) - code) < 1e-4 * (1 + abs(code)))
        }
      }
    }
    #expect(elements(codebook.codes).allSatisfy { $0.isFinite })
  }

  @Test("Codes settle at the mean of their points")
  func fixedPoint() {
    let codebook = codebook()
    for _ in 0..<300 {
      codebook.update(
        counts: [10, 20, 5, 1], sums: [10, 20, -20, 0, 15, 15, 4, 4], decay: 0.9, epsilon: 1e-6)
    }
    let expected: [Float] = [1, 2, -1, 0, 3, 3, 4, 4]
    #expect(zip(elements(codebook.codes), expected).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  @Test("Dead codes move to their candidates with the usual weight, living ones stay")
  func revival() {
    let codebook = codebook()
    for _ in 0..<100 {
      codebook.update(
        counts: [10, 0, 12, 0], sums: [10, 0, 0, 0, 12, 36, 0, 0], decay: 0.9, epsilon: 1e-5)
    }
    let before = elements(codebook.codes)
    let usual = elements(codebook.averageCounts).reduce(0, +) / 4
    let candidates: [Float] = [9, 9, 5, 6, 9, 9, 7, 8]
    #expect(codebook.revive(candidates: candidates, threshold: 0.05) == [1, 3])
    let after = elements(codebook.codes)
    #expect(after == [before[0], before[1], 5, 6, before[4], before[5], 7, 8])
    #expect(codebook.averageCounts[1] == usual && codebook.averageCounts[3] == usual)
    // Nothing is dead any more; and the moving averages agree with the new codes.
    #expect(codebook.revive(candidates: candidates, threshold: 0.05) == [])
    let sums = elements(codebook.averageSums)
    codebook.update(
      counts: [10, usual, 12, usual],
      sums: [10, 0, 5 * usual, 6 * usual, 12, 36, 7 * usual, 8 * usual], decay: 0.9, epsilon: 1e-6)
    #expect(abs(sums[2] / usual - 5) < 1e-5)
    #expect(abs(codebook.codes[2] - 5) < 1e-4 && abs(codebook.codes[7] - 8) < 1e-4)
  }
}
