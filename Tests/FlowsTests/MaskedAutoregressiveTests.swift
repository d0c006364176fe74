import Flows
import Foundation
import Layers
import TestSupport
import Tensors
import Testing

@Suite("Masked autoregressive flows")
struct MaskedAutoregressiveTests {
  /// Widths below, at and above the number of degrees, and wide enough for several groups.
  @Test(
    "Column i of the base depends on data columns up to i alone, and on the context",
    arguments: [[3], [8, 6], [80, 96]], [0, 2])
  func triangular(widths: [Int], context: Int) {
    let dimension = 6
    let row = BijectionCase("MAF", contextDimension: context) {
      MaskedAutoregressive(
        dimension: dimension, contextDimension: context, widths: widths, activation: .tanh, in: &$0)
    }
    let points = row.points(3)
    let contexts = row.contexts(3)
    for direction in [BijectionCase.Direction.inverse, .forward] {
      let start = row.apply(direction, points, contexts, in: Double.self).values
      for column in 0..<dimension {
        var moved = points
        for i in moved.indices { moved[i][column] += 0.5 }
        let end = row.apply(direction, moved, contexts, in: Double.self).values
        for (first, second) in zip(start, end) {
          #expect(first[..<column] == second[..<column], "columns before \(column)")
          #expect(first[column] != second[column])
          // A hidden layer of three units lacks most degrees.
          if widths[0] > 3 {
            #expect(zip(first, second).dropFirst(column).allSatisfy { $0 != $1 })
          }
        }
      }
      if context > 0, widths[0] > 3 {
        let end = row.apply(direction, points, row.contexts(3, seed: 8), in: Double.self).values
        for (first, second) in zip(start, end) {
          #expect(zip(first, second).allSatisfy { $0 != $1 }, "the context reaches every column")
        }
      }
    }
  }

  @Test("One dimension is an affine map, of constants or of the context", arguments: [0, 3])
  func oneDimension(context: Int) {
    let row = BijectionCase("MAF", contextDimension: context) {
      MaskedAutoregressive(
        dimension: 1, contextDimension: context, widths: [4], activation: .tanh, in: &$0)
    }
    #expect(BijectionContract<Double>.failures(of: row) == [])
    #expect(BijectionContract<Float>.failures(of: row.inverted) == [])
    #expect((row.parameters.count == 1) == (context == 0))
  }

  @Test("A flow starts as the identity up to the order of the columns")
  func identityStart() {
    var layout = ParameterLayout()
    let chain = MAF(blocks: 3, widths: [8]).chain(
      dimension: 3, contextDimension: 0, seed: 1, in: &layout)
    let tape = Tape<Double>(
      shardCount: 1, parameters: ParameterBuffer<Double>(layout: layout, seed: 1))
    let result = chain.inverse(tape.matrix([[1, -2, 3]]), context: nil, on: tape)
    tape.keep(result.value)
    if let logDet = result.logAbsDetJacobian { tape.keep(logDet) }
    tape.run()
    #expect(tape.elements(of: result.value) == [1, -2, 3])
    #expect(result.logAbsDetJacobian.map { tape.elements(of: $0) } == [0])
    #expect(
      chain.elements.map(\.name) == [
        "0.autoregressive", "0.norm", "0.reversal", "1.autoregressive", "1.norm", "1.reversal",
        "2.autoregressive", "2.norm",
      ])
  }

  @Test("The density of an autoregressive spline flow in the plane integrates to one")
  func splineIntegral() {
    let row = BijectionCase("NSF") {
      MAF(
        blocks: 2, widths: [8], activation: .tanh,
        transform: .spline(SplineSettings(bins: 6, bound: 4))
      ).chain(dimension: 2, contextDimension: 0, seed: 1, in: &$0)
    }
    let (extent, cells) = (12.0, 400)
    let width = 2 * extent / Double(cells)
    var total = 0.0
    for i in 0..<cells {
      let line = (0..<cells).map {
        [(Double(i) + 0.5) * width - extent, (Double($0) + 0.5) * width - extent]
      }
      total += row.logProbability(line, nil, in: Double.self).map { exp($0) }.reduce(0, +)
    }
    #expect(abs(total * width * width - 1) < 1e-3)
  }
}
