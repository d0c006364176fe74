import TestSupport
import Tensors
import Testing

/// Every operation with rules, at a point inside its domain.
private let operations: [TapeFunction] = [
  TapeFunction("exp", [Shape(3, 2)]) { $0.tape.exp($0[0]) },
  TapeFunction("log", [Shape(3, 2)], domain: { $0 + 1.5 }) { $0.tape.log($0[0]) },
  TapeFunction("tanh", [Shape(3, 2)]) { $0.tape.tanh($0[0]) },
  TapeFunction("sigmoid", [Shape(3, 2)]) { $0.tape.sigmoid($0[0]) },
  TapeFunction("softplus", [Shape(3, 2)]) { $0.tape.softplus($0[0]) },
  TapeFunction("relu", [Shape(3, 2)]) { $0.tape.relu($0[0]) },
  TapeFunction("squareRoot", [Shape(3, 2)], domain: { $0 + 1.5 }) { $0.tape.squareRoot($0[0]) },
  TapeFunction("reciprocal", [Shape(3, 2)], domain: { $0 + 1.5 }) { $0.tape.reciprocal($0[0]) },
  TapeFunction("sin", [Shape(3, 2)]) { $0.tape.sin($0[0]) },
  TapeFunction("cos", [Shape(3, 2)]) { $0.tape.cos($0[0]) },
  TapeFunction("scale", [Shape(3, 2)]) { $0.tape.square($0.tape.scale($0[0], by: -1.7)) },
  TapeFunction("addConstant", [Shape(3, 2)]) {
    $0.tape.square($0.tape.add($0[0], constant: 0.3))
  },
  TapeFunction("add", [Shape(3, 2), Shape(3, 2)]) { $0.tape.square($0.tape.add($0[0], $0[1])) },
  TapeFunction("subtract", [Shape(3, 2), Shape(3, 2)]) {
    $0.tape.square($0.tape.subtract($0[0], $0[1]))
  },
  TapeFunction("multiply", [Shape(3, 2), Shape(3, 2)]) { $0.tape.multiply($0[0], $0[1]) },
  TapeFunction("divide", [Shape(3, 2), Shape(3, 2)], domain: { $0 + 1.5 }) {
    $0.tape.divide($0[0], $0[1])
  },
  TapeFunction("isPositive and stopGradient carry no derivative", [Shape(3, 2)]) {
    $0.tape.multiply($0.tape.isPositive($0[0]), $0[0])
  },
  TapeFunction("addRowVector", [Shape(3, 2), Shape(1, 2)]) {
    $0.tape.square($0.tape.add($0[0], rowVector: $0[1]))
  },
  TapeFunction("multiplyRowVector", [Shape(3, 2), Shape(1, 2)]) {
    $0.tape.multiply($0[0], rowVector: $0[1])
  },
  TapeFunction("addColumnVector", [Shape(3, 2), Shape(3, 1)]) {
    $0.tape.square($0.tape.add($0[0], columnVector: $0[1]))
  },
  TapeFunction("multiplyColumnVector", [Shape(3, 2), Shape(3, 1)]) {
    $0.tape.multiply($0[0], columnVector: $0[1])
  },
  TapeFunction("columnSums", [Shape(3, 2)]) { $0.tape.square($0.tape.columnSums($0[0])) },
  TapeFunction("rowSums", [Shape(3, 2)]) { $0.tape.square($0.tape.rowSums($0[0])) },
  TapeFunction("rowSquaredSums", [Shape(3, 2)]) { $0.tape.rowSquaredSums($0[0]) },
  TapeFunction("rowLogSumExp", [Shape(3, 4)]) { $0.tape.rowLogSumExp($0[0]) },
  TapeFunction("broadcastRows", [Shape(1, 2)]) {
    $0.tape.square($0.tape.broadcastRows($0[0], to: 3))
  },
  TapeFunction("broadcastColumns", [Shape(3, 1)]) {
    $0.tape.square($0.tape.broadcastColumns($0[0], to: 4))
  },
  TapeFunction("columns", [Shape(3, 4)]) { $0.tape.square($0.tape.columns($0[0], 1..<3)) },
  TapeFunction("padColumns", [Shape(3, 2)]) {
    $0.tape.square($0.tape.padColumns($0[0], first: 1, columns: 4))
  },
  TapeFunction("concatenateColumns", [Shape(3, 2), Shape(3, 1)]) {
    $0.tape.square($0.tape.concatenateColumns($0[0], $0[1]))
  },
  TapeFunction("permuteColumns", [Shape(2, 4)]) {
    $0.tape.square($0.tape.permuteColumns($0[0], [2, 0, 3, 1]))
  },
  TapeFunction("reshape", [Shape(2, 3)]) { $0.tape.square($0.tape.reshape($0[0], 3, 2)) },
  TapeFunction("transpose", [Shape(2, 3)]) { $0.tape.square($0.tape.transpose($0[0])) },
  TapeFunction("matmul NN", [Shape(2, 3), Shape(3, 4)]) { $0.tape.matmul($0[0], $0[1]) },
  TapeFunction("matmul TN", [Shape(3, 2), Shape(3, 4)]) {
    $0.tape.matmul($0[0], $0[1], transposeA: true)
  },
  TapeFunction("matmul NT", [Shape(2, 3), Shape(4, 3)]) {
    $0.tape.matmul($0[0], $0[1], transposeB: true)
  },
  TapeFunction("matmul TT", [Shape(3, 2), Shape(4, 3)]) {
    $0.tape.matmul($0[0], $0[1], transposeA: true, transposeB: true)
  },
  TapeFunction("leakyRelu", [Shape(3, 2)]) { $0.tape.square($0.tape.leakyRelu($0[0], slope: 0.2)) },
  TapeFunction("elu", [Shape(3, 2)]) { $0.tape.square($0.tape.elu($0[0])) },
  TapeFunction("gelu", [Shape(3, 2)]) { $0.tape.gelu($0[0]) },
  TapeFunction("gatherRows", [Shape(4, 3)]) {
    $0.tape.square($0.tape.gatherRows($0[0], [2, -1, 0, 2, 3]))
  },
  TapeFunction("scatterRows", [Shape(5, 3)]) {
    $0.tape.square($0.tape.scatterRows($0[0], [2, -1, 0, 2, 3], rows: 4))
  },
  TapeFunction("batchedMatmul NN", [Shape(6, 3), Shape(9, 4)]) {
    $0.tape.batchedMatmul($0[0], $0[1], groups: 3)
  },
  TapeFunction("batchedMatmul TN", [Shape(6, 3), Shape(6, 4)]) {
    $0.tape.batchedMatmul($0[0], $0[1], groups: 3, transposeA: true)
  },
  TapeFunction("batchedMatmul NT", [Shape(6, 3), Shape(12, 3)]) {
    $0.tape.batchedMatmul($0[0], $0[1], groups: 3, transposeB: true)
  },
  TapeFunction("batchedMatmul TT", [Shape(6, 3), Shape(12, 2)]) {
    $0.tape.batchedMatmul($0[0], $0[1], groups: 3, transposeA: true, transposeB: true)
  },
  TapeFunction("batchedMatmul of one row a block", [Shape(4, 3), Shape(12, 5)]) {
    $0.tape.batchedMatmul($0[0], $0[1], groups: 4)
  },
  TapeFunction("groupedMatmul", [Shape(6, 3), Shape(9, 4)]) {
    $0.tape.groupedMatmul($0[0], $0[1], rowCounts: [1, 3, 2])
  },
  TapeFunction("transpose of blocks", [Shape(6, 2)]) {
    $0.tape.square($0.tape.transpose($0[0], groups: 2))
  },
  TapeFunction("batchedSolve", [Shape(4, 3), Shape(6, 3)]) {
    $0.tape.batchedSolve($0[0], $0.tape.spreadBlocks($0[1]), groups: 2)
  },
  TapeFunction("batchedSolve, transposed", [Shape(4, 3), Shape(6, 3)]) {
    $0.tape.batchedSolve($0[0], $0.tape.spreadBlocks($0[1]), groups: 2, transposed: true)
  },
  TapeFunction("triangularSolve upper", [Shape(2, 3), Shape(3, 3)], domain: { $0 + 1.5 }) {
    $0.tape.triangularSolve($0[0], $0[1], upper: true)
  },
  TapeFunction(
    "triangularSolve lower, transposed", [Shape(2, 3), Shape(3, 3)], domain: { $0 + 1.5 }
  ) {
    $0.tape.triangularSolve($0[0], $0[1], upper: false, transposed: true)
  },
  TapeFunction("triangularSolve unit diagonal", [Shape(2, 3), Shape(3, 3)]) {
    $0.tape.triangularSolve($0[0], $0[1], upper: false, unitDiagonal: true)
  },
  TapeFunction("inverse", [Shape(3, 3)]) { $0.tape.inverse($0.tape.spread($0[0])).inverse },
  TapeFunction("log |det|", [Shape(3, 3)]) {
    $0.tape.inverse($0.tape.spread($0[0])).logAbsDeterminant
  },
  TapeFunction("linear", [Shape(4, 3), Shape(3, 2), Shape(1, 2)]) {
    $0.tape.square($0.tape.linear($0[0], weight: $0[1], bias: $0[2]))
  },
  TapeFunction("linear with ReLU", [Shape(4, 3), Shape(3, 2), Shape(1, 2)]) {
    $0.tape.square($0.tape.linear($0[0], weight: $0[1], bias: $0[2], activation: .relu))
  },
  TapeFunction("linear with tanh", [Shape(4, 3), Shape(3, 2), Shape(1, 2)]) {
    $0.tape.linear($0[0], weight: $0[1], bias: $0[2], activation: .tanh)
  },
  TapeFunction("linear with sigmoid", [Shape(4, 3), Shape(3, 2), Shape(1, 2)]) {
    $0.tape.linear($0[0], weight: $0[1], bias: $0[2], activation: .sigmoid)
  },
  staircase("staircase of one group", .oneGroup, .identity),
  staircase("staircase of one group with tanh", .oneGroup, .tanh),
  staircase("staircase of one group with sigmoid", .oneGroup, .sigmoid),
  staircase("staircase of several groups with ReLU", .manyGroups, .relu),
  staircase("staircase of several groups with tanh", .manyGroups, .tanh),
  staircase("columns of a staircase", .selection, .tanh),
  TapeFunction("staircase without bias", [Shape(3, 6), Shape(1, Staircase.oneGroup.count)]) {
    $0.tape.square($0.tape.linear($0[0], weight: $0[1], bias: nil, pattern: .oneGroup))
  },
  spline("spline applied to a prefix", first: 0, inverted: false),
  spline("spline applied to a suffix", first: 1, inverted: false),
  spline("spline inverted in the middle", first: 1, width: 4, inverted: true),
  spline("spline with its tails", first: 0, inverted: false, scale: 2.5),
  spline("spline inverted with its tails", first: 0, inverted: true, scale: 1.9),
  coupling("coupling applied to a suffix", first: 1, inverted: false),
  coupling("coupling applied to a prefix", first: 0, inverted: false),
  coupling("coupling inverted on a suffix", first: 1, inverted: true),
  coupling("coupling inverted on the middle", first: 1, width: 4, inverted: true),
]

private func coupling(_ name: String, first: Int, width: Int = 3, inverted: Bool) -> TapeFunction {
  TapeFunction(name, [Shape(3, width), Shape(3, 4)]) { body in
    let (y, logDet) = body.tape.coupling(
      body[0], raw: body[1], first: first, bound: 1.3, inverted: inverted)
    return body.tape.concatenateColumns(body.tape.square(y), body.tape.square(logDet))
  }
}

extension Tape<Double> {
  /// A well-conditioned matrix that needs pivoting: 0.3 · x and a permutation.
  fileprivate func spread(_ x: Value) -> Value {
    add(scale(x, by: 0.3), constant(3, 3, [0, 2, 0, 0, 0, -1.5, 1, 0, 0]))
  }

  /// Two such matrices, one below the other.
  fileprivate func spreadBlocks(_ x: Value) -> Value {
    add(
      scale(x, by: 0.3),
      constant(6, 3, [0, 2, 0, 0, 0, -1.5, 1, 0, 0, 1.5, 0, 0, 0, 0, 2, 0, -1, 0]))
  }
}

/// Two columns; some points of a `scale` lie beyond the bound.
private func spline(
  _ name: String, first: Int, width: Int = 3, inverted: Bool, scale: Double = 1
) -> TapeFunction {
  TapeFunction(name, [Shape(3, width), Shape(3, 22)]) { body in
    let (y, logDet) = body.tape.spline(
      body.tape.scale(body[0], by: scale), raw: body.tape.scale(body[1], by: 0.7), first: first,
      settings: SplineSettings(bins: 4, bound: 1.3), inverted: inverted)
    return body.tape.concatenateColumns(body.tape.square(y), body.tape.square(logDet))
  }
}

/// Σ is over squares, so that second derivatives with respect to both factors differ from zero.
private func staircase(
  _ name: String, _ pattern: Staircase, _ activation: Activation
) -> TapeFunction {
  TapeFunction(
    name,
    [Shape(3, pattern.inputs), Shape(1, pattern.count), Shape(1, pattern.outputs)],
    domain: { 0.5 * $0 }
  ) {
    $0.tape.square(
      $0.tape.linear(
        $0[0], weight: $0[1], bias: $0[2], pattern: pattern, activation: activation))
  }
}

@Suite("Rules of operations")
struct OperationGradientTests {
  @Test(
    "Reverse, tangent and second-order derivatives agree with central differences",
    arguments: operations.indices)
  func derivatives(index: Int) {
    let function = operations[index]
    let deviations = GradientCheck.deviations(of: function)
    #expect(deviations.reverse < 2e-8, "\(function.name): reverse")
    #expect(deviations.tangent < 1e-12, "\(function.name): tangent")
    #expect(deviations.second < 2e-8, "\(function.name): second order")
  }

  @Test("A wrong rule would be noticed: the square's derivative is not the identity's")
  func canFail() {
    let square = TapeFunction("square", [Shape(2, 2)]) { $0.tape.square($0[0]) }
    let cut = TapeFunction("cut square", [Shape(2, 2)]) {
      $0.tape.multiply($0.tape.stopGradient($0[0]), $0[0])
    }
    #expect(GradientCheck.deviations(of: square).reverse < 1e-8)
    #expect(GradientCheck.deviations(of: cut).reverse > 1e-2)
  }
}
