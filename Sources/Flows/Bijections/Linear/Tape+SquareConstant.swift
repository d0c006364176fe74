import Tensors

extension Tape {
  /// A constant [D, D] of ones and zeros.
  func squareConstant(_ size: Int, _ isOne: (Int, Int) -> Bool) -> Value {
    constant(size, size, (0..<size * size).map { isOne($0 / size, $0 % size) ? 1 : 0 })
  }
}
