import TestSupport
import Tensors
import Testing

extension Staircase {
  /// Degrees 1 … 5 read by ten columns that all fit into one group.
  static let oneGroup = Staircase(inputs: 6, limits: [0, 0, 1, 1, 2, 3, 3, 4, 5, 5])
  /// Two flights of columns over many inputs, in groups of 16 columns; the last input is never read.
  static let manyGroups = Staircase(
    inputs: 200, limits: (0..<50).map { 4 * $0 } + (0..<20).map { $0 / 2 })
  /// Columns of the latter from three places.
  static let selection = manyGroups.selecting([3..<5, 14..<19, 60..<61])
}

@Suite("Staircase weights")
struct StaircaseTests {
  @Test(
    "A product equals that with the matrix whose other entries are zero",
    arguments: [Staircase.oneGroup, .manyGroups, .selection])
  func product(pattern: Staircase) {
    let tape = Tape<Double>(shardCount: 1)
    let rows = 5
    let x = normals(rows * pattern.inputs, 1)
    let w = normals(pattern.count, 2)
    let b = normals(pattern.outputs, 3)
    let y = tape.keep(
      tape.linear(
        tape.input(Shape(rows, pattern.inputs), repeating: x),
        weight: tape.input(Shape(1, pattern.count), repeating: w),
        bias: tape.input(Shape(1, pattern.outputs), repeating: b), pattern: pattern))
    tape.run()
    let values = tape.elements(of: y)
    for row in 0..<rows {
      for group in pattern.groups {
        for column in group.columns {
          var sum = b[column]
          for input in 0..<pattern.limits[column] {
            let place =
              group.offset + input * group.stride + column - group.columns.lowerBound
            sum += x[row * pattern.inputs + input] * w[place]
          }
          #expect(abs(values[row * pattern.outputs + column] - sum) < 1e-12)
        }
      }
    }
  }

  @Test("Groups tile the columns, read what their columns read and lie end to end")
  func groups() {
    for (inputs, limits) in [
      (512, (0..<512).map { 8 * (1 + $0 / 8) }), (100, (0..<100).map { 20 * (1 + $0 / 20) }),
      (512, (0..<126).map { 8 * ($0 % 63) }), (3, [0, 1, 2, 0, 1, 2]), (1, [0]), (4, [4, 3, 2, 1]),
    ] {
      let pattern = Staircase(inputs: inputs, limits: limits)
      let inOrder = pattern.groups.sorted { $0.offset < $1.offset }
      #expect(Set(pattern.groups.flatMap(\.columns)) == Set(limits.indices))
      #expect(pattern.groups.map(\.columns.count).reduce(0, +) == limits.count)
      var offset = 0
      for group in inOrder where group.reads > 0 {
        #expect(group.offset == offset)
        #expect(group.reads == group.columns.map { limits[$0] }.max())
        offset += group.reads * group.columns.count
      }
      #expect(offset == pattern.count)
      #expect(pattern.groups.map(\.reads) == pattern.groups.map(\.reads).sorted(by: >))
    }
    let large = Staircase(inputs: 512, limits: (0..<512).map { $0 + 1 })
    #expect(large.groups.count == 8)
    #expect(Double(large.count) == 0.5625 * 512 * 512)
  }

  @Test(
    "The last sweep's gradients are the expanded ones, and zero outside of the pattern",
    arguments: Activation.allCases)
  func lastSweep(activation: Activation) {
    let network = StaircaseNetwork(activation)
    let double: ParameterBuffer<Double> = ParameterCollection.randomised(network.layout)
    let single: ParameterBuffer<Float> = ParameterCollection.randomised(network.layout)
    // 64 rows take the path with transposed blocks, 600 the one without.
    for rows in [64, 600] {
      #expect(
        ShardedRun.lastSweepDeviation(
          parameters: network.parameters, buffer: double, shardCount: 2
        ) { network.record(on: $0, rows: rows) } < 1e-13)
      #expect(
        ShardedRun.lastSweepDeviation(
          parameters: network.parameters, buffer: single, shardCount: 2
        ) { network.record(on: $0, rows: rows) } < 1e-4)
    }
    let gradient = gradients(network, double, shards: 0..<2, of: 2)
    for (weight, pattern) in zip(network.weights, network.patterns) {
      var counts = (inside: 0, zero: 0)
      for group in pattern.groups {
        for column in group.columns {
          for input in 0..<group.reads {
            let place =
              group.offset + input * group.stride + column - group.columns.lowerBound
            let value = gradient[weight.offset + place]
            if input < pattern.limits[column] { counts.inside += 1 }
            if value == 0 { counts.zero += 1 }
            #expect(input < pattern.limits[column] || value == 0)
          }
        }
      }
      #expect(counts.zero < pattern.count - counts.inside / 2)
      #expect(pattern.isExact || counts.zero > 0)
    }
  }

  @Test("Gradients have the same bits on one tape of eight shards and on eight of one")
  func shards() {
    let network = StaircaseNetwork(.relu)
    let buffer: ParameterBuffer<Float> = ParameterCollection.randomised(network.layout)
    let whole = gradients(network, buffer, shards: 0..<8, of: 8)
    let alone = (0..<8).map { gradients(network, buffer, shards: $0..<$0 + 1, of: 1) }
    #expect(ShardedRun.treeSum(alone) == whole)
  }

  private func gradients<Scalar: TensorScalar>(
    _ network: StaircaseNetwork, _ buffer: ParameterBuffer<Scalar>, shards: Range<Int>,
    of count: Int
  ) -> [Scalar] {
    let tape = Tape<Scalar>(shardCount: count, parameters: buffer)
    let recording = network.record(on: tape, rows: 16)
    ShardedRun.fill(recording.inputs, of: tape, firstShard: shards.lowerBound)
    let sink = TestSink<Scalar>(count: buffer.count, subtrees: [0..<count])
    tape.sink = sink.sink
    tape.backward(recording.loss, parameterRange: 0..<buffer.count)
    tape.run()
    return sink.elements()
  }

  private func normals(_ count: Int, _ seed: UInt64) -> [Double] {
    var random = SampleRandom(seed: seed, purpose: .test, sample: 0)
    return (0..<count).map { _ in random.normal() }
  }
}

/// Two layers, 200 → 70 → 40, of which the first is read twice.
private struct StaircaseNetwork {
  let layout: ParameterLayout
  let weights: [Parameter]
  let biases: [Parameter]
  let patterns = [
    Staircase.manyGroups, Staircase(inputs: 70, limits: (0..<40).map { 70 * $0 / 40 }),
  ]
  let activation: Activation

  var parameters: [Parameter] { weights + biases }

  init(_ activation: Activation) {
    self.activation = activation
    var layout = ParameterLayout()
    let patterns = self.patterns
    weights = patterns.indices.map {
      layout.add("weight\($0)", shape: [patterns[$0].count], .zeros)
    }
    biases = patterns.indices.map {
      layout.add("bias\($0)", shape: [patterns[$0].outputs], .zeros)
    }
    self.layout = layout
  }

  func record<Scalar>(on tape: Tape<Scalar>, rows: Int) -> Recording {
    let x = tape.input(rows, 200)
    func layer(_ x: Value, _ index: Int) -> Value {
      tape.scale(
        tape.linear(
          x, weight: tape.value(of: weights[index]), bias: tape.value(of: biases[index]),
          pattern: patterns[index], activation: activation), by: 0.1)
    }
    let once = layer(layer(x, 0), 1)
    tape.endSegment()
    let again = layer(tape.tanh(x), 0)
    let loss = tape.add(tape.sum(tape.square(once)), tape.sum(tape.square(again)))
    return Recording(loss: tape.scale(loss, by: 1 / Double(rows)), inputs: [x])
  }
}
