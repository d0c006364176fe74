extension ReverseSweep {
  /// Records the vector-Jacobian product of one record, in terms of operations.
  func emitRule(of record: Record) {
    switch record.operation {
    case .host, .stopGradient, .isPositive: break
    case .couplingApply, .couplingInvert: emitCoupling(record)
    case .inverse: emitInverse(record)
    case .replaceDerivative: emitReplacedDerivative(record)
    case .linear: emitLinear(record)
    case .splineApply, .splineInvert: emitSpline(record)
    case .staircaseLinear, .staircaseInputGradient, .staircaseWeightGradient, .staircaseMask:
      emitStaircase(record)
    case .activationBackward, .couplingApplyBackward, .couplingInvertBackward,
      .splineApplyBackward, .splineInvertBackward, .staircaseTranspose, .addToColumns:
      preconditionFailure("\(record.operation) belongs to a last sweep and has no rule")
    case .columnSums, .rowSums, .rowSquaredSums, .rowLogSumExp, .broadcastRows, .broadcastColumns,
      .columns, .padColumns, .concatenateColumns, .permuteColumns, .reshape:
      emitShape(record)
    case .addRowVector, .multiplyRowVector, .addColumnVector, .multiplyColumnVector:
      emitBroadcast(record)
    case .matmul, .transpose, .triangularSolve: emitAlgebra(record)
    case .batchedMatmul, .batchedSolve, .groupedMatmul, .gatherRows, .scatterRows:
      emitBlocks(record)
    default: emitElementwise(record)
    }
  }

  private func emitElementwise(_ record: Record) {
    guard let d = arrived(at: record.y) else { return }
    let (x, y) = (Value(record.a), Value(record.y))
    let b = Value(record.b)
    switch record.operation {
    case .exp: add(tape.multiply(d, y), to: record.a)
    case .log: add(tape.divide(d, x), to: record.a)
    case .tanh: add(tape.multiply(d, tape.oneMinusSquare(y)), to: record.a)
    case .sigmoid: add(tape.multiply(d, tape.subtract(y, tape.square(y))), to: record.a)
    case .softplus: add(tape.multiply(d, tape.sigmoid(x)), to: record.a)
    case .relu: add(tape.multiply(d, tape.isPositive(y)), to: record.a)
    case .squareRoot: add(tape.scale(tape.divide(d, y), by: 0.5), to: record.a)
    case .reciprocal: add(tape.negate(tape.multiply(d, tape.square(y))), to: record.a)
    case .sin: add(tape.multiply(d, tape.cos(x)), to: record.a)
    case .cos: add(tape.negate(tape.multiply(d, tape.sin(x))), to: record.a)
    case .scale: add(tape.scale(d, by: record.scalar), to: record.a)
    case .addConstant: add(d, to: record.a)
    case .add:
      add(d, to: record.a)
      add(d, to: record.b)
    case .subtract:
      add(d, to: record.a)
      add(tape.negate(d), to: record.b)
    case .multiply:
      add(tape.multiply(d, b), to: record.a)
      add(tape.multiply(d, x), to: record.b)
    case .divide:
      let quotient = tape.divide(d, b)
      add(quotient, to: record.a)
      add(tape.negate(tape.multiply(quotient, y)), to: record.b)
    default: preconditionFailure("\(record.operation) is not elementwise")
    }
  }

  private func emitBroadcast(_ record: Record) {
    guard let d = arrived(at: record.y) else { return }
    let (x, v) = (Value(record.a), Value(record.b))
    switch record.operation {
    case .addRowVector:
      add(d, to: record.a)
      add(tape.columnSums(d), to: record.b)
    case .multiplyRowVector:
      add(tape.multiply(d, rowVector: v), to: record.a)
      add(tape.columnSums(tape.multiply(d, x)), to: record.b)
    case .addColumnVector:
      add(d, to: record.a)
      add(tape.rowSums(d), to: record.b)
    default:
      add(tape.multiply(d, columnVector: v), to: record.a)
      add(tape.rowSums(tape.multiply(d, x)), to: record.b)
    }
  }

  private func emitShape(_ record: Record) {
    guard let d = arrived(at: record.y) else { return }
    let x = Value(record.a)
    let shape = tape.shape(of: x)
    switch record.operation {
    case .columnSums: add(tape.broadcastRows(d, to: shape.rows), to: record.a)
    case .rowSums: add(tape.broadcastColumns(d, to: shape.columns), to: record.a)
    case .rowSquaredSums:
      add(tape.multiply(x, columnVector: tape.scale(d, by: 2)), to: record.a)
    case .rowLogSumExp:
      // d · softmax(x); −∞ entries give exactly zero.
      let share = tape.exp(tape.add(x, columnVector: tape.negate(Value(record.y))))
      add(tape.multiply(share, columnVector: d), to: record.a)
    case .broadcastRows: add(tape.columnSums(d), to: record.a)
    case .broadcastColumns: add(tape.rowSums(d), to: record.a)
    case .columns where isLast && arrived(at: record.a) != nil:
      replace(record.a) { tape.emit(.addToColumns, $0, d, shape: shape, first: record.first) }
    case .columns:
      add(tape.padColumns(d, first: record.first, columns: shape.columns), to: record.a)
    case .padColumns:
      add(tape.columns(d, record.first..<record.first + shape.columns), to: record.a)
    case .concatenateColumns:
      let width = tape.shape(of: d).columns
      add(tape.columns(d, 0..<shape.columns), to: record.a)
      add(tape.columns(d, shape.columns..<width), to: record.b)
    case .permuteColumns:
      add(tape.permuteColumns(d, tape.inversePermutation(of: record)), to: record.a)
    default: add(tape.reshape(d, shape.rows, shape.columns), to: record.a)
    }
  }

  private func emitAlgebra(_ record: Record) {
    guard let d = arrived(at: record.y) else { return }
    let (a, b) = (Value(record.a), Value(record.b))
    switch record.operation {
    case .transpose: add(tape.transpose(d, groups: record.first), to: record.a)
    case .matmul:
      let (ta, tb) = (record.first & 1 != 0, record.first & 2 != 0)
      add(
        ta
          ? tape.matmul(b, d, transposeA: tb, transposeB: true)
          : tape.matmul(d, b, transposeB: !tb), to: record.a)
      add(
        tb
          ? tape.matmul(d, a, transposeA: true, transposeB: ta)
          : tape.matmul(a, d, transposeA: !ta), to: record.b)
    default:
      // X · op(T) = B: dB · op(T)ᵀ = dX, d op(T) = −Xᵀ · dB, on the triangle that is read.
      let transposed = record.first & 1 != 0
      let upper = record.first & 2 != 0
      let unit = record.first & 4 != 0
      let db = tape.triangularSolve(
        d, b, upper: upper, transposed: !transposed, unitDiagonal: unit)
      add(db, to: record.a)
      guard isWanted(record.b) else { return }
      let x = Value(record.y)
      let dt =
        transposed
        ? tape.matmul(db, x, transposeA: true) : tape.matmul(x, db, transposeA: true)
      let mask = tape.triangleMask(
        tape.shape(of: b).rows, upper: upper, includesDiagonal: !unit)
      add(tape.negate(tape.multiply(dt, mask)), to: record.b)
    }
  }

  private func emitLinear(_ record: Record) {
    guard let d = arrived(at: record.y) else { return }
    let (x, w, y) = (again(record.a), Value(record.b), again(record.y))
    let e = emitActivation(
      Activation.allCases[record.first], output: y, bias: record.c, gradient: d)
    add(tape.matmul(x, e, transposeA: true), to: record.b)
    add(tape.productWithTransposed(e, w), to: record.a)
  }

  /// d · φ′(y), whose column sums become the gradient of the bias; one pass in a last sweep.
  func emitActivation(
    _ activation: Activation, output y: Value, bias: Int32, gradient d: Value
  ) -> Value {
    if isLast, activation != .identity, isWanted(bias) {
      let shape = tape.shape(of: y)
      let dx = tape.makeSlot(.computed, shape, isDifferentiable: false)
      let sums = tape.makeSlot(.computed, Shape(1, shape.columns), isDifferentiable: false)
      tape.append(
        Record(
          operation: .activationBackward, a: y.index, b: d.index, y: dx, y2: sums,
          first: Activation.allCases.firstIndex(of: activation)!))
      add(Value(sums), to: bias)
      return Value(dx)
    }
    let e =
      switch activation {
      case .identity: d
      case .relu: tape.multiply(d, tape.isPositive(y))
      case .tanh: tape.multiply(d, tape.oneMinusSquare(y))
      case .sigmoid: tape.multiply(d, tape.subtract(y, tape.square(y)))
      }
    add(tape.columnSums(e), to: bias)
    return e
  }

  /// With e = exp(±s): apply y = x·e + t, ℓ = Σs; invert y = (x − t)·e, ℓ = −Σs; s = bound·tanh(raw/bound).
  private func emitCoupling(_ record: Record) {
    let (x, raw, s, e) = (Value(record.a), Value(record.b), Value(record.y2), Value(record.y3))
    let rows = tape.shape(of: x).rows
    let columns = tape.shape(of: x).columns
    let c = tape.shape(of: s).columns
    let range = record.first..<record.first + c
    let inverted = record.operation == .couplingInvert
    let dy = arrived(at: record.y) ?? tape.constant(rows, columns, repeating: 0)
    let dl = arrived(at: record.y4) ?? tape.constant(rows, 1, repeating: 0)

    if isLast, arrived(at: record.y2) == nil, arrived(at: record.y3) == nil, isWanted(record.b) {
      let dx = tape.makeSlot(.computed, tape.shape(of: x), isDifferentiable: false)
      let draw = tape.makeSlot(.computed, tape.shape(of: raw), isDifferentiable: false)
      tape.append(
        Record(
          operation: inverted ? .couplingInvertBackward : .couplingApplyBackward,
          a: inverted ? record.y : record.a, b: record.y2, c: record.y3, d: dy.index, e: dl.index,
          y: dx, y2: draw, first: record.first, scalar: record.scalar))
      add(Value(dx), to: record.a)
      add(Value(draw), to: record.b)
      return
    }

    let dyb = tape.columns(dy, range)
    let dxb = tape.multiply(dyb, e)
    if isWanted(record.a) {
      var dx = tape.padColumns(dxb, first: range.lowerBound, columns: columns)
      if range.lowerBound > 0 {
        let left = tape.columns(dy, 0..<range.lowerBound)
        dx = tape.add(dx, tape.padColumns(left, first: 0, columns: columns))
      }
      if range.upperBound < columns {
        let right = tape.columns(dy, range.upperBound..<columns)
        dx = tape.add(dx, tape.padColumns(right, first: range.upperBound, columns: columns))
      }
      add(dx, to: record.a)
    }
    guard isWanted(record.b) else { return }
    let xb = tape.columns(x, range)
    let factor = inverted ? tape.subtract(xb, tape.columns(raw, c..<2 * c)) : xb
    var de = tape.multiply(dyb, factor)
    if let arrived = arrived(at: record.y3) { de = tape.add(de, arrived) }
    var ds = tape.add(tape.multiply(de, e), columnVector: dl)
    if inverted { ds = tape.negate(ds) }
    if let arrived = arrived(at: record.y2) { ds = tape.add(ds, arrived) }
    let slope = tape.oneMinusSquare(tape.scale(s, by: 1 / record.scalar))
    let dRawScale = tape.multiply(ds, slope)
    let dShift = inverted ? tape.negate(dxb) : dyb
    add(tape.concatenateColumns(dRawScale, dShift), to: record.b)
  }
}

extension Tape {
  /// 1 − x².
  func oneMinusSquare(_ x: Value) -> Value { add(negate(square(x)), constant: 1) }

  /// 1 on a triangle, 0 elsewhere.
  func triangleMask(_ size: Int, upper: Bool, includesDiagonal: Bool) -> Value {
    var mask = [Scalar](repeating: 0, count: size * size)
    for row in 0..<size {
      for column in 0..<size
      where (upper ? column > row : column < row) || (includesDiagonal && column == row) {
        mask[row * size + column] = 1
      }
    }
    return constant(size, size, mask)
  }

  /// The permutation that undoes the one of a record.
  func inversePermutation(of record: Record) -> [Int] {
    let count = slots[Int(record.y)].columns
    var inverse = [Int](repeating: 0, count: count)
    for j in 0..<count { inverse[Int(integers[record.first + j])] = j }
    return inverse
  }

  /// The permutation of a record.
  func permutation(of record: Record) -> [Int] {
    let count = slots[Int(record.y)].columns
    return (0..<count).map { Int(integers[record.first + $0]) }
  }
}
