extension KernelTable {
  /// Makes a table from its kernels, in the order of their declaration.
  package init(
    build name: String,
    exp: @escaping Unary,
    log: @escaping Unary,
    tanh: @escaping Unary,
    sigmoid: @escaping Unary,
    softplus: @escaping Unary,
    relu: @escaping Unary,
    squareRoot: @escaping Unary,
    reciprocal: @escaping Unary,
    sin: @escaping Unary,
    cos: @escaping Unary,
    isPositive: @escaping Unary,
    add: @escaping Binary,
    subtract: @escaping Binary,
    multiply: @escaping Binary,
    divide: @escaping Binary,
    scale: @escaping WithConstant,
    addConstant: @escaping WithConstant,
    addScaled: @escaping WithConstant,
    addFour:
      @escaping @Sendable (_ n: Int, _ a: Input, _ b: Input, _ c: Input, _ d: Input, _ y: Output) ->
      Void,
    reluBackward: @escaping Binary,
    tanhBackward: @escaping Binary,
    sigmoidBackward: @escaping Binary,
    addRowVector: @escaping Broadcast,
    multiplyRowVector: @escaping Broadcast,
    addColumnVector: @escaping Broadcast,
    multiplyColumnVector: @escaping Broadcast,
    columnSums: @escaping Reduction,
    rowSums: @escaping Reduction,
    rowSquaredSums: @escaping Reduction,
    rowLogSumExp: @escaping Reduction,
    biasIdentity: @escaping Broadcast,
    biasRelu: @escaping Broadcast,
    biasTanh: @escaping Broadcast,
    biasSigmoid: @escaping Broadcast,
    smallProduct:
      @escaping @Sendable (
        _ m: Int, _ n: Int, _ k: Int, _ a: StridedMatrix<Scalar>, _ b: Input, _ ldb: Int,
        _ ending: ProductEnding<Scalar>, _ c: Output, _ ldc: Int
      ) -> Void,
    narrowLinear:
      @escaping @Sendable (
        _ rows: Int, _ inputs: Int, _ columns: Int, _ x: Input, _ w: Input, _ bias: Input?,
        _ isRectified: Bool, _ y: Output
      ) -> Void,
    rowDots:
      @escaping @Sendable (
        _ rows: Int, _ inputs: Int, _ outputs: Int, _ x: Input, _ w: Input, _ bias: Input?,
        _ y: Output
      ) -> Void,
    narrowGradient:
      @escaping @Sendable (
        _ rows: Int, _ narrow: Int, _ columns: Int, _ x: Input, _ e: Input,
        _ isTransposed: Bool, _ y: Output, _ accumulate: Bool
      ) -> Void,
    blockProduct:
      @escaping @Sendable (
        _ groups: Int, _ m: Int, _ n: Int, _ k: Int, _ transposeA: Bool, _ transposeB: Bool,
        _ a: Input, _ b: Input, _ c: Output
      ) -> Void,
    reluBackwardWithColumnSums: @escaping BackwardWithColumnSums,
    tanhBackwardWithColumnSums: @escaping BackwardWithColumnSums,
    sigmoidBackwardWithColumnSums: @escaping BackwardWithColumnSums,
    copyMatrix:
      @escaping @Sendable (
        _ rows: Int, _ columns: Int, _ x: Input, _ xStride: Int, _ y: Output, _ yStride: Int,
        _ accumulate: Bool
      ) -> Void,
    transpose: @escaping @Sendable (_ rows: Int, _ columns: Int, _ x: Input, _ y: Output) -> Void,
    squaredNorm: @escaping @Sendable (_ n: Int, _ x: Input) -> Scalar,
    couplingApply: @escaping Coupling,
    couplingInvert: @escaping Coupling,
    couplingApplyBackward: @escaping CouplingBackward,
    couplingInvertBackward: @escaping CouplingBackward,
    splineApply: @escaping Spline,
    splineInvert: @escaping Spline,
    splineApplyBackward: @escaping SplineBackward,
    splineInvertBackward: @escaping SplineBackward,
    adam:
      @escaping @Sendable (_ n: Int, _ step: AdamStep<Scalar>, _ arrays: AdamArrays<Scalar>) -> Void,
    movingAverage: @escaping WithConstant
  ) {
    self.name = name
    self.exp = exp
    self.log = log
    self.tanh = tanh
    self.sigmoid = sigmoid
    self.softplus = softplus
    self.relu = relu
    self.squareRoot = squareRoot
    self.reciprocal = reciprocal
    self.sin = sin
    self.cos = cos
    self.isPositive = isPositive
    self.add = add
    self.subtract = subtract
    self.multiply = multiply
    self.divide = divide
    self.scale = scale
    self.addConstant = addConstant
    self.addScaled = addScaled
    self.addFour = addFour
    self.reluBackward = reluBackward
    self.tanhBackward = tanhBackward
    self.sigmoidBackward = sigmoidBackward
    self.addRowVector = addRowVector
    self.multiplyRowVector = multiplyRowVector
    self.addColumnVector = addColumnVector
    self.multiplyColumnVector = multiplyColumnVector
    self.columnSums = columnSums
    self.rowSums = rowSums
    self.rowSquaredSums = rowSquaredSums
    self.rowLogSumExp = rowLogSumExp
    self.biasIdentity = biasIdentity
    self.biasRelu = biasRelu
    self.biasTanh = biasTanh
    self.biasSigmoid = biasSigmoid
    self.smallProduct = smallProduct
    self.narrowLinear = narrowLinear
    self.rowDots = rowDots
    self.narrowGradient = narrowGradient
    self.blockProduct = blockProduct
    self.reluBackwardWithColumnSums = reluBackwardWithColumnSums
    self.tanhBackwardWithColumnSums = tanhBackwardWithColumnSums
    self.sigmoidBackwardWithColumnSums = sigmoidBackwardWithColumnSums
    self.copyMatrix = copyMatrix
    self.transpose = transpose
    self.squaredNorm = squaredNorm
    self.couplingApply = couplingApply
    self.couplingInvert = couplingInvert
    self.couplingApplyBackward = couplingApplyBackward
    self.couplingInvertBackward = couplingInvertBackward
    self.splineApply = splineApply
    self.splineInvert = splineInvert
    self.splineApplyBackward = splineApplyBackward
    self.splineInvertBackward = splineInvertBackward
    self.adam = adam
    self.movingAverage = movingAverage
  }
}
