/// One forward sweep over a tape: tangents by slot.
final class TangentSweep<Scalar: TensorScalar> {
  let tape: Tape<Scalar>
  private let end: Int
  private var tangents: [Int32: Value] = [:]

  init(tape: Tape<Scalar>) {
    self.tape = tape
    end = tape.records.count
  }

  func seed(_ input: Value, with tangent: Value) {
    precondition(
      tape.shape(of: input) == tape.shape(of: tangent),
      "tangent \(tape.shape(of: tangent)) for an input \(tape.shape(of: input))")
    tangents[input.index] = tangent
  }

  func tangent(of value: Value) -> Value? { tangents[value.index] }

  func run() {
    for index in 0..<end {
      let record = tape.records[index]
      var moves = false
      record.forEachInput { if tangents[$0] != nil { moves = true } }
      guard moves else { continue }
      tape.currentScope = record.scope
      emitRule(of: record)
    }
    tape.currentScope = 0
  }

  /// The tangent of an input, zeros if it does not move.
  private func arrived(_ slot: Int32) -> Value? { tangents[slot] }

  /// The sum of the terms whose input moves.
  func set(_ slot: Int32, _ terms: Value?...) {
    var sum: Value?
    for case let term? in terms { sum = sum.map { tape.add($0, term) } ?? term }
    tangents[slot] = sum
  }

  /// Records the Jacobian-vector product of one record, in terms of operations.
  private func emitRule(of record: Record) {
    let t = tape
    let (a, b) = (arrived(record.a), arrived(record.b))
    let (x, v, y) = (Value(record.a), Value(record.b), Value(record.y))
    switch record.operation {
    case .host, .stopGradient, .isPositive: break
    case .exp: set(record.y, a.map { t.multiply($0, y) })
    case .log: set(record.y, a.map { t.divide($0, x) })
    case .tanh: set(record.y, a.map { t.multiply($0, t.oneMinusSquare(y)) })
    case .sigmoid: set(record.y, a.map { t.multiply($0, t.subtract(y, t.square(y))) })
    case .softplus: set(record.y, a.map { t.multiply($0, t.sigmoid(x)) })
    case .relu: set(record.y, a.map { t.multiply($0, t.isPositive(y)) })
    case .squareRoot: set(record.y, a.map { t.scale(t.divide($0, y), by: 0.5) })
    case .reciprocal: set(record.y, a.map { t.negate(t.multiply($0, t.square(y))) })
    case .sin: set(record.y, a.map { t.multiply($0, t.cos(x)) })
    case .cos: set(record.y, a.map { t.negate(t.multiply($0, t.sin(x))) })
    case .scale: set(record.y, a.map { t.scale($0, by: record.scalar) })
    case .addConstant, .replaceDerivative: set(record.y, a)
    case .add: set(record.y, a, b)
    case .subtract: set(record.y, a, b.map { t.negate($0) })
    case .multiply: set(record.y, a.map { t.multiply($0, v) }, b.map { t.multiply(x, $0) })
    case .divide:
      set(
        record.y, a.map { t.divide($0, v) },
        b.map { t.negate(t.divide(t.multiply(y, $0), v)) })
    case .addRowVector:
      set(record.y, a, b.map { t.broadcastRows($0, to: t.shape(of: x).rows) })
    case .multiplyRowVector:
      set(record.y, a.map { t.multiply($0, rowVector: v) }, b.map { t.multiply(x, rowVector: $0) })
    case .addColumnVector:
      set(record.y, a, b.map { t.broadcastColumns($0, to: t.shape(of: x).columns) })
    case .multiplyColumnVector:
      set(
        record.y, a.map { t.multiply($0, columnVector: v) },
        b.map { t.multiply(x, columnVector: $0) })
    case .columnSums: set(record.y, a.map { t.columnSums($0) })
    case .rowSums: set(record.y, a.map { t.rowSums($0) })
    case .rowSquaredSums:
      set(record.y, a.map { t.scale(t.rowSums(t.multiply($0, x)), by: 2) })
    case .rowLogSumExp:
      let share = t.exp(t.add(x, columnVector: t.negate(y)))
      set(record.y, a.map { t.rowSums(t.multiply($0, share)) })
    case .broadcastRows: set(record.y, a.map { t.broadcastRows($0, to: t.shape(of: y).rows) })
    case .broadcastColumns:
      set(record.y, a.map { t.broadcastColumns($0, to: t.shape(of: y).columns) })
    case .columns:
      let width = t.shape(of: y).columns
      set(record.y, a.map { t.columns($0, record.first..<record.first + width) })
    case .padColumns:
      set(
        record.y,
        a.map { t.padColumns($0, first: record.first, columns: t.shape(of: y).columns) })
    case .concatenateColumns:
      let width = t.shape(of: y).columns
      set(
        record.y, a.map { t.padColumns($0, first: 0, columns: width) },
        b.map { t.padColumns($0, first: t.shape(of: x).columns, columns: width) })
    case .permuteColumns:
      set(record.y, a.map { t.permuteColumns($0, t.permutation(of: record)) })
    case .reshape:
      set(record.y, a.map { t.reshape($0, t.shape(of: y).rows, t.shape(of: y).columns) })
    case .transpose: set(record.y, a.map { t.transpose($0, groups: record.first) })
    case .matmul:
      let (ta, tb) = (record.first & 1 != 0, record.first & 2 != 0)
      set(
        record.y, a.map { t.matmul($0, v, transposeA: ta, transposeB: tb) },
        b.map { t.matmul(x, $0, transposeA: ta, transposeB: tb) })
    case .triangularSolve: emitTriangularSolve(record)
    case .batchedMatmul, .batchedSolve, .groupedMatmul, .gatherRows, .scatterRows:
      emitBlocks(record)
    case .inverse: emitInverse(record)
    case .linear: emitLinear(record)
    case .splineApply, .splineInvert: emitSpline(record)
    case .staircaseLinear, .staircaseInputGradient, .staircaseWeightGradient, .staircaseMask,
      .staircaseTranspose:
      emitStaircase(record)
    case .couplingApply, .couplingInvert: emitCoupling(record)
    case .activationBackward, .couplingApplyBackward, .couplingInvertBackward,
      .splineApplyBackward, .splineInvertBackward, .addToColumns:
      preconditionFailure("\(record.operation) belongs to a last sweep and has no rule")
    }
  }

  /// dX = (dB − X · d op(T)) · op(T)⁻¹.
  private func emitTriangularSolve(_ record: Record) {
    let (transposed, upper) = (record.first & 1 != 0, record.first & 2 != 0)
    let unit = record.first & 4 != 0
    let moved = arrived(record.b).map { tangent in
      let mask = tape.triangleMask(
        tape.shape(of: tangent).rows, upper: upper, includesDiagonal: !unit)
      return tape.negate(
        tape.matmul(Value(record.y), tape.multiply(tangent, mask), transposeB: transposed))
    }
    let db = arrived(record.a)
    guard let right = db.map({ d in moved.map { tape.add(d, $0) } ?? d }) ?? moved else { return }
    set(
      record.y,
      tape.triangularSolve(
        right, Value(record.b), upper: upper, transposed: transposed, unitDiagonal: unit))
  }

  private func emitLinear(_ record: Record) {
    let (x, w, y) = (Value(record.a), Value(record.b), Value(record.y))
    set(
      record.y, arrived(record.a).map { tape.matmul($0, w) },
      arrived(record.b).map { tape.matmul(x, $0) },
      arrived(record.c).map { tape.broadcastRows($0, to: tape.shape(of: y).rows) })
    applySlope(of: Activation.allCases[record.first], to: record.y)
  }

  /// Multiplies the tangent of φ's argument, as set for its output y, by φ′(y).
  func applySlope(of activation: Activation, to slot: Int32) {
    guard let d = tangents[slot] else { return }
    let y = Value(slot)
    switch activation {
    case .identity: break
    case .relu: set(slot, tape.multiply(d, tape.isPositive(y)))
    case .tanh: set(slot, tape.multiply(d, tape.oneMinusSquare(y)))
    case .sigmoid: set(slot, tape.multiply(d, tape.subtract(y, tape.square(y))))
    }
  }

  private func emitCoupling(_ record: Record) {
    let (x, raw, s, e) = (Value(record.a), Value(record.b), Value(record.y2), Value(record.y3))
    let columns = tape.shape(of: x).columns
    let c = tape.shape(of: s).columns
    let range = record.first..<record.first + c
    let inverted = record.operation == .couplingInvert
    let xb = tape.columns(x, range)
    var dyb: Value?
    var kept: Value?
    if let dx = arrived(record.a) {
      dyb = tape.multiply(tape.columns(dx, range), e)
      let outside = (0..<columns).map { range.contains($0) ? Scalar(0) : 1 }
      kept = tape.multiply(dx, rowVector: tape.constant(1, columns, outside))
    }
    if let draw = arrived(record.b) {
      let slope = tape.oneMinusSquare(tape.scale(s, by: 1 / record.scalar))
      let ds = tape.multiply(tape.columns(draw, 0..<c), slope)
      let dt = tape.columns(draw, c..<2 * c)
      let de = tape.multiply(inverted ? tape.negate(ds) : ds, e)
      let factor = inverted ? tape.subtract(xb, tape.columns(raw, c..<2 * c)) : xb
      let shift = inverted ? tape.negate(tape.multiply(dt, e)) : dt
      let change = tape.add(tape.multiply(factor, de), shift)
      dyb = dyb.map { tape.add($0, change) } ?? change
      set(record.y2, ds)
      set(record.y3, de)
      let sum = tape.rowSums(ds)
      set(record.y4, inverted ? tape.negate(sum) : sum)
    }
    let padded = dyb.map { tape.padColumns($0, first: range.lowerBound, columns: columns) }
    set(record.y, padded, kept)
  }
}
