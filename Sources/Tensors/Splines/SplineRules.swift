extension ReverseSweep {
  /// Records the vector-Jacobian product of a spline.
  func emitSpline(_ record: Record) {
    let (x, raw) = (Value(record.a), Value(record.b))
    let shape = tape.shape(of: x)
    let dy =
      arrived(at: record.y) ?? tape.constant(shape.rows, shape.columns, repeating: 0)
    let dl = arrived(at: record.y2) ?? tape.constant(shape.rows, 1, repeating: 0)
    guard isLast, isWanted(record.b) else {
      let gradients = tape.expandedSplineGradients(record, dy, dl)
      add(gradients[0], to: record.a)
      add(gradients[1], to: record.b)
      return
    }
    let inverted = record.operation == .splineInvert
    let dx = tape.makeSlot(.computed, shape, isDifferentiable: false)
    let draw = tape.makeSlot(.computed, tape.shape(of: raw), isDifferentiable: false)
    tape.append(
      Record(
        operation: inverted ? .splineInvertBackward : .splineApplyBackward,
        a: inverted ? record.y : record.a, b: record.b, c: dy.index, d: dl.index, y: dx, y2: draw,
        first: record.first, scalar: record.scalar))
    add(Value(dx), to: record.a)
    add(Value(draw), to: record.b)
  }
}

extension TangentSweep {
  /// Records the Jacobian-vector product of a spline.
  func emitSpline(_ record: Record) {
    let (x, raw) = (Value(record.a), Value(record.b))
    func moved(_ value: Value) -> Value {
      let shape = tape.shape(of: value)
      return tangent(of: value) ?? tape.constant(shape.rows, shape.columns, repeating: 0)
    }
    let tangents = tape.expandedSplineTangents(record, moved(x), moved(raw))
    set(record.y, tangents[0])
    set(record.y2, tangents[1])
  }
}
