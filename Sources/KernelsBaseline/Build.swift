import KernelInterface

/// The kernels as this module was built; every build of the source folder has an enum of this name.
package enum KernelBuild {
  /// Makes the tables of both scalar types.
  ///
  /// - Parameter name: The name of the build, which the source cannot know.
  package static func tables(
    name: String
  ) -> (float: KernelTable<Float>, double: KernelTable<Double>) {
    (makeTable(name: name), makeTable(name: name))
  }
}

/// The table of one scalar type. Closures and not generic functions: each specialisation is compiled
/// here, with this module's processor settings.
private func makeTable<Scalar: VectorScalar>(name: String) -> KernelTable<Scalar> {
  typealias S = Scalar
  return KernelTable<Scalar>(
    build: name,
    exp: { n, x, y in mapElements(n, x, y) { S.exponential($0) } },
    log: { n, x, y in mapElements(n, x, y) { S.logarithm($0) } },
    tanh: { n, x, y in mapElements(n, x, y) { S.hyperbolicTangent($0) } },
    sigmoid: { n, x, y in mapElements(n, x, y) { S.logistic($0) } },
    softplus: { n, x, y in mapElements(n, x, y) { S.softplus($0) } },
    relu: { n, x, y in mapElements(n, x, y) { S.rectified($0) } },
    squareRoot: { n, x, y in mapElements(n, x, y) { $0.squareRoot() } },
    reciprocal: { n, x, y in mapElements(n, x, y) { 1 / $0 } },
    sin: { n, x, y in
      mapAngles(n, x, y, fast: { S.fastSine($0) }, library: { S.librarySine($0) })
    },
    cos: { n, x, y in
      mapAngles(n, x, y, fast: { S.fastCosine($0) }, library: { S.libraryCosine($0) })
    },
    isPositive: { n, x, y in mapElements(n, x, y) { $0 > 0 ? 1 : 0 } },
    add: { n, a, b, y in mapPairs(n, a, b, y) { $0 + $1 } },
    subtract: { n, a, b, y in mapPairs(n, a, b, y) { $0 - $1 } },
    multiply: { n, a, b, y in mapPairs(n, a, b, y) { $0 * $1 } },
    divide: { n, a, b, y in mapPairs(n, a, b, y) { $0 / $1 } },
    scale: { n, x, constant, y in mapElements(n, x, y) { constant * $0 } },
    addConstant: { n, x, constant, y in mapElements(n, x, y) { $0 + constant } },
    addScaled: { n, x, constant, y in
      mapPairs(n, x, UnsafePointer(y), y) { S.fused(constant, $0, plus: $1) }
    },
    addFour: { n, a, b, c, d, y in addFourArrays(n, a, b, c, d, y) },
    reluBackward: { n, y, dy, dx in mapPairs(n, y, dy, dx) { S.rectifiedBackward($0, $1) } },
    tanhBackward: { n, y, dy, dx in mapPairs(n, y, dy, dx) { S.tangentBackward($0, $1) } },
    sigmoidBackward: { n, y, dy, dx in mapPairs(n, y, dy, dx) { S.logisticBackward($0, $1) } },
    addRowVector: { rows, columns, x, xStride, v, y, yStride in
      mapRows(rows, columns, x, xStride, v, y, yStride) { $0 + $1 }
    },
    multiplyRowVector: { rows, columns, x, xStride, v, y, yStride in
      mapRows(rows, columns, x, xStride, v, y, yStride) { $0 * $1 }
    },
    addColumnVector: { rows, columns, x, xStride, v, y, yStride in
      mapColumns(rows, columns, x, xStride, v, y, yStride) { $0 + $1 }
    },
    multiplyColumnVector: { rows, columns, x, xStride, v, y, yStride in
      mapColumns(rows, columns, x, xStride, v, y, yStride) { $0 * $1 }
    },
    columnSums: { rows, columns, x, stride, y, accumulate in
      sumColumns(rows, columns, x, stride, y, accumulate)
    },
    rowSums: { rows, columns, x, stride, y, accumulate in
      reduceRows(rows, columns, x, stride, y, accumulate) { sum($0, $1) }
    },
    rowSquaredSums: { rows, columns, x, stride, y, accumulate in
      reduceRows(rows, columns, x, stride, y, accumulate) { squaredSum($0, $1) }
    },
    rowLogSumExp: { rows, columns, x, stride, y, accumulate in
      logSumExpRows(rows, columns, x, stride, y, accumulate)
    },
    biasIdentity: { rows, columns, x, xStride, bias, y, yStride in
      mapRows(rows, columns, x, xStride, bias, y, yStride) { $0 + $1 }
    },
    biasRelu: { rows, columns, x, xStride, bias, y, yStride in
      mapRows(rows, columns, x, xStride, bias, y, yStride) { S.rectified($0 + $1) }
    },
    biasTanh: { rows, columns, x, xStride, bias, y, yStride in
      biasThenActivation(rows, columns, x, xStride, bias, y, yStride) { S.hyperbolicTangent($0) }
    },
    biasSigmoid: { rows, columns, x, xStride, bias, y, yStride in
      biasThenActivation(rows, columns, x, xStride, bias, y, yStride) { S.logistic($0) }
    },
    smallProduct: { m, n, k, a, b, ldb, ending, c, ldc in
      multiplySmall(m, n, k, a, b, ldb, ending, c, ldc)
    },
    narrowLinear: { rows, inputs, columns, x, w, bias, isRectified, y in
      linearOfNarrowRows(rows, inputs, columns, x, w, bias, isRectified, y)
    },
    rowDots: { rows, inputs, outputs, x, w, bias, y in
      dotsOfRows(rows, inputs, outputs, x, w, bias, y)
    },
    narrowGradient: { rows, narrow, columns, x, e, isTransposed, y, accumulate in
      if isTransposed {
        gradientOfNarrow(rows, narrow, columns, x, e, y, isTransposed: true, accumulate)
      } else {
        gradientOfNarrow(rows, narrow, columns, x, e, y, isTransposed: false, accumulate)
      }
    },
    blockProduct: { groups, m, n, k, transposeA, transposeB, a, b, c in
      multiplyBlocks(groups, m, n, k, transposeA, transposeB, a, b, c)
    },
    reluBackwardWithColumnSums: {
      rows, columns, y, yStride, dy, dyStride, dx, dxStride, sums, accumulate in
      activationBackward(
        rows, columns, y, yStride, dy, dyStride, dx, dxStride, sums, accumulate,
        RectifierBackward.self)
    },
    tanhBackwardWithColumnSums: {
      rows, columns, y, yStride, dy, dyStride, dx, dxStride, sums, accumulate in
      activationBackward(
        rows, columns, y, yStride, dy, dyStride, dx, dxStride, sums, accumulate,
        TangentBackward.self)
    },
    sigmoidBackwardWithColumnSums: {
      rows, columns, y, yStride, dy, dyStride, dx, dxStride, sums, accumulate in
      activationBackward(
        rows, columns, y, yStride, dy, dyStride, dx, dxStride, sums, accumulate,
        LogisticBackward.self)
    },
    copyMatrix: { rows, columns, x, xStride, y, yStride, accumulate in
      copyRows(rows, columns, x, xStride, y, yStride, accumulate)
    },
    transpose: { rows, columns, x, y in transposeMatrix(rows, columns, x, y) },
    squaredNorm: { n, x in squaredSum(n, x) },
    couplingApply: { rows, c, bound, x, xStride, raw, y, yStride, logScale, scale, logDet in
      coupling(
        rows, c, bound, x, xStride, raw, y, yStride, logScale, scale, logDet, isInverse: false)
    },
    couplingInvert: { rows, c, bound, x, xStride, raw, y, yStride, logScale, scale, logDet in
      coupling(
        rows, c, bound, x, xStride, raw, y, yStride, logScale, scale, logDet, isInverse: true)
    },
    couplingApplyBackward: {
      rows, c, bound, saved, savedStride, logScale, scale, dy, dyStride, dLogDet, dx, dxStride,
      draw in
      couplingBackward(
        rows, c, bound, saved, savedStride, logScale, scale, dy, dyStride, dLogDet, dx, dxStride,
        draw, isInverse: false)
    },
    couplingInvertBackward: {
      rows, c, bound, saved, savedStride, logScale, scale, dy, dyStride, dLogDet, dx, dxStride,
      draw in
      couplingBackward(
        rows, c, bound, saved, savedStride, logScale, scale, dy, dyStride, dLogDet, dx, dxStride,
        draw, isInverse: true)
    },
    splineApply: { rows, c, shape, x, xStride, raw, y, yStride, logDet in
      spline(
        rows, c, shape, x, xStride, raw, y, yStride, logDet, isInverse: false)
    },
    splineInvert: { rows, c, shape, x, xStride, raw, y, yStride, logDet in
      spline(
        rows, c, shape, x, xStride, raw, y, yStride, logDet, isInverse: true)
    },
    splineApplyBackward: {
      rows, c, shape, saved, savedStride, raw, dy, dyStride, dLogDet, dx, dxStride, draw in
      splineBackward(
        rows, c, shape, saved, savedStride, raw, dy, dyStride, dLogDet, dx, dxStride, draw,
        isInverse: false)
    },
    splineInvertBackward: {
      rows, c, shape, saved, savedStride, raw, dy, dyStride, dLogDet, dx, dxStride, draw in
      splineBackward(
        rows, c, shape, saved, savedStride, raw, dy, dyStride, dLogDet, dx, dxStride, draw,
        isInverse: true)
    },
    adam: { n, step, arrays in adamStep(n, step, arrays) },
    movingAverage: { n, x, rate, average in
      mapPairs(n, x, UnsafePointer(average), average) { S.fused(rate, $0 - $1, plus: $1) }
    })
}
