// x · W, d · Wᵀ and pack(xᵀ · d) are the three gradients of one trilinear form ⟨x · W, d⟩, so each rule
// is made of the other two, and derivatives of any order stay within the three.

extension ReverseSweep {
  /// Records the vector-Jacobian product of an operation with a staircase weight.
  func emitStaircase(_ record: Record) {
    guard let d = arrived(at: record.y) else { return }
    let (a, b) = (Value(record.a), Value(record.b))
    switch record.operation {
    case .staircaseLinear:
      let e = emitActivation(of: record, d)
      add(tape.staircaseWeightGradient(a, e, record.first), to: record.b)
      add(
        tape.staircaseInputGradient(e, weight: b, record.first, copiesWeight: isLast),
        to: record.a)
    case .staircaseInputGradient:
      add(tape.staircaseProduct(d, weight: b, record.first), to: record.a)
      add(tape.staircaseWeightGradient(d, a, record.first), to: record.b)
    case .staircaseWeightGradient:
      let weight = tape.masked(d, record.first, isExact: false)
      add(tape.staircaseInputGradient(b, weight: weight, record.first), to: record.a)
      add(tape.staircaseProduct(a, weight: weight, record.first), to: record.b)
    case .staircaseMask: add(tape.masked(d, record.first, isExact: false), to: record.a)
    default: preconditionFailure("\(record.operation) is never differentiated")
    }
  }

  /// d · φ′(y); the gradient of the bias is its column sums.
  private func emitActivation(of record: Record, _ d: Value) -> Value {
    let y = Value(record.y)
    let code = tape.staircase(at: record.first).activation
    if record.c < 0 { return d }
    return emitActivation(Activation.allCases[code], output: y, bias: record.c, gradient: d)
  }
}

extension TangentSweep {
  /// Records the Jacobian-vector product of an operation with a staircase weight.
  func emitStaircase(_ record: Record) {
    let (a, b) = (Value(record.a), Value(record.b))
    let (da, db) = (tangent(of: a), record.b >= 0 ? tangent(of: b) : nil)
    let start = record.first
    switch record.operation {
    case .staircaseLinear:
      let rows = tape.shape(of: Value(record.y)).rows
      let code = tape.staircase(at: start).activation
      let dc = record.c >= 0 ? tangent(of: Value(record.c)) : nil
      set(
        record.y, da.map { tape.staircaseProduct($0, weight: b, start) },
        db.map { tape.staircaseProduct(a, weight: $0, start) },
        dc.map { tape.broadcastRows($0, to: rows) })
      applySlope(of: Activation.allCases[code], to: record.y)
    case .staircaseInputGradient:
      set(
        record.y, da.map { tape.staircaseInputGradient($0, weight: b, start) },
        db.map {
          tape.staircaseInputGradient(a, weight: tape.masked($0, start, isExact: false), start)
        })
    case .staircaseWeightGradient:
      set(
        record.y, da.map { tape.staircaseWeightGradient($0, b, start) },
        db.map { tape.staircaseWeightGradient(a, $0, start) })
    case .staircaseMask:
      set(record.y, da.map { tape.masked($0, start, isExact: false) })
    default: break
    }
  }
}
