import Foundation
import Layers
import Operators
import TestSupport
import Tensors
import Testing

@Suite("Transformer")
struct TransformerTests {
  @Test("A token depends on itself and on earlier tokens of its sample alone")
  func causality() {
    var layout = ParameterLayout()
    let shape = SequenceShape(historyDays: 5, forecastDays: 2, width: 3)
    let model = TransformerForecast(
      shape: shape, channels: 4, heads: 2, hidden: 6, layers: 3, in: &layout)
    let parameters: ParameterBuffer<Double> = ParameterCollection.randomised(layout)
    func tokens(_ window: [Double]) -> [[Double]] {
      let tape = Tape<Double>(shardCount: 1, parameters: parameters)
      let input = tape.input(Shape(2, 15), repeating: window)
      let result = tape.keep(model.encode(input, on: tape))
      tape.run()
      let all = tape.elements(of: result)
      return (0..<10).map { Array(all[$0 * 4..<($0 + 1) * 4]) }
    }
    let window = (0..<30).map { Double(($0 * 7) % 11) / 5 - 1 }
    let before = tokens(window)
    for day in 0..<5 {
      var changed = window
      changed[day * 3 + 1] += 1
      let after = tokens(changed)
      for token in 0..<10 {
        // The first sample was changed; rows 5… are the second one's.
        #expect((after[token] == before[token]) == (token < day || token >= 5))
      }
    }
  }

  @Test("Attention is the softmax of scaled products over what may be seen")
  func attention() {
    var layout = ParameterLayout()
    let layer = CausalAttention(2, heads: 1, in: &layout)
    let parameters = ParameterBuffer<Double>(count: layout.count)
    // Queries, keys and values are the input; so is the output.
    for row in 0..<2 {
      for part in 0..<3 {
        parameters[layer.projection.weight.offset + row * 6 + part * 2 + row] = 1
      }
      parameters[layer.output.weight.offset + row * 2 + row] = 1
    }
    let tape = Tape<Double>(shardCount: 1, parameters: parameters)
    let x = [[1.0, 0], [0, 2], [1, 1]]
    let y = tape.keep(layer(tape.matrix(x), tokens: 3, on: tape))
    tape.run()
    let result = tape.elements(of: y)
    for token in 0..<3 {
      let weights = (0...token).map { other in
        exp((x[token][0] * x[other][0] + x[token][1] * x[other][1]) / 2.0.squareRoot())
      }
      for channel in 0..<2 {
        let expected =
          (0...token).map { weights[$0] * x[$0][channel] }.reduce(0, +) / weights.reduce(0, +)
        #expect(abs(result[token * 2 + channel] - expected) < 1e-14)
      }
    }
  }

  @Test("Rows of a layer norm have mean β and deviation γ")
  func layerNorm() {
    var layout = ParameterLayout()
    let norm = LayerNorm(4, floor: 0, in: &layout)
    let parameters = ParameterBuffer<Double>(layout: layout, seed: 1)
    for i in 0..<4 {
      parameters[norm.scale.offset + i] = 3
      parameters[norm.shift.offset + i] = 5
    }
    let tape = Tape<Double>(shardCount: 1, parameters: parameters)
    let y = tape.keep(norm(tape.matrix([[1, 2, 3, 10], [-4, 0, 0.5, 7]]), on: tape))
    tape.run()
    for row in 0..<2 {
      let values = tape.elements(of: y)[row * 4..<(row + 1) * 4]
      let mean = values.reduce(0, +) / 4
      let variance = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 4
      #expect(abs(mean - 5) < 1e-12)
      #expect(abs(variance.squareRoot() - 3) < 1e-12)
    }
  }

  @Test("Positions are sines and cosines of falling frequencies")
  func positions() {
    let values = SinusoidalPositions.values(tokens: 20, width: 4)
    for token in 0..<20 {
      let t = Double(token)
      for (channel, expected) in [sin(t), cos(t), sin(t / 100), cos(t / 100)].enumerated() {
        #expect(abs(values[token * 4 + channel] - expected) < 1e-13)
      }
    }
  }
}
