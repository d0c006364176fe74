import Foundation
import Tensors
import Testing

struct PhiloxTests {
  struct KnownAnswer: Sendable {
    var key: [UInt32]
    var counter: [UInt32]
    var output: [UInt32]
  }

  /// The vectors "philox4x32 10" that the authors publish with their library.
  static let knownAnswers = [
    KnownAnswer(
      key: [0, 0], counter: [0, 0, 0, 0],
      output: [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
    KnownAnswer(
      key: [.max, .max], counter: [.max, .max, .max, .max],
      output: [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
    KnownAnswer(
      key: [0xa409_3822, 0x299f_31d0],
      counter: [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
      output: [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]),
  ]

  @Test("Philox 4x32-10 gives the published known answers", arguments: knownAnswers)
  func knownAnswer(_ answer: KnownAnswer) {
    let generator = Philox4x32(key: (answer.key[0], answer.key[1]))
    let counter = answer.counter
    let block = generator.block((counter[0], counter[1], counter[2], counter[3]))
    #expect([block.0, block.1, block.2, block.3] == answer.output)
  }

  @Test("the counter of a stream has the documented layout")
  func layout() {
    var random = SampleRandom(
      seed: 0x299f_31d0_a409_3822, purpose: .sampling, step: 5, sample: 0x1234_5678_9abc)
    let generator = Philox4x32(key: (0xa409_3822, 0x299f_31d0))
    for block in 0..<3 as Range<UInt32> {
      let expected = generator.block((block, 5, 0x5678_9abc, 0x0007_1234))
      let drawn = (0..<4).map { _ in random.nextUInt32() }
      #expect(drawn == [expected.0, expected.1, expected.2, expected.3])
    }
  }

  @Test("any difference in the key gives another stream, an equal key the same one")
  func streams() {
    func first(_ seed: UInt64, _ purpose: RandomPurpose, _ step: UInt32, _ sample: UInt64) -> UInt64
    {
      var random = SampleRandom(seed: seed, purpose: purpose, step: step, sample: sample)
      return random.nextUInt64()
    }
    let reference = first(1, .data, 2, 3)
    #expect(first(1, .data, 2, 3) == reference)
    let others = [
      first(2, .data, 2, 3), first(1, .noise, 2, 3), first(1, .data, 3, 3), first(1, .data, 2, 4),
      first(1, .data, 2, 3 + 1 << 32), first(1 + 1 << 32, .data, 2, 3),
    ]
    #expect(Set(others + [reference]).count == others.count + 1)
    #expect(Set(RandomPurpose.allCases.map(\.rawValue)).count == RandomPurpose.allCases.count)
  }

  @Test("uniform and normal numbers have the right moments and range")
  func moments() {
    let count = 40_000
    var uniformSum = 0.0
    var normalSums = [0.0, 0.0, 0.0, 0.0]
    var products = 0.0
    for sample in 0..<UInt64(count / 4) {
      var random = SampleRandom(seed: 11, purpose: .test, sample: sample)
      let normals = (0..<4).map { _ in random.normal() }
      for value in normals {
        for power in 0..<4 { normalSums[power] += pow(value, Double(power + 1)) }
      }
      products += normals[0] * normals[1] + normals[1] * normals[2]
      for _ in 0..<4 {
        let value = random.uniform()
        #expect(value >= 0 && value < 1)
        uniformSum += value
      }
    }
    // Five standard deviations of each estimate.
    let n = Double(count)
    #expect(abs(uniformSum / n - 0.5) < 5 * (1 / (12 * n)).squareRoot())
    #expect(abs(normalSums[0] / n) < 5 * (1 / n).squareRoot())
    #expect(abs(normalSums[1] / n - 1) < 5 * (2 / n).squareRoot())
    #expect(abs(normalSums[2] / n) < 5 * (15 / n).squareRoot())
    #expect(abs(normalSums[3] / n - 3) < 5 * (96 / n).squareRoot())
    #expect(abs(products / n) < 5 * (0.5 / n).squareRoot())
  }

  @Test("normal numbers follow the documented formula")
  func boxMuller() {
    for sample in 0..<500 as Range<UInt64> {
      var uniforms = SampleRandom(seed: 3, purpose: .noise, sample: sample)
      var normals = uniforms
      let u1 = uniforms.uniform()
      let u2 = uniforms.uniform()
      let radius = (-2 * log(1 - u1)).squareRoot()
      #expect(abs(normals.normal() - radius * cos(2 * .pi * u2)) < 1e-14)
      #expect(abs(normals.normal() - radius * sin(2 * .pi * u2)) < 1e-14)
      #expect(normals.nextUInt32() == uniforms.nextUInt32())
    }
  }

  @Test("bounded integers are uniform and in range", arguments: [1, 2, 3, 7, 100])
  func integers(bound: Int) {
    var counts = [Int](repeating: 0, count: bound)
    var random = SampleRandom(seed: 5, purpose: .test, sample: UInt64(bound))
    for _ in 0..<1000 * bound { counts[random.integer(below: bound)] += 1 }
    #expect(counts.allSatisfy { abs($0 - 1000) < 160 })
    let large = random.integer(below: .max)
    #expect(large >= 0 && large < .max)
  }

  @Test("a permutation holds each number once and depends on the epoch")
  func permutations() {
    var first = SampleRandom(seed: 5, purpose: .shuffle, step: 1, sample: 0)
    var second = SampleRandom(seed: 5, purpose: .shuffle, step: 2, sample: 0)
    let order = first.permutation(count: 101)
    #expect(order.sorted() == Array(0..<101))
    #expect(order != second.permutation(count: 101))
    #expect(first.permutation(count: 0).isEmpty)
  }
}
