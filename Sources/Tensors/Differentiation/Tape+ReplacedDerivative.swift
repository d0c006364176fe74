/// What the gradient that arrives at a value contributes to values before it.
struct DerivativeRule<Scalar: TensorScalar> {
  let contributions: (Value, Tape<Scalar>) -> [(input: Value, gradient: Value)]
}

extension Tape {
  /// x, with a reverse rule of the caller in place of the sweep through what computed it.
  ///
  /// For derivatives that are known in another way than operation by operation: the adjoint of a
  /// differential equation, an implicit function. Tangents pass through x as it was computed.
  ///
  /// - Parameter rule: takes the gradient that arrives and returns contributions to values recorded
  ///   before, all of them upstream of x; records ordinary operations. Its result may be differentiated
  ///   again as far as these operations tell the truth about it.
  package func replacingDerivative(
    of x: Value,
    _ rule: @escaping (Value, Tape<Scalar>) -> [(input: Value, gradient: Value)]
  ) -> Value {
    derivativeRules.append(DerivativeRule(contributions: rule))
    return emit(
      .replaceDerivative, x, shape: shape(of: x), first: derivativeRules.count - 1)
  }
}

extension ReverseSweep {
  func emitReplacedDerivative(_ record: Record) {
    guard let d = arrived(at: record.y) else { return }
    for (input, gradient) in tape.derivativeRules[record.first].contributions(d, tape) {
      precondition(
        tape.shape(of: input) == tape.shape(of: gradient),
        "gradient \(tape.shape(of: gradient)) of a value \(tape.shape(of: input))")
      add(gradient, to: input.index)
    }
  }
}
