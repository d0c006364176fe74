import Flows
import Layers
import TestSupport
import Tensors
import Testing

@Suite("Layers")
struct LayerTests {
  @Test("A network declares its arrays in order, by dotted paths, end to end")
  func paths() {
    var layout = ParameterLayout()
    let network = layout.scoped("chart") {
      MultilayerPerceptron(3, widths: [5, 4], 2, in: &$0)
    }
    #expect(
      layout.entries.map(\.path) == [
        "chart.0.weight", "chart.0.bias", "chart.1.weight", "chart.1.bias", "chart.2.weight",
        "chart.2.bias",
      ])
    #expect(layout.entries.map(\.shape) == [[3, 5], [5], [5, 4], [4], [4, 2], [2]])
    #expect(layout.entries.map(\.offset) == [0, 15, 20, 40, 44, 52])
    #expect(layout.count == 54)
    #expect(network.layers.map(\.activation) == [.relu, .relu, .identity])
    let tape = Tape<Float>(
      shardCount: 1, parameters: ParameterBuffer(layout: layout, seed: 1))
    #expect(tape.shape(of: network(tape.input(7, 3), on: tape)) == Shape(7, 2))
    var single = ParameterLayout()
    #expect(MultilayerPerceptron(3, widths: [], 2, in: &single).layers.count == 1)
  }

  @Test(
    "A dense layer computes φ(x · W + b) with W stored by inputs", arguments: Activation.allCases)
  func dense(activation: Activation) {
    var layout = ParameterLayout()
    let layer = Dense(2, 2, activation: activation, in: &layout)
    let buffer = ParameterBuffer<Double>(count: layout.count)
    for (i, value) in [1.0, 2, 3, 4].enumerated() { buffer[layer.weight.offset + i] = value }
    buffer[layer.bias.offset] = -25
    buffer[layer.bias.offset + 1] = 0.5
    let tape = Tape<Double>(shardCount: 1, parameters: buffer)
    let y = tape.keep(layer(tape.matrix([[5, 6]]), on: tape))
    let linear = tape.matrix([[5 + 18 - 25, 10 + 24 + 0.5]])
    let expected = tape.keep(tape.activate(linear, activation))
    tape.run()
    for (a, b) in zip(tape.elements(of: y), tape.elements(of: expected)) {
      #expect(abs(a - b) < 1e-12)
    }
  }

  @Test("First values fill the documented ranges")
  func ranges() {
    func start(_ activation: Activation, startsAtZero: Bool = false) -> ([Double], [Double]) {
      var layout = ParameterLayout()
      let layer = Dense(50, 40, activation: activation, startsAtZero: startsAtZero, in: &layout)
      let buffer = ParameterBuffer<Double>(layout: layout, seed: 4)
      return (layer.weight.range.map { buffer[$0] }, layer.bias.range.map { buffer[$0] })
    }
    func expectUniform(_ values: [Double], _ bound: Double, fill: Double) {
      #expect(values.allSatisfy { abs($0) <= bound })
      #expect(values.max()! > fill * bound && values.min()! < -fill * bound)
    }
    expectUniform(start(.relu).0, (6 / 50.0).squareRoot(), fill: 0.99)
    for activation in [Activation.tanh, .sigmoid, .identity] {
      expectUniform(start(activation).0, (6 / 90.0).squareRoot(), fill: 0.99)
    }
    expectUniform(start(.relu).1, 1 / 50.0.squareRoot(), fill: 0.8)
    let zero = start(.relu, startsAtZero: true)
    #expect((zero.0 + zero.1).allSatisfy { $0 == 0 })
  }

  @Test("First values depend on the seed and the parameter, and are the same in both precisions")
  func seeds() {
    var layout = ParameterLayout()
    let network = MultilayerPerceptron(4, widths: [4], 4, activation: .tanh, in: &layout)
    func values(_ seed: UInt64) -> [Double] {
      let buffer = ParameterBuffer<Double>(layout: layout, seed: seed)
      return (0..<layout.count).map { buffer[$0] }
    }
    #expect(values(1) == values(1))
    #expect(values(1) != values(2))
    let (first, second) = (network.layers[0].weight, network.layers[1].weight)
    #expect(values(1)[first.range] != values(1)[second.range])
    let single = ParameterBuffer<Float>(layout: layout, seed: 1)
    #expect((0..<layout.count).map { single[$0] } == values(1).map { Float($0) })
  }

  @Test("A coupling, an ActNorm and linear maps start as the identity")
  func identityStart() {
    var layout = ParameterLayout()
    let bijections: [any Bijection] = [
      layout.scoped("a") {
        Coupling(dimension: 3, transformed: 1..<3, widths: [4], in: &$0)
      },
      layout.scoped("b") { ActNorm(dimension: 3, in: &$0) },
      layout.scoped("c") { InvertibleLinear(dimension: 3, in: &$0) },
      layout.scoped("d") { DiagonalLinear(dimension: 3, in: &$0) },
      layout.scoped("e") { TriangularLinear(dimension: 3, in: &$0) },
      layout.scoped("f") { BlockDiagonalLinear(sizes: [1, 2], in: &$0) },
    ]
    let buffer = ParameterBuffer<Double>(layout: layout, seed: 1)
    let tape = Tape<Double>(shardCount: 1, parameters: buffer)
    let x = tape.matrix([[1, -2, 3], [0.5, 7, -9]])
    let results = bijections.map { $0.inverse(x, context: nil, on: tape) }
    for result in results {
      tape.keep(result.value)
      if let logDet = result.logAbsDetJacobian { tape.keep(logDet) }
    }
    tape.run()
    for result in results {
      #expect(tape.elements(of: result.value) == [1, -2, 3, 0.5, 7, -9])
      #expect(result.logAbsDetJacobian.map { tape.elements(of: $0) } == [0, 0])
    }
  }
}
