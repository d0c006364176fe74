extension Tape {
  // MARK: - Rows and columns

  /// y[r, c] = x[r, c] + v[c], v is [1, C].
  package func add(_ x: Value, rowVector v: Value) -> Value {
    emit(.addRowVector, x, checkedRow(v, of: x), shape: shape(of: x))
  }
  /// y[r, c] = x[r, c] · v[c], v is [1, C].
  package func multiply(_ x: Value, rowVector v: Value) -> Value {
    emit(.multiplyRowVector, x, checkedRow(v, of: x), shape: shape(of: x))
  }
  /// y[r, c] = x[r, c] + v[r], v is [R, 1].
  package func add(_ x: Value, columnVector v: Value) -> Value {
    emit(.addColumnVector, x, checkedColumn(v, of: x), shape: shape(of: x))
  }
  /// y[r, c] = x[r, c] · v[r], v is [R, 1].
  package func multiply(_ x: Value, columnVector v: Value) -> Value {
    emit(.multiplyColumnVector, x, checkedColumn(v, of: x), shape: shape(of: x))
  }
  /// Σ over rows, [R, C] → [1, C].
  package func columnSums(_ x: Value) -> Value {
    emit(.columnSums, x, shape: Shape(1, shape(of: x).columns))
  }
  /// Σ over columns, [R, C] → [R, 1].
  package func rowSums(_ x: Value) -> Value {
    emit(.rowSums, x, shape: Shape(shape(of: x).rows, 1))
  }
  /// Σ over columns of x², [R, C] → [R, 1].
  package func rowSquaredSums(_ x: Value) -> Value {
    emit(.rowSquaredSums, x, shape: Shape(shape(of: x).rows, 1))
  }
  /// log Σ over columns of exp(x), [R, C] → [R, 1]; −∞ entries weigh nothing.
  package func rowLogSumExp(_ x: Value) -> Value {
    emit(.rowLogSumExp, x, shape: Shape(shape(of: x).rows, 1))
  }
  /// Σ of all elements, [1, 1].
  package func sum(_ x: Value) -> Value { rowSums(columnSums(x)) }
  /// [1, C] → [R, C].
  package func broadcastRows(_ x: Value, to rows: Int) -> Value {
    precondition(shape(of: x).rows == 1, "expected one row, got \(shape(of: x))")
    return emit(.broadcastRows, x, shape: Shape(rows, shape(of: x).columns))
  }
  /// [R, 1] → [R, C].
  package func broadcastColumns(_ x: Value, to columns: Int) -> Value {
    precondition(shape(of: x).columns == 1, "expected one column, got \(shape(of: x))")
    return emit(.broadcastColumns, x, shape: Shape(shape(of: x).rows, columns))
  }
  /// The columns of a range, [R, C] → [R, range.count].
  package func columns(_ x: Value, _ range: Range<Int>) -> Value {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= shape(of: x).columns && !range.isEmpty,
      "columns \(range) of \(shape(of: x))")
    if range == 0..<shape(of: x).columns { return x }
    return emit(
      .columns, x, shape: Shape(shape(of: x).rows, range.count), first: range.lowerBound)
  }
  /// x as columns `first...` of a matrix of zeros, [R, c] → [R, C].
  package func padColumns(_ x: Value, first: Int, columns: Int) -> Value {
    precondition(first >= 0 && first + shape(of: x).columns <= columns, "padding beyond the width")
    return emit(.padColumns, x, shape: Shape(shape(of: x).rows, columns), first: first)
  }
  /// [a b], [R, A] and [R, B] → [R, A + B].
  package func concatenateColumns(_ a: Value, _ b: Value) -> Value {
    precondition(
      shape(of: a).rows == shape(of: b).rows,
      "expected equal rows, got \(shape(of: a)) and \(shape(of: b))")
    return emit(
      .concatenateColumns, a, b,
      shape: Shape(shape(of: a).rows, shape(of: a).columns + shape(of: b).columns))
  }
  /// y[r, j] = x[r, index[j]], [R, C] → [R, index.count].
  ///
  /// - Precondition: `index` is a permutation of 0 ..< C.
  package func permuteColumns(_ x: Value, _ index: [Int]) -> Value {
    precondition(
      index.sorted() == Array(0..<shape(of: x).columns),
      "expected a permutation of \(shape(of: x).columns) columns, got \(index)")
    let start = integers.count
    integers.append(contentsOf: index.map(Int32.init))
    return emit(.permuteColumns, x, shape: shape(of: x), first: start)
  }
  /// The same elements in row-major order in another shape.
  package func reshape(_ x: Value, _ rows: Int, _ columns: Int) -> Value {
    precondition(
      rows * columns == shape(of: x).count, "\(shape(of: x)) does not have \(rows) × \(columns)")
    return emit(.reshape, x, shape: Shape(rows, columns))
  }

  // MARK: - Linear algebra

  /// op(a) · op(b).
  package func matmul(
    _ a: Value, _ b: Value, transposeA: Bool = false, transposeB: Bool = false
  ) -> Value {
    let (sa, sb) = (shape(of: a), shape(of: b))
    let (rows, inner) = transposeA ? (sa.columns, sa.rows) : (sa.rows, sa.columns)
    let (inner2, columns) = transposeB ? (sb.columns, sb.rows) : (sb.rows, sb.columns)
    precondition(inner == inner2, "matmul: inner extents differ: \(sa) and \(sb)")
    return emit(
      .matmul, a, b, shape: Shape(rows, columns), first: (transposeA ? 1 : 0) + (transposeB ? 2 : 0)
    )
  }
  /// xᵀ, or x_gᵀ for G blocks that lie one below the other, [G·R, C] → [G·C, R].
  package func transpose(_ x: Value, groups: Int = 1) -> Value {
    let shape = shape(of: x)
    precondition(
      groups > 0 && shape.rows % groups == 0,
      "transpose: \(shape) does not fall into \(groups) blocks of rows")
    return emit(
      .transpose, x, shape: Shape(groups * shape.columns, shape.rows / groups), first: groups)
  }
  /// X with X · op(T) = B, for a triangular T, [D, D]; B and X are [R, D].
  ///
  /// Only the named triangle of T is read.
  package func triangularSolve(
    _ b: Value, _ triangle: Value, upper: Bool, transposed: Bool = false, unitDiagonal: Bool = false
  ) -> Value {
    let size = shape(of: b).columns
    precondition(
      shape(of: triangle) == Shape(size, size),
      "expected a triangle [\(size), \(size)], got \(shape(of: triangle))")
    return emit(
      .triangularSolve, b, triangle, shape: shape(of: b),
      first: (transposed ? 1 : 0) + (upper ? 2 : 0) + (unitDiagonal ? 4 : 0))
  }

  // MARK: - Fused

  /// φ(x · W + b), x [R, I], W [I, O], b [1, O].
  package func linear(
    _ x: Value, weight: Value, bias: Value, activation: Activation = .identity
  ) -> Value {
    let (sx, sw) = (shape(of: x), shape(of: weight))
    precondition(
      sx.columns == sw.rows && shape(of: bias) == Shape(1, sw.columns),
      "linear: input \(sx), weight \(sw), bias \(shape(of: bias))")
    let code = Activation.allCases.firstIndex(of: activation)!
    // Few outputs are dot products of rows with the columns of the weight, which must lie in a row.
    let columns =
      activation == .identity && sw.columns <= ProductForm.narrow && sw.rows > ProductForm.narrow
        && slots[Int(weight.index)].isCommon ? transpose(weight) : nil
    return emit(.linear, x, weight, bias, columns, shape: Shape(sx.rows, sw.columns), first: code)
  }

  /// One affine coupling and its log-determinant (Dinh et al., 2017, eq. 7–8).
  ///
  /// The columns from `first` on, c of them, are transformed; `raw` [R, 2c] is the conditioner's output
  /// [raw log-scale, shift], s = bound · tanh(raw / bound). Apply: y = x · exp(s) + t, log-determinant Σs.
  /// Invert: y = (x − t) · exp(−s), log-determinant −Σs.
  /// - Returns: y [R, D] and log-determinant [R, 1].
  package func coupling(_ x: Value, raw: Value, first: Int, bound: Double, inverted: Bool) -> (
    value: Value, logDeterminant: Value
  ) {
    let shape = shape(of: x)
    let rawShape = self.shape(of: raw)
    precondition(
      rawShape.rows == shape.rows && rawShape.columns % 2 == 0
        && first + rawShape.columns / 2 <= shape.columns,
      "coupling: \(shape) from column \(first) with conditioner output \(rawShape)")
    let c = rawShape.columns / 2
    let differentiable = isDifferentiable(x) || isDifferentiable(raw)
    let y = makeSlot(.computed, shape, isDifferentiable: differentiable)
    let logScale = makeSlot(
      .computed, Shape(shape.rows, c), isDifferentiable: isDifferentiable(raw))
    let scale = makeSlot(.computed, Shape(shape.rows, c), isDifferentiable: isDifferentiable(raw))
    let logDet = makeSlot(.computed, Shape(shape.rows, 1), isDifferentiable: isDifferentiable(raw))
    append(
      Record(
        operation: inverted ? .couplingInvert : .couplingApply, a: x.index, b: raw.index, y: y,
        y2: logScale, y3: scale, y4: logDet, first: first, scalar: bound))
    return (Value(y), Value(logDet))
  }

  private func checkedRow(_ v: Value, of x: Value) -> Value {
    precondition(
      shape(of: v) == Shape(1, shape(of: x).columns),
      "expected a row vector for \(shape(of: x)), got \(shape(of: v))")
    return v
  }

  private func checkedColumn(_ v: Value, of x: Value) -> Value {
    precondition(
      shape(of: v) == Shape(shape(of: x).rows, 1),
      "expected a column vector for \(shape(of: x)), got \(shape(of: v))")
    return v
  }
}
