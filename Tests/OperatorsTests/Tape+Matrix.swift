import Tensors

extension Tape where Scalar == Double {
  /// A constant from rows of numbers.
  func matrix(_ rows: [[Double]]) -> Value {
    constant(rows.count, rows[0].count, rows.flatMap { $0 })
  }
}
