import Flows
import Foundation
import Layers
import TestSupport
import Tensors
import Testing

/// Affine couplings that transform the halves in turn.
private func realNVP(
  dimension: Int, blocks: Int, context: Int = 0, activation: Activation,
  in layout: inout ParameterLayout
) -> Chain {
  Chain(
    dimension: dimension,
    (0..<blocks).map { block in
      let half = dimension / 2
      return (
        "\(block)",
        layout.scoped("\(block)") {
          Coupling(
            dimension: dimension, transformed: block % 2 == 0 ? half..<dimension : 0..<half,
            contextDimension: context, widths: [8, 8], activation: activation,
            transform: .affine(logScaleBound: 1),
            in: &$0)
        }
      )
    })
}

@Suite("Density of flows")
struct FlowDensityTests {
  @Test(
    "The density of a random flow in the plane integrates to one",
    arguments: [Activation.tanh, .relu], [0, 2])
  func integral(activation: Activation, context: Int) {
    let row = BijectionCase("RealNVP", contextDimension: context) {
      realNVP(dimension: 2, blocks: 4, context: context, activation: activation, in: &$0)
    }
    let (extent, cells) = (16.0, 320)
    let width = 2 * extent / Double(cells)
    var total = 0.0
    for i in 0..<cells {
      let line = (0..<cells).map {
        [(Double(i) + 0.5) * width - extent, (Double($0) + 0.5) * width - extent]
      }
      let contexts = context == 0 ? nil : line.map { _ in [0.7, -1.1] }
      total += row.logProbability(line, contexts, in: Double.self).map { exp($0) }.reduce(0, +)
    }
    #expect(abs(total * width * width - 1) < 1e-3)
  }

  @Test("The standard normal has its density and its moments", arguments: [1, 2, 5])
  func standardNormal(dimension: Int) {
    let base = StandardNormal(dimension: dimension)
    let tape = Tape<Double>(shardCount: 1)
    let points = [[Double](repeating: 0, count: dimension), (0..<dimension).map { Double($0) - 1 }]
    let density = tape.keep(base.logProbability(of: tape.matrix(points), on: tape))
    tape.run()
    for (point, value) in zip(points, tape.elements(of: density)) {
      let expected = point.map { log(exp(-$0 * $0 / 2) / (2 * Double.pi).squareRoot()) }
      #expect(abs(value - expected.reduce(0, +)) < 1e-13)
    }
    let draws = (0..<4000 as Range<UInt64>).map { sample in
      var random = SampleRandom(seed: 8, purpose: .sampling, sample: sample)
      return base.sample(using: &random)
    }
    for column in 0..<dimension {
      let mean = draws.map { $0[column] }.reduce(0, +) / 4000
      let square = draws.map { $0[column] * $0[column] }.reduce(0, +) / 4000
      #expect(abs(mean) < 5 / (4000.0).squareRoot())
      #expect(abs(square - 1) < 5 * (2 / 4000.0).squareRoot())
    }
  }

  /// Tolerance 1e-6: central differences of step 1e-5 have an error of about 1e-10 here.
  @Test("Parameter gradients of a flow's Jacobian-vector product agree with central differences")
  func secondOrder() {
    let row = BijectionCase("RealNVP") {
      realNVP(dimension: 3, blocks: 3, activation: .tanh, in: &$0)
    }
    let tape = Tape<Double>(shardCount: 1, parameters: row.buffer)
    let x = tape.matrix(row.points(4))
    let direction = tape.matrix(row.points(4, seed: 12))
    let flow = Flow(base: StandardNormal(dimension: 3), bijection: row.bijection)
    let image = row.bijection.forward(x, context: nil, on: tape).value
    let moved = tape.tangents(
      of: [image, flow.logProbability(of: x, on: tape)], along: [(x, tangent: direction)])
    let target = tape.add(tape.sum(tape.square(moved[0])), tape.sum(tape.square(moved[1])))
    tape.keep(target)
    let gradients = tape.gradients(
      of: [(target, seed: tape.constant(1, 1, [1]))],
      withRespectTo: row.parameters.map { tape.value(of: $0) })
    for gradient in gradients { tape.keep(gradient) }
    tape.run()
    let exact = gradients.map { tape.elements(of: $0) }
    #expect(exact.flatMap { $0 }.filter { abs($0) > 1e-3 }.count > row.buffer.count / 4)
    for (parameter, gradient) in zip(row.parameters, exact) {
      for element in stride(from: 0, to: parameter.count, by: 3) {
        let memory = row.buffer.pointer + parameter.offset + element
        let start = memory.pointee
        func value(_ shift: Double) -> Double {
          memory.pointee = start + shift
          defer { memory.pointee = start }
          tape.replay()
          return tape.elements(of: target)[0]
        }
        let difference = (value(1e-5) - value(-1e-5)) / 2e-5
        #expect(abs(gradient[element] - difference) < 1e-6 * (1 + abs(difference)))
      }
    }
  }
}
