import Tensors
import Testing
import Training

/// Adam as Kingma & Ba (2015) write it, with the decoupled decay of Loshchilov & Hutter (2019), in
/// Double.
private struct ReferenceAdam {
  var first: [Double]
  var second: [Double]
  var step = 0

  init(count: Int) {
    (first, second) = (Array(repeating: 0, count: count), Array(repeating: 0, count: count))
  }

  mutating func update(_ weights: inout [Double], _ gradient: [Double], _ optimizer: Optimizer) {
    step += 1
    var (power1, power2) = (1.0, 1.0)
    for _ in 0..<step { (power1, power2) = (power1 * optimizer.beta1, power2 * optimizer.beta2) }
    for i in weights.indices {
      first[i] = optimizer.beta1 * first[i] + (1 - optimizer.beta1) * gradient[i]
      second[i] = optimizer.beta2 * second[i] + (1 - optimizer.beta2) * gradient[i] * gradient[i]
      let direction =
        first[i] / (1 - power1) / ((second[i] / (1 - power2)).squareRoot() + optimizer.epsilon)
      weights[i] -=
        optimizer.learningRate * direction
        + optimizer.learningRate * optimizer.weightDecay * weights[i]
    }
  }
}

@Suite("Adam, AdamW and the average of weights") struct OptimizerTests {
  private let count = 37

  private func state(_ owned: Range<Int>, average: Bool = false) -> OptimizerState {
    OptimizerState(
      parameterRange: 0..<count, owned: owned, layout: ParameterLayout(), keepsAverage: average,
      keepsBest: false)
  }

  private func number(_ i: Int, _ step: Int) -> Float {
    var random = SampleRandom(seed: 5, purpose: .chart, step: UInt32(step), sample: UInt64(i))
    return Float(random.uniform()) * 2 - 1
  }

  @Test("Updates follow the papers' formulas", arguments: [0, 0.05])
  func formula(decay: Double) {
    let optimizer = Optimizer(learningRate: 0.01, weightDecay: decay)
    let weights = ParameterBuffer<Float>(count: count)
    let gradient = ParameterBuffer<Float>(count: count)
    for i in 0..<count { weights[i] = number(i, 0) }
    var expected = (0..<count).map { Double(weights[$0]) }
    var reference = ReferenceAdam(count: count)
    let state = state(0..<count)
    for step in 1...50 {
      for i in 0..<count { gradient[i] = number(i, step) }
      // Clipping scales the gradient before it enters the moments.
      state.update(
        weights.pointer, gradient: gradient.pointer, optimizer: optimizer,
        learningRate: optimizer.learningRate, gradientScale: 0.5, step: step)
      reference.update(&expected, (0..<count).map { 0.5 * Double(gradient[$0]) }, optimizer)
    }
    for i in 0..<count { #expect(abs(Double(weights[i]) - expected[i]) < 2e-6, "element \(i)") }
    var plain = (0..<count).map { Double(number($0, 0)) }
    var other = ReferenceAdam(count: count)
    for step in 1...50 {
      other.update(
        &plain, (0..<count).map { 0.5 * Double(number($0, step)) }, Optimizer(learningRate: 0.01))
    }
    // Fifty steps of decay by 0.0005 move a weight by a fortieth part: well beyond the tolerance.
    let distance = zip(plain, expected).map { abs($0 - $1) }.max() ?? 0
    #expect(decay == 0 ? distance == 0 : distance > 1e-3)
  }

  @Test("Slices give the bits of the whole")
  func slices() {
    let optimizer = Optimizer(learningRate: 0.01, weightDecay: 0.1)
    func trained(_ slices: [Range<Int>]) -> [Float] {
      let weights = ParameterBuffer<Float>(count: count)
      let gradient = ParameterBuffer<Float>(count: count)
      for i in 0..<count { weights[i] = number(i, 0) }
      let states = slices.map { state($0, average: true) }
      for step in 1...5 {
        for i in 0..<count { gradient[i] = number(i, step) }
        for (slice, state) in zip(slices, states) {
          state.update(
            weights.pointer + slice.lowerBound, gradient: gradient.pointer + slice.lowerBound,
            optimizer: optimizer, learningRate: 0.01, gradientScale: 1, step: step)
          state.updateAverage(weights.pointer + slice.lowerBound, decay: 0.9, step: step)
        }
      }
      let averages = states.flatMap { state in
        (0..<(state.average?.count ?? 0)).map { state.average![$0] }
      }
      return (0..<count).map { weights[$0] } + averages
    }
    let whole = trained([0..<count])
    #expect(whole.count == 2 * count)
    #expect(trained([0..<16, 16..<count]) == whole)
    #expect(trained([0..<16, 16..<32, 32..<count, count..<count]) == whole)
  }

  @Test("The average starts at the first weights and follows by 1 − decay")
  func average() throws {
    let state = state(0..<count, average: true)
    let average = try #require(state.average)
    let weights = ParameterBuffer<Float>(count: count)
    var expected = [Double](repeating: 0, count: count)
    for step in 1...20 {
      for i in 0..<count {
        weights[i] = number(i, step)
        let weight = Double(weights[i])
        expected[i] = step == 1 ? weight : 0.8 * expected[i] + 0.2 * weight
      }
      state.updateAverage(weights.pointer, decay: 0.8, step: step)
      for i in 0..<count { #expect(abs(Double(average[i]) - expected[i]) < 1e-6) }
    }
  }
}
