import KernelInterface

// The definition of the spline in terms of operations. It serves derivatives of derivatives; a last
// sweep takes the fused kernels.

/// Splines of N elements, all values [N, 1] or [N, K].
private struct ExpandedSpline<Scalar: TensorScalar> {
  typealias Constants = SplineShape<Double>

  let tape: Tape<Scalar>
  let settings: SplineSettings
  let count: Int
  private let isInside: Value
  private let position: Value
  private let x0: Value
  private let width: Value
  private let y0: Value
  private let height: Value
  private let slope0: Value
  private let slope1: Value

  /// - Parameters:
  ///   - search: [N, 1].
  ///   - raw: [N, 3K − 1].
  init(
    _ search: Value, raw: Value, settings: SplineSettings, inverted: Bool, on tape: Tape<Scalar>
  ) {
    self.tape = tape
    self.settings = settings
    let (n, k, bound) = (tape.shape(of: search).rows, settings.bins, settings.bound)
    count = n
    // Selections carry no derivative.
    let above = tape.isPositive(tape.add(search, constant: bound))
    let below = tape.isPositive(tape.add(tape.negate(search), constant: bound))
    isInside = tape.multiply(above, below)
    position = tape.multiply(search, isInside)
    let widths = Self.sizes(tape.columns(raw, 0..<k), settings, tape)
    let heights = Self.sizes(tape.columns(raw, k..<2 * k), settings, tape)
    let (lefts, bottoms) = (
      Self.starts(widths, settings, tape), Self.starts(heights, settings, tape)
    )
    let distance = tape.add(
      tape.negate(inverted ? bottoms : lefts), columnVector: position)
    let passed = tape.concatenateColumns(
      tape.constant(n, 1, repeating: 1), tape.columns(tape.isPositive(distance), 1..<k))
    let later = tape.padColumns(tape.columns(passed, 1..<k), first: 0, columns: k)
    // Element by bin: 1 in the bin of the element.
    let oneHot = tape.subtract(passed, later)
    let slopes = tape.add(
      tape.softplus(
        tape.add(tape.columns(raw, 2 * k..<3 * k - 1), constant: Constants.slopeShift)),
      constant: Constants.minimumSlope)
    let one = tape.constant(n, 1, repeating: 1)
    func select(_ values: Value) -> Value { tape.rowSums(tape.multiply(values, oneHot)) }
    x0 = select(lefts)
    width = select(widths)
    y0 = select(bottoms)
    height = select(heights)
    slope0 = select(tape.concatenateColumns(one, slopes))
    slope1 = select(tape.concatenateColumns(slopes, one))
  }

  /// 2 · bound · (m + (1 − K m) · softmax), [N, K].
  private static func sizes(_ raw: Value, _ settings: SplineSettings, _ tape: Tape<Scalar>) -> Value
  {
    let smallest = Constants.minimumShare
    let share = tape.exp(tape.add(raw, columnVector: tape.negate(tape.rowLogSumExp(raw))))
    let free = 2 * settings.bound * (1 - Double(settings.bins) * smallest)
    return tape.add(tape.scale(share, by: free), constant: 2 * settings.bound * smallest)
  }

  /// −bound + the sizes before each bin, [N, K].
  private static func starts(_ sizes: Value, _ settings: SplineSettings, _ tape: Tape<Scalar>)
    -> Value
  {
    let before = tape.triangleMask(settings.bins, upper: true, includesDiagonal: false)
    return tape.add(tape.matmul(sizes, before), constant: -settings.bound)
  }

  /// y and log f′.
  func apply(_ search: Value) -> (value: Value, logSlope: Value) {
    let xi = tape.divide(tape.subtract(position, x0), width)
    let (share, logSlope) = curve(at: xi)
    return finish(tape.add(y0, tape.multiply(height, share)), logSlope, search)
  }

  /// x and log (f⁻¹)′; the root that adds numbers of one sign.
  func invert(_ search: Value) -> (value: Value, logSlope: Value) {
    let slope = tape.divide(height, width)
    let theta = tape.divide(tape.subtract(position, y0), height)
    let excess = tape.subtract(tape.add(slope0, slope1), tape.scale(slope, by: 2))
    let b = tape.subtract(slope0, tape.multiply(theta, excess))
    let product = tape.multiply(slope, theta)
    let difference = tape.subtract(b, tape.scale(product, by: 2))
    let rest = tape.add(tape.negate(theta), constant: 1)
    let root = tape.squareRoot(
      tape.add(
        tape.square(difference),
        tape.scale(tape.multiply(tape.multiply(product, slope), rest), by: 4)))
    let isPositive = tape.isPositive(b)
    let size = tape.add(tape.relu(b), tape.relu(tape.negate(b)))
    let sum = tape.add(size, root)
    let whenPositive = tape.divide(tape.scale(product, by: 2), sum)
    let whenNegative = tape.divide(sum, tape.scale(tape.add(slope, size), by: 2))
    let isNegative = tape.add(tape.negate(isPositive), constant: 1)
    let xi = tape.add(
      tape.multiply(whenPositive, isPositive), tape.multiply(whenNegative, isNegative))
    return finish(
      tape.add(x0, tape.multiply(width, xi)), tape.negate(curve(at: xi).logSlope), search)
  }

  /// The height within the bin as a share of it, and the logarithm of the derivative.
  private func curve(at xi: Value) -> (share: Value, logSlope: Value) {
    let slope = tape.divide(height, width)
    let rest = tape.add(tape.negate(xi), constant: 1)
    let q = tape.multiply(xi, rest)
    let excess = tape.subtract(tape.add(slope0, slope1), tape.scale(slope, by: 2))
    let denominator = tape.add(slope, tape.multiply(excess, q))
    let numerator = tape.add(
      tape.multiply(slope, tape.square(xi)), tape.multiply(slope0, q))
    let g = tape.add(
      tape.add(
        tape.multiply(slope1, tape.square(xi)), tape.scale(tape.multiply(slope, q), by: 2)),
      tape.multiply(slope0, tape.square(rest)))
    let relative = tape.log(tape.divide(slope, denominator))
    return (
      tape.divide(numerator, denominator), tape.add(tape.scale(relative, by: 2), tape.log(g))
    )
  }

  /// The identity outside.
  private func finish(_ value: Value, _ logSlope: Value, _ search: Value) -> (
    value: Value, logSlope: Value
  ) {
    let isOutside = tape.add(tape.negate(isInside), constant: 1)
    return (
      tape.add(tape.multiply(value, isInside), tape.multiply(search, isOutside)),
      tape.multiply(logSlope, isInside)
    )
  }
}

extension Tape {
  /// The spline of a record, recorded in terms of operations on copies of its inputs.
  private func expandSpline(_ record: Record) -> (inputs: [Value], outputs: [Value]) {
    let shape = slots[Int(record.a)].shape
    let rawShape = slots[Int(record.b)].shape
    // Copies, so that a sweep to them stops there and gives partial derivatives.
    let x = reshape(Value(record.a), shape.rows, shape.columns)
    let raw = reshape(Value(record.b), rawShape.rows, rawShape.columns)
    let (range, settings) = splineSettings(of: record)
    let n = shape.rows * range.count
    let search = reshape(columns(x, range), n, 1)
    let inverted = record.operation == .splineInvert
    let spline = ExpandedSpline(
      search, raw: reshape(raw, n, settings.rawCount), settings: settings, inverted: inverted,
      on: self)
    let result = inverted ? spline.invert(search) : spline.apply(search)
    var y = reshape(result.value, shape.rows, range.count)
    if range.lowerBound > 0 { y = concatenateColumns(columns(x, 0..<range.lowerBound), y) }
    if range.upperBound < shape.columns {
      y = concatenateColumns(y, columns(x, range.upperBound..<shape.columns))
    }
    let logDet = rowSums(reshape(result.logSlope, shape.rows, range.count))
    return ([x, raw], [y, logDet])
  }

  /// Vector-Jacobian product of a spline in terms of operations: gradients of x and raw.
  func expandedSplineGradients(_ record: Record, _ dy: Value, _ dLogDet: Value) -> [Value] {
    let expansion = expandSpline(record)
    return gradients(
      of: [(expansion.outputs[0], seed: dy), (expansion.outputs[1], seed: dLogDet)],
      withRespectTo: expansion.inputs)
  }

  /// Jacobian-vector product of a spline in terms of operations: tangents of y and log-determinant.
  func expandedSplineTangents(_ record: Record, _ dx: Value, _ draw: Value) -> [Value] {
    let expansion = expandSpline(record)
    return tangents(
      of: expansion.outputs,
      along: [(expansion.inputs[0], tangent: dx), (expansion.inputs[1], tangent: draw)])
  }
}
