extension Tape {
  /// The inverse of a square matrix and log |det|, [D, D] → [D, D] and [1, 1].
  ///
  /// By Gauss-Jordan elimination with partial pivoting. A singular matrix gives log |det| = −∞ and an
  /// inverse of no meaning.
  /// - Complexity: O(D³).
  package func inverse(_ matrix: Value) -> (inverse: Value, logAbsDeterminant: Value) {
    let shape = shape(of: matrix)
    precondition(shape.rows == shape.columns, "expected a square matrix, got \(shape)")
    let isDifferentiable = isDifferentiable(matrix)
    let y = makeSlot(.computed, shape, isDifferentiable: isDifferentiable)
    let logDet = makeSlot(.computed, Shape(1, 1), isDifferentiable: isDifferentiable)
    append(Record(operation: .inverse, a: matrix.index, y: y, y2: logDet))
    return (Value(y), Value(logDet))
  }
}

extension Machine {
  /// a: W [D, D] → y: W⁻¹, y2: log |det W|.
  func inverse(_ record: Record, size: Int) {
    let (w, y, logDet) = (pointer(record.a), pointer(record.y), pointer(record.y2))
    withUnsafeTemporaryAllocation(of: Scalar.self, capacity: size * size) { memory in
      guard let left = memory.baseAddress else { return }
      left.initialize(from: w, count: size * size)
      for row in 0..<size {
        (y + row * size).update(repeating: 0, count: size)
        y[row * size + row] = 1
      }
      var determinant = LogDeterminant<Scalar>()
      for column in 0..<size {
        var pivot = column
        for row in column..<size
        where left[row * size + column].magnitude > left[pivot * size + column].magnitude {
          pivot = row
        }
        if pivot != column {
          for j in 0..<size {
            swap(&left[pivot * size + j], &left[column * size + j])
            swap(&y[pivot * size + j], &y[column * size + j])
          }
        }
        let diagonal = left[column * size + column]
        determinant.multiply(by: diagonal)
        kernels.scale(size, left + column * size, 1 / diagonal, left + column * size)
        kernels.scale(size, y + column * size, 1 / diagonal, y + column * size)
        for row in 0..<size where row != column {
          let factor = -left[row * size + column]
          kernels.addScaled(size, left + column * size, factor, left + row * size)
          kernels.addScaled(size, y + column * size, factor, y + row * size)
        }
      }
      logDet[0] = determinant.magnitude
      kernels.log(1, logDet, logDet)
      logDet[0] += determinant.exponent * Scalar(0.6931471805599453)
    }
  }
}

/// |Π pivots| as magnitude · 2^exponent, so that no product leaves the range of the type.
private struct LogDeterminant<Scalar: TensorScalar> {
  private(set) var magnitude: Scalar = 1
  private(set) var exponent: Scalar = 0

  mutating func multiply(by pivot: Scalar) {
    let factor = pivot.magnitude
    guard factor > 0, factor.isFinite else {
      magnitude *= factor
      return
    }
    magnitude *= factor.significand
    exponent += Scalar(factor.exponent)
    if magnitude >= 2 {
      magnitude /= 2
      exponent += 1
    }
  }
}

extension ReverseSweep {
  /// W̄ = −Yᵀ · Ȳ · Yᵀ + ℓ̄ · Yᵀ with Y = W⁻¹.
  func emitInverse(_ record: Record) {
    let y = Value(record.y)
    if let d = arrived(at: record.y) {
      let right = tape.matmul(d, y, transposeB: true)
      add(tape.negate(tape.matmul(y, right, transposeA: true)), to: record.a)
    }
    if let d = arrived(at: record.y2) {
      let size = tape.shape(of: y).rows
      let spread = tape.broadcastColumns(tape.broadcastRows(d, to: size), to: size)
      add(tape.multiply(tape.transpose(y), spread), to: record.a)
    }
  }
}

extension TangentSweep {
  /// dY = −Y · dW · Y, dℓ = tr(Y · dW).
  func emitInverse(_ record: Record) {
    guard let d = tangent(of: Value(record.a)) else { return }
    let y = Value(record.y)
    set(record.y, tape.negate(tape.matmul(tape.matmul(y, d), y)))
    set(record.y2, tape.sum(tape.multiply(tape.transpose(y), d)))
  }
}
