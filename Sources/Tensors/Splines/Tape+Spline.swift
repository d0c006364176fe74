import KernelInterface

/// Bins and interval of rational-quadratic splines on a tape; see ``SplineShape`` for their numbers.
package struct SplineSettings: Sendable, Hashable {
  /// K ≥ 2.
  package var bins: Int
  /// The spline is the identity outside of [−bound, bound].
  package var bound: Double

  package init(bins: Int, bound: Double) {
    precondition((2...512).contains(bins), "expected 2 to 512 bins, got \(bins)")
    precondition(bound > 0 && bound.isFinite, "expected a positive bound, got \(bound)")
    self.bins = bins
    self.bound = bound
  }

  /// 3K − 1, raw numbers a column.
  package var rawCount: Int { 3 * bins - 1 }
}

extension Tape {
  // MARK: - Rational-quadratic splines

  /// Monotonic rational-quadratic splines with linear tails (Durkan et al., 2019).
  ///
  /// The c columns from `first` on are transformed, each by a spline of its own in each row; `raw` is
  /// [R, c · (3K − 1)], the numbers of a column together: widths, heights, derivatives. Zeros give the
  /// identity. The inverse is a closed form.
  /// - Returns: y [R, D] and log-determinant of the map just applied, [R, 1].
  package func spline(
    _ x: Value, raw: Value, first: Int, settings: SplineSettings, inverted: Bool
  ) -> (value: Value, logDeterminant: Value) {
    let shape = shape(of: x)
    let rawShape = self.shape(of: raw)
    let c = rawShape.columns / settings.rawCount
    precondition(
      rawShape.rows == shape.rows && rawShape.columns == c * settings.rawCount && c > 0
        && first >= 0 && first + c <= shape.columns,
      "spline: \(shape) from column \(first) with \(rawShape), \(settings.rawCount) numbers a column"
    )
    let differentiable = isDifferentiable(x) || isDifferentiable(raw)
    let y = makeSlot(.computed, shape, isDifferentiable: differentiable)
    let logDet = makeSlot(.computed, Shape(shape.rows, 1), isDifferentiable: differentiable)
    integers.append(contentsOf: [Int32(first), Int32(c), Int32(settings.bins)])
    append(
      Record(
        operation: inverted ? .splineInvert : .splineApply, a: x.index, b: raw.index, y: y,
        y2: logDet, first: integers.count - 3, scalar: settings.bound))
    return (Value(y), Value(logDet))
  }

  /// The settings of a record, and the columns that it transforms.
  func splineSettings(of record: Record) -> (columns: Range<Int>, settings: SplineSettings) {
    let (first, c) = (Int(integers[record.first]), Int(integers[record.first + 1]))
    return (
      first..<first + c,
      SplineSettings(bins: Int(integers[record.first + 2]), bound: record.scalar)
    )
  }
}

extension Machine {
  /// a: x, b: raw → y, y2: log-determinant.
  func spline(_ record: Record, rows: Int, columns: Int) {
    let (x, y) = (pointer(record.a), pointer(record.y))
    let (first, c, shape) = splineShape(record)
    copyRest(from: x, to: y, rows: rows, columns: columns, outside: first..<first + c)
    let kernel = record.operation == .splineApply ? kernels.splineApply : kernels.splineInvert
    kernel(
      rows, c, shape, x + first, columns, pointer(record.b), y + first, columns,
      pointer(record.y2))
  }

  /// a: x of apply or y of invert, b: raw, c: dy, d: d log-determinant → y: dx, y2: d raw.
  func splineBackward(_ record: Record, rows: Int, columns: Int) {
    let (dy, dx) = (pointer(record.c), pointer(record.y))
    let (first, c, shape) = splineShape(record)
    copyRest(from: dy, to: dx, rows: rows, columns: columns, outside: first..<first + c)
    let kernel =
      record.operation == .splineApplyBackward
      ? kernels.splineApplyBackward : kernels.splineInvertBackward
    kernel(
      rows, c, shape, pointer(record.a) + first, columns, pointer(record.b), dy + first, columns,
      pointer(record.d), dx + first, columns, pointer(record.y2))
  }

  private func splineShape(_ record: Record) -> (Int, Int, SplineShape<Scalar>) {
    (
      Int(integers[record.first]), Int(integers[record.first + 1]),
      SplineShape(bins: Int(integers[record.first + 2]), bound: Scalar(record.scalar))
    )
  }

  private func copyRest(
    from x: UnsafeMutablePointer<Scalar>, to y: UnsafeMutablePointer<Scalar>, rows: Int,
    columns: Int, outside range: Range<Int>
  ) {
    if range.lowerBound > 0 {
      kernels.copyMatrix(rows, range.lowerBound, x, columns, y, columns, false)
    }
    if range.upperBound < columns {
      kernels.copyMatrix(
        rows, columns - range.upperBound, x + range.upperBound, columns, y + range.upperBound,
        columns, false)
    }
  }
}
