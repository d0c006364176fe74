import Tensors

extension Tape {
  /// x where x > 0, slope · x elsewhere (leaky ReLU; Maas, Hannun & Ng, 2013).
  package func leakyRelu(_ x: Value, slope: Double = 0.01) -> Value {
    add(scale(x, by: slope), scale(relu(x), by: 1 - slope))
  }

  /// x where x > 0, exp(x) − 1 elsewhere (ELU; Clevert, Unterthiner & Hochreiter, 2016).
  ///
  /// max(x, 0) + exp(min(x, 0)) − 1: the exponential never overflows.
  package func elu(_ x: Value) -> Value {
    let below = negate(relu(negate(x)))
    return add(relu(x), add(exp(below), constant: -1))
  }
}
