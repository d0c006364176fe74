import Tensors

/// The equally spaced grid of a periodic interval.
package enum Grid {
  /// x = n/N of each row, [N·B, 1], for position-major rows.
  package static func coordinates<Scalar>(positions: Int, rows: Int, on tape: Tape<Scalar>) -> Value
  {
    let batch = batch(rows: rows, positions: positions)
    return tape.constant(
      rows, 1, (0..<rows).map { Scalar($0 / batch) / Scalar(positions) })
  }

  /// B of a value with position-major rows.
  package static func batch(rows: Int, positions: Int) -> Int {
    precondition(
      positions > 0 && rows % positions == 0 && rows > 0,
      "\(rows) rows are no batch of functions on \(positions) positions")
    return rows / positions
  }
}

/// The nonlinearity of a pointwise layer.
package enum PointwiseActivation: String, Sendable, CaseIterable, Codable {
  case relu, gelu, elu, tanh

  /// σ(x).
  package func callAsFunction<Scalar>(_ x: Value, on tape: Tape<Scalar>) -> Value {
    switch self {
    case .relu: tape.relu(x)
    case .gelu: tape.gelu(x)
    case .elu: tape.elu(x)
    case .tanh: tape.tanh(x)
    }
  }
}
