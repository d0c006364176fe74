import KernelInterface

/// What one call of one kernel left in all of its output buffers, gaps between rows included.
struct RecordedOutput<Scalar: Sendable>: Sendable {
  var name: String
  var values: [Scalar]
}

/// Calls every kernel of a table on fixed random inputs, in many shapes, and records the outputs.
///
/// Inputs are multiples of 2⁻¹², so that they are the same numbers in each scalar type and tables of
/// different types can be compared.
struct KernelRecording<Scalar: BinaryFloatingPoint & Sendable> {
  let kernels: KernelTable<Scalar>
  private(set) var outputs: [RecordedOutput<Scalar>] = []
  private var generator = TestGenerator(seed: 2024)

  init(_ kernels: KernelTable<Scalar>) {
    self.kernels = kernels
    for n in [0, 1, 5, 16, 37, 150] { recordVectors(n) }
    for (rows, columns) in [
      (0, 3), (3, 0), (1, 1), (5, 2), (18, 3), (7, 4), (16, 5), (33, 17), (6, 31), (4, 64), (3, 95),
    ] {
      for padding in [0, 3] { recordMatrices(rows, columns, padding: padding) }
    }
    for (m, n, k) in [(1, 16, 1), (4, 64, 7), (6, 80, 33), (11, 144, 20), (3, 32, 0)] {
      recordSmallProduct(m, n, k)
    }
    for (m, n, k) in [(1, 16, 16), (2, 5, 3), (3, 37, 20), (16, 16, 1), (4, 3, 33)] {
      recordBlocks(m, n, k)
    }
    for narrow in 1...4 {
      for (rows, columns) in [(1, 5), (4, 16), (7, 40), (33, 64)] {
        recordNarrow(rows, narrow, columns)
      }
    }
    for c in [1, 2, 3, 4, 9] {
      for rows in [0, 1, 19] { recordCoupling(rows, c) }
    }
    for (rows, c, bins) in [(0, 1, 4), (1, 1, 2), (19, 1, 8), (70, 3, 5)] {
      recordSpline(rows, c, bins)
    }
    for n in [0, 1, 16, 45] { recordAdam(n) }
  }

  private mutating func buffer(
    _ count: Int, in range: ClosedRange<Double> = -2...2
  ) -> Buffer<Scalar> {
    let numbers = (0..<count).map { _ in
      Scalar((generator.uniform(range) * 4096).rounded() / 4096)
    }
    return Buffer(numbers)
  }

  private mutating func record(_ name: String, _ buffers: Buffer<Scalar>...) {
    outputs.append(RecordedOutput(name: name, values: buffers.flatMap(\.values)))
  }

  private mutating func recordVectors(_ n: Int) {
    for (name, kernel) in [
      ("exp", kernels.exp), ("tanh", kernels.tanh), ("sigmoid", kernels.sigmoid),
      ("softplus", kernels.softplus), ("relu", kernels.relu), ("sin", kernels.sin),
      ("cos", kernels.cos), ("isPositive", kernels.isPositive), ("log", kernels.log),
      ("squareRoot", kernels.squareRoot), ("reciprocal", kernels.reciprocal),
    ] {
      let needsPositive = ["log", "squareRoot", "reciprocal"].contains(name)
      let x = buffer(n, in: needsPositive ? 0.25...90 : -9...9)
      let y = buffer(n)
      kernel(n, x.input, y.output)
      kernel(n, x.input, x.output)
      record("\(name) n=\(n)", y, x)
    }
    for (name, kernel) in [
      ("add", kernels.add), ("subtract", kernels.subtract), ("multiply", kernels.multiply),
      ("divide", kernels.divide), ("reluBackward", kernels.reluBackward),
      ("tanhBackward", kernels.tanhBackward), ("sigmoidBackward", kernels.sigmoidBackward),
    ] {
      let (a, b, y) = (buffer(n), buffer(n, in: 0.5...3), buffer(n))
      kernel(n, a.input, b.input, y.output)
      let (first, second, both) = (Buffer(a.values), Buffer(b.values), Buffer(b.values))
      kernel(n, first.input, b.input, first.output)
      kernel(n, a.input, second.input, second.output)
      kernel(n, both.input, both.input, both.output)
      record("\(name) n=\(n)", y, first, second, both)
    }
    for (name, kernel) in [
      ("scale", kernels.scale), ("addConstant", kernels.addConstant),
      ("addScaled", kernels.addScaled), ("movingAverage", kernels.movingAverage),
    ] {
      let (x, y) = (buffer(n), buffer(n))
      kernel(n, x.input, 0.375, y.output)
      kernel(n, x.input, 0.375, x.output)
      record("\(name) n=\(n)", y, x)
    }
    let (a, b, c, d, y) = (buffer(n), buffer(n), buffer(n), buffer(n), buffer(n))
    kernels.addFour(n, a.input, b.input, c.input, d.input, y.output)
    kernels.addFour(n, a.input, b.input, c.input, d.input, a.output)
    record("addFour n=\(n)", y, a)
    record("squaredNorm n=\(n)", Buffer([kernels.squaredNorm(n, b.input)]))
  }

  private mutating func recordMatrices(_ rows: Int, _ columns: Int, padding: Int) {
    let shape = "\(rows)x\(columns)+\(padding)"
    let stride = columns + padding
    let wider = stride + padding
    for (name, kernel) in [
      ("addRowVector", kernels.addRowVector), ("multiplyRowVector", kernels.multiplyRowVector),
      ("addColumnVector", kernels.addColumnVector), ("biasRelu", kernels.biasRelu),
      ("multiplyColumnVector", kernels.multiplyColumnVector), ("biasTanh", kernels.biasTanh),
      ("biasIdentity", kernels.biasIdentity), ("biasSigmoid", kernels.biasSigmoid),
    ] {
      let (x, v, y) = (buffer(rows * stride), buffer(max(rows, columns)), buffer(rows * wider))
      kernel(rows, columns, x.input, stride, v.input, y.output, wider)
      kernel(rows, columns, x.input, stride, v.input, x.output, stride)
      record("\(name) \(shape)", y, x)
    }
    for (name, kernel) in [
      ("columnSums", kernels.columnSums), ("rowSums", kernels.rowSums),
      ("rowSquaredSums", kernels.rowSquaredSums), ("rowLogSumExp", kernels.rowLogSumExp),
    ] {
      let (x, y) = (buffer(rows * stride), buffer(max(rows, columns)))
      let added = Buffer(y.values)
      kernel(rows, columns, x.input, stride, y.output, false)
      kernel(rows, columns, x.input, stride, added.output, true)
      record("\(name) \(shape)", y, added)
    }
    for (name, kernel) in [
      ("relu", kernels.reluBackwardWithColumnSums), ("tanh", kernels.tanhBackwardWithColumnSums),
      ("sigmoid", kernels.sigmoidBackwardWithColumnSums),
    ] {
      let (y, dy, dx) = (buffer(rows * stride), buffer(rows * stride), buffer(rows * wider))
      let (sums, added) = (buffer(columns), buffer(columns))
      kernel(
        rows, columns, y.input, stride, dy.input, stride, dx.output, wider, sums.output, false)
      kernel(
        rows, columns, y.input, stride, dy.input, stride, dy.output, stride, added.output, true)
      record("\(name) backward with column sums \(shape)", dx, sums, dy, added)
    }
    let (x, y) = (buffer(rows * stride), buffer(rows * wider))
    kernels.copyMatrix(rows, columns, x.input, stride, y.output, wider, true)
    record("copyMatrix, added, \(shape)", y)
    kernels.copyMatrix(rows, columns, x.input, stride, y.output, wider, false)
    record("copyMatrix \(shape)", y)
    let transposed = buffer(rows * columns)
    kernels.transpose(rows, columns, x.input, transposed.output)
    record("transpose \(shape)", transposed)
  }

  /// A product as it lies and with its left factor transposed, with each ending.
  private mutating func recordSmallProduct(_ m: Int, _ n: Int, _ k: Int) {
    let (a, b, bias) = (buffer(m * k), buffer(k * (n + 3)), buffer(n))
    for (rowStride, termStride) in [(k, 1), (1, m)] {
      let matrix = StridedMatrix(a.input, rowStride: rowStride, termStride: termStride)
      let results = (0..<4).map { _ in buffer(m * (n + 1)) }
      let endings = [
        ProductEnding<Scalar>(accumulates: false), ProductEnding(accumulates: true),
        ProductEnding(bias: bias.input, isRectified: false),
        ProductEnding(bias: bias.input, isRectified: true),
      ]
      for (ending, c) in zip(endings, results) {
        kernels.smallProduct(m, n, k, matrix, b.input, n + 3, ending, c.output, n + 1)
      }
      record(
        "smallProduct \(m)x\(n)x\(k), stride \(rowStride)", results[0], results[1], results[2],
        results[3])
    }
  }

  /// Products of three blocks, plain and transposed.
  private mutating func recordBlocks(_ m: Int, _ n: Int, _ k: Int) {
    let (a, b) = (buffer(3 * m * k), buffer(3 * k * n))
    for (transposeA, transposeB) in [(false, false), (true, false), (false, true), (true, true)] {
      let c = buffer(3 * m * n)
      kernels.blockProduct(3, m, n, k, transposeA, transposeB, a.input, b.input, c.output)
      record("blockProduct \(m)x\(n)x\(k), transposed \(transposeA) \(transposeB)", c)
    }
  }

  /// Products with a matrix of `narrow` columns.
  private mutating func recordNarrow(_ rows: Int, _ narrow: Int, _ columns: Int) {
    let shape = "\(rows)x\(narrow)x\(columns)"
    let (x, w, bias) = (buffer(rows * narrow), buffer(narrow * columns), buffer(columns))
    let (y, rectified, wide) = (
      buffer(rows * columns), buffer(rows * columns), buffer(rows * columns)
    )
    kernels.narrowLinear(rows, narrow, columns, x.input, w.input, nil, false, y.output)
    kernels.narrowLinear(
      rows, narrow, columns, x.input, w.input, bias.input, true, rectified.output)
    record("narrowLinear \(shape)", y, rectified)
    let (dots, plain) = (buffer(rows * narrow), buffer(rows * narrow))
    kernels.rowDots(rows, columns, narrow, wide.input, w.input, bias.input, dots.output)
    kernels.rowDots(rows, columns, narrow, wide.input, w.input, nil, plain.output)
    record("rowDots \(shape)", dots, plain)
    for isTransposed in [false, true] {
      let (sums, added) = (buffer(narrow * columns), buffer(narrow * columns))
      kernels.narrowGradient(
        rows, narrow, columns, x.input, wide.input, isTransposed, sums.output, false)
      kernels.narrowGradient(
        rows, narrow, columns, x.input, wide.input, isTransposed, added.output, true)
      record("narrowGradient \(shape), transposed \(isTransposed)", sums, added)
    }
  }

  private mutating func recordCoupling(_ rows: Int, _ c: Int) {
    for (name, forward, backward) in [
      ("apply", kernels.couplingApply, kernels.couplingApplyBackward),
      ("invert", kernels.couplingInvert, kernels.couplingInvertBackward),
    ] {
      let (xStride, yStride) = (c + 2, 2 * c)
      let (x, raw, y) = (buffer(rows * xStride), buffer(rows * 2 * c), buffer(rows * yStride))
      let (logScale, scale, logDet) = (buffer(rows * c), buffer(rows * c), buffer(rows))
      forward(
        rows, c, 1.5, x.input, xStride, raw.input, y.output, yStride, logScale.output,
        scale.output, logDet.output)
      record("coupling \(name) \(rows)x\(c)", y, logScale, scale, logDet)
      let (dy, dx, draw) = (buffer(rows * yStride), buffer(rows * xStride), buffer(rows * 2 * c))
      backward(
        rows, c, 1.5, y.input, yStride, logScale.input, scale.input, dy.input, yStride,
        logDet.input, dx.output, xStride, draw.output)
      backward(
        rows, c, 1.5, y.input, yStride, logScale.input, scale.input, dy.input, yStride,
        logDet.input, dy.output, yStride, draw.output)
      record("coupling \(name) backward \(rows)x\(c)", dx, draw, dy)
      forward(
        rows, c, 1.5, x.input, xStride, raw.input, x.output, xStride, logScale.output,
        scale.output, logDet.output)
      record("coupling \(name) in place \(rows)x\(c)", x)
    }
  }

  /// Some numbers lie beyond the bound of 1.5.
  private mutating func recordSpline(_ rows: Int, _ c: Int, _ bins: Int) {
    let shape = SplineShape<Scalar>(bins: bins, bound: 1.5)
    for (name, forward, backward) in [
      ("apply", kernels.splineApply, kernels.splineApplyBackward),
      ("invert", kernels.splineInvert, kernels.splineInvertBackward),
    ] {
      let (xStride, yStride) = (c + 2, 2 * c)
      let (x, y) = (buffer(rows * xStride), buffer(rows * yStride))
      // Milder numbers than elsewhere, lest the reference's differences be poor.
      let raw = buffer(rows * c * shape.rawCount, in: -0.75...0.75)
      let logDet = buffer(rows)
      forward(
        rows, c, shape, x.input, xStride, raw.input, y.output, yStride, logDet.output)
      record("spline \(name) \(rows)x\(c), \(bins) bins", y, logDet)
      let (dy, dx, draw) = (
        buffer(rows * yStride), buffer(rows * xStride), buffer(rows * c * shape.rawCount)
      )
      let dLogDet = buffer(rows)
      let saved = buffer(rows * xStride)
      backward(
        rows, c, shape, saved.input, xStride, raw.input, dy.input, yStride, dLogDet.input,
        dx.output, xStride, draw.output)
      record("spline \(name) backward \(rows)x\(c), \(bins) bins", dx, draw)
      backward(
        rows, c, shape, saved.input, xStride, raw.input, dy.input, yStride, dLogDet.input,
        dy.output, yStride, draw.output)
      forward(
        rows, c, shape, x.input, xStride, raw.input, x.output, xStride, logDet.output)
      record("spline \(name) in place \(rows)x\(c), \(bins) bins", x, dy)
    }
  }

  /// Three steps, with the corrections of each.
  private mutating func recordAdam(_ n: Int) {
    let (parameters, first, second) = (
      buffer(n), Buffer(n) { _ in Scalar(0) }, Buffer(n) { _ in Scalar(0) }
    )
    for step in 1...3 {
      let gradient = buffer(n)
      var power1: Scalar = 1
      var power2: Scalar = 1
      for _ in 0..<step {
        power1 *= 0.875
        power2 *= 0.96875
      }
      kernels.adam(
        n,
        AdamStep(
          learningRate: 0.0625, beta1: 0.875, beta2: 0.96875, epsilon: 0.0001,
          correction1: 1 / (1 - power1), correction2: 1 / (1 - power2), decay: 0.015625,
          gradientScale: 0.5),
        AdamArrays(
          parameters: parameters.output, gradient: gradient.input, firstMoment: first.output,
          secondMoment: second.output))
      record("adam step \(step) n=\(n)", parameters, first, second)
    }
  }
}
