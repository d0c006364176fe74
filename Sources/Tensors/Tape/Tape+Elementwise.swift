extension Tape {
  // MARK: - Elementwise, [R, C] → [R, C]

  package func exp(_ x: Value) -> Value { unary(.exp, x) }
  package func log(_ x: Value) -> Value { unary(.log, x) }
  package func tanh(_ x: Value) -> Value { unary(.tanh, x) }
  /// 1 / (1 + exp(−x)).
  package func sigmoid(_ x: Value) -> Value { unary(.sigmoid, x) }
  /// log(1 + exp(x)).
  package func softplus(_ x: Value) -> Value { unary(.softplus, x) }
  package func relu(_ x: Value) -> Value { unary(.relu, x) }
  package func squareRoot(_ x: Value) -> Value { unary(.squareRoot, x) }
  package func reciprocal(_ x: Value) -> Value { unary(.reciprocal, x) }
  package func sin(_ x: Value) -> Value { unary(.sin, x) }
  package func cos(_ x: Value) -> Value { unary(.cos, x) }
  /// 1 where x > 0, else 0; derivative zero.
  package func isPositive(_ x: Value) -> Value { unary(.isPositive, x, isDifferentiable: false) }
  package func square(_ x: Value) -> Value { multiply(x, x) }
  package func negate(_ x: Value) -> Value { scale(x, by: -1) }
  /// constant · x.
  package func scale(_ x: Value, by constant: Double) -> Value {
    unary(.scale, x, scalar: constant)
  }
  /// x + constant.
  package func add(_ x: Value, constant: Double) -> Value {
    unary(.addConstant, x, scalar: constant)
  }
  /// x, cut off from differentiation.
  package func stopGradient(_ x: Value) -> Value {
    unary(.stopGradient, x, isDifferentiable: false)
  }

  package func add(_ a: Value, _ b: Value) -> Value { binary(.add, a, b) }
  package func subtract(_ a: Value, _ b: Value) -> Value { binary(.subtract, a, b) }
  package func multiply(_ a: Value, _ b: Value) -> Value { binary(.multiply, a, b) }
  package func divide(_ a: Value, _ b: Value) -> Value { binary(.divide, a, b) }

  /// φ(x).
  package func activate(_ x: Value, _ activation: Activation) -> Value {
    switch activation {
    case .identity: x
    case .relu: relu(x)
    case .tanh: tanh(x)
    case .sigmoid: sigmoid(x)
    }
  }

  // MARK: - Composed of the above

  /// x where x > 0, `slope` · x elsewhere.
  package func leakyRelu(_ x: Value, slope: Double = 0.01) -> Value {
    add(scale(relu(x), by: 1 - slope), scale(x, by: slope))
  }
  /// x where x > 0, exp(x) − 1 elsewhere (Clevert et al., 2016).
  package func elu(_ x: Value) -> Value {
    // exp sees no positive number, so it cannot overflow.
    add(add(relu(x), exp(negate(relu(negate(x))))), constant: -1)
  }
  /// x · Φ(x) in the form x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))) (Hendrycks & Gimpel, 2016).
  package func gelu(_ x: Value) -> Value {
    let slope = (2 / Double.pi).squareRoot()
    let inner = multiply(x, add(scale(square(x), by: 0.044715 * slope), constant: slope))
    return multiply(scale(x, by: 0.5), add(tanh(inner), constant: 1))
  }

  // MARK: - Helpers

  func isDifferentiable(_ value: Value) -> Bool { slots[Int(value.index)].isDifferentiable }

  func unary(
    _ operation: Operation, _ x: Value, scalar: Double = 0, isDifferentiable: Bool? = nil
  ) -> Value {
    emit(operation, x, shape: shape(of: x), scalar: scalar, isDifferentiable: isDifferentiable)
  }

  func binary(_ operation: Operation, _ a: Value, _ b: Value) -> Value {
    precondition(
      shape(of: a) == shape(of: b),
      "\(operation): expected equal shapes, got \(shape(of: a)) and \(shape(of: b))")
    return emit(operation, a, b, shape: shape(of: a))
  }

  /// Appends a record with one output.
  func emit(
    _ operation: Operation, _ a: Value, _ b: Value? = nil, _ c: Value? = nil, _ d: Value? = nil,
    shape: Shape,
    first: Int = 0, scalar: Double = 0, isDifferentiable: Bool? = nil,
    isOncePerShard: Bool = false
  ) -> Value {
    let differentiable =
      isDifferentiable
      ?? [a, b, c].contains { $0.map { self.isDifferentiable($0) } ?? false }
    let output = makeSlot(.computed, shape, isDifferentiable: differentiable)
    append(
      Record(
        operation: operation, a: a.index, b: b?.index ?? -1, c: c?.index ?? -1, d: d?.index ?? -1,
        y: output,
        first: first, scalar: scalar), isOncePerShard: isOncePerShard)
    return Value(output)
  }
}
