/// The vector kernels of one scalar type, built for one processor.
///
/// A table is chosen once at start (``Kernels``) and copied to a local before a loop: a call through it
/// costs about two nanoseconds. Every build of the same source gives the same bits, because fused
/// operations are explicit (`addingProduct`) and every accumulator has a fixed lane order.
///
/// Conventions, for all kernels:
/// - `n` is a number of elements, `rows × columns` a row-major matrix whose rows lie `stride` elements
///   apart (`stride ≥ columns`).
/// - An output may be the same memory as an input of the same shape; other overlaps are not allowed.
/// - `accumulate` says whether the result is added to what the output holds or replaces it.
package struct KernelTable<Scalar: BinaryFloatingPoint & Sendable>: Sendable {
  package typealias Input = UnsafePointer<Scalar>
  package typealias Output = UnsafeMutablePointer<Scalar>

  /// y[i] = f(x[i]).
  package typealias Unary = @Sendable (_ n: Int, _ x: Input, _ y: Output) -> Void
  /// y[i] = f(a[i], b[i]).
  package typealias Binary = @Sendable (_ n: Int, _ a: Input, _ b: Input, _ y: Output) -> Void
  /// y[i] = f(x[i], constant).
  package typealias WithConstant =
    @Sendable (_ n: Int, _ x: Input, _ constant: Scalar, _ y: Output) -> Void
  /// Reduces a matrix along one axis into a vector.
  package typealias Reduction =
    @Sendable (
      _ rows: Int, _ columns: Int, _ x: Input, _ stride: Int, _ y: Output, _ accumulate: Bool
    ) -> Void
  /// y[r, c] = f(x[r, c], v) where v is a vector over rows or over columns.
  package typealias Broadcast =
    @Sendable (
      _ rows: Int, _ columns: Int, _ x: Input, _ xStride: Int, _ v: Input, _ y: Output,
      _ yStride: Int
    ) -> Void

  /// The name of the build, for records: "baseline", "haswell".
  package var name: String

  // MARK: - Elementwise functions
  package var exp: Unary
  package var log: Unary
  package var tanh: Unary
  /// 1 / (1 + exp(−x)).
  package var sigmoid: Unary
  /// log(1 + exp(x)), exact in both tails.
  package var softplus: Unary
  /// max(x, 0); NaN stays NaN.
  package var relu: Unary
  package var squareRoot: Unary
  package var reciprocal: Unary
  package var sin: Unary
  package var cos: Unary
  /// 1 where x > 0, else 0.
  package var isPositive: Unary

  // MARK: - Elementwise arithmetic
  package var add: Binary
  package var subtract: Binary
  package var multiply: Binary
  package var divide: Binary
  /// y[i] = constant · x[i].
  package var scale: WithConstant
  /// y[i] = x[i] + constant.
  package var addConstant: WithConstant
  /// y[i] += constant · x[i], one rounding (fused).
  package var addScaled: WithConstant
  /// y[i] = (a[i] + b[i]) + (c[i] + d[i]): two levels of the shard tree in one pass.
  package var addFour:
    @Sendable (_ n: Int, _ a: Input, _ b: Input, _ c: Input, _ d: Input, _ y: Output) -> Void

  // MARK: - Backward of activations: dx[i] = dy[i] · φ′, from the *output* y
  /// (n, y, dy, dx): dx = y > 0 ? dy : 0.
  package var reluBackward: Binary
  /// (n, y, dy, dx): dx = dy · (1 − y²).
  package var tanhBackward: Binary
  /// (n, y, dy, dx): dx = dy · y · (1 − y).
  package var sigmoidBackward: Binary

  // MARK: - Rows and columns
  /// y[r, c] = x[r, c] + v[c].
  package var addRowVector: Broadcast
  /// y[r, c] = x[r, c] · v[c].
  package var multiplyRowVector: Broadcast
  /// y[r, c] = x[r, c] + v[r].
  package var addColumnVector: Broadcast
  /// y[r, c] = x[r, c] · v[r].
  package var multiplyColumnVector: Broadcast
  /// y[c] = Σ_r x[r, c]. Rows are added in order.
  package var columnSums: Reduction
  /// y[r] = Σ_c x[r, c]. Fixed lane order.
  package var rowSums: Reduction
  /// y[r] = Σ_c x[r, c]². Fixed lane order.
  package var rowSquaredSums: Reduction
  /// y[r] = log Σ_c exp(x[r, c]), stable; −∞ entries count as zero weight, a row of −∞ gives −∞.
  package var rowLogSumExp: Reduction
  /// y = φ(x + bias), in place over a matrix. One kernel an activation.
  package var biasIdentity: Broadcast
  package var biasRelu: Broadcast
  package var biasTanh: Broadcast
  package var biasSigmoid: Broadcast

  // MARK: - Products whose operands fit the first-level cache
  /// C [m, n] = A · B, then its ending; n is a multiple of sixteen, B [k, n] and C have rows `ldb` and
  /// `ldc` apart. Each element is a chain of fused steps over the terms in order.
  package var smallProduct:
    @Sendable (
      _ m: Int, _ n: Int, _ k: Int, _ a: StridedMatrix<Scalar>, _ b: Input, _ ldb: Int,
      _ ending: ProductEnding<Scalar>, _ c: Output, _ ldc: Int
    ) -> Void

  // MARK: - Products with a matrix of one to four columns; all contiguous
  /// y = x · w + bias, rectified if asked for, x [rows, inputs] with one to four inputs.
  ///
  /// Each element is a chain of fused steps from the bias (0 where it is nil) on, input after input.
  package var narrowLinear:
    @Sendable (
      _ rows: Int, _ inputs: Int, _ columns: Int, _ x: Input, _ w: Input, _ bias: Input?,
      _ isRectified: Bool, _ y: Output
    ) -> Void
  /// y = x · wᵀ + bias, x [rows, inputs], w [outputs, inputs] with one to four outputs. Fixed lane order.
  package var rowDots:
    @Sendable (
      _ rows: Int, _ inputs: Int, _ outputs: Int, _ x: Input, _ w: Input, _ bias: Input?,
      _ y: Output
    ) -> Void
  /// y (+)= xᵀ · e, x [rows, narrow] with one to four columns, e [rows, columns], y [narrow, columns];
  /// or, transposed, y [columns, narrow]. Rows are added in order, then the sum to what y holds.
  package var narrowGradient:
    @Sendable (
      _ rows: Int, _ narrow: Int, _ columns: Int, _ x: Input, _ e: Input, _ isTransposed: Bool,
      _ y: Output, _ accumulate: Bool
    ) -> Void

  /// C_g = op(A_g) · op(B_g) for blocks that lie end to end, C_g [m, n], k terms; all contiguous. Each
  /// element is a chain of fused steps over the terms in order, or lane sums in a fixed order.
  package var blockProduct:
    @Sendable (
      _ groups: Int, _ m: Int, _ n: Int, _ k: Int, _ transposeA: Bool, _ transposeB: Bool,
      _ a: Input, _ b: Input, _ c: Output
    ) -> Void

  /// dx = dy · φ′(y) and sums[c] (+)= Σ_r dx[r, c], in one pass over a matrix.
  package typealias BackwardWithColumnSums =
    @Sendable (
      _ rows: Int, _ columns: Int, _ y: Input, _ yStride: Int, _ dy: Input, _ dyStride: Int,
      _ dx: Output, _ dxStride: Int, _ sums: Output, _ accumulate: Bool
    ) -> Void
  package var reluBackwardWithColumnSums: BackwardWithColumnSums
  package var tanhBackwardWithColumnSums: BackwardWithColumnSums
  package var sigmoidBackwardWithColumnSums: BackwardWithColumnSums
  /// y[r, c] (+)= x[r, c] between two strides.
  package var copyMatrix:
    @Sendable (
      _ rows: Int, _ columns: Int, _ x: Input, _ xStride: Int, _ y: Output, _ yStride: Int,
      _ accumulate: Bool
    ) -> Void
  /// y[c, r] = x[r, c], x is rows × columns and contiguous.
  package var transpose: @Sendable (_ rows: Int, _ columns: Int, _ x: Input, _ y: Output) -> Void
  /// Σ x[i]², fixed lane order.
  package var squaredNorm: @Sendable (_ n: Int, _ x: Input) -> Scalar

  // MARK: - Affine coupling (Dinh et al., 2017), c transformed columns
  /// s = bound · tanh(raw[r, j] / bound), t = raw[r, c + j] for j < c; `raw` is rows × 2c, contiguous.
  ///
  /// Apply: y = x · exp(s) + t and logDet[r] = Σ_j s. Invert: y = (x − t) · exp(−s) and
  /// logDet[r] = −Σ_j s. `logScale` (rows × c, contiguous) receives s, `scale` exp(±s).
  package typealias Coupling =
    @Sendable (
      _ rows: Int, _ c: Int, _ bound: Scalar, _ x: Input, _ xStride: Int, _ raw: Input,
      _ y: Output, _ yStride: Int, _ logScale: Output, _ scale: Output, _ logDet: Output
    ) -> Void
  package var couplingApply: Coupling
  package var couplingInvert: Coupling
  /// Given dy (rows × c, strided) and dLogDet (rows), writes dx (strided; may be dy) and
  /// draw (rows × 2c, contiguous).
  ///
  /// Apply: dx = dy·e, dt = dy, ds = dy·x·e + dl, with e = exp(s) and the input x.
  /// Invert: dx = dy·e, dt = −dy·e, ds = −dy·y − dl, with e = exp(−s) and the output y.
  /// Both: draw = [ds · (1 − (s/bound)²), dt].
  package typealias CouplingBackward =
    @Sendable (
      _ rows: Int, _ c: Int, _ bound: Scalar, _ saved: Input, _ savedStride: Int,
      _ logScale: Input, _ scale: Input, _ dy: Input, _ dyStride: Int, _ dLogDet: Input,
      _ dx: Output, _ dxStride: Int, _ draw: Output
    ) -> Void
  /// `saved` is the input x.
  package var couplingApplyBackward: CouplingBackward
  /// `saved` is the output y.
  package var couplingInvertBackward: CouplingBackward

  // MARK: - Rational-quadratic splines (Durkan et al., 2019), c transformed columns
  /// `raw` is rows × c · (3K − 1), contiguous, the numbers of each column together (``SplineShape``).
  ///
  /// Apply: y = f(x) and logDet[r] = Σ_j log f′. Invert: y = f⁻¹(x) and logDet[r] = Σ_j log (f⁻¹)′.
  package typealias Spline =
    @Sendable (
      _ rows: Int, _ c: Int, _ shape: SplineShape<Scalar>, _ x: Input, _ xStride: Int, _ raw: Input,
      _ y: Output, _ yStride: Int, _ logDet: Output
    ) -> Void
  package var splineApply: Spline
  package var splineInvert: Spline
  /// Given dy (rows × c, strided) and dLogDet (rows), writes dx (strided; may be dy) and draw
  /// (like `raw`). `saved` is the number on f's input side: x of apply, y of invert.
  package typealias SplineBackward =
    @Sendable (
      _ rows: Int, _ c: Int, _ shape: SplineShape<Scalar>, _ saved: Input, _ savedStride: Int,
      _ raw: Input, _ dy: Input, _ dyStride: Int, _ dLogDet: Input, _ dx: Output, _ dxStride: Int,
      _ draw: Output
    ) -> Void
  package var splineApplyBackward: SplineBackward
  package var splineInvertBackward: SplineBackward

  // MARK: - Optimizers
  package var adam:
    @Sendable (_ n: Int, _ step: AdamStep<Scalar>, _ arrays: AdamArrays<Scalar>) -> Void
  /// average[i] += rate · (x[i] − average[i]), fused.
  package var movingAverage: WithConstant
}

/// The scalars of one Adam or AdamW step (Kingma & Ba, 2015; Loshchilov & Hutter, 2019).
package struct AdamStep<Scalar: Sendable>: Sendable {
  package var learningRate: Scalar
  package var beta1: Scalar
  package var beta2: Scalar
  package var epsilon: Scalar
  /// 1 / (1 − beta1^t) and 1 / (1 − beta2^t).
  package var correction1: Scalar
  package var correction2: Scalar
  /// Decoupled weight decay, already multiplied by the learning rate; 0 for Adam.
  package var decay: Scalar
  /// The gradient is multiplied by this first (1, or the clipping factor).
  package var gradientScale: Scalar

  package init(
    learningRate: Scalar, beta1: Scalar, beta2: Scalar, epsilon: Scalar, correction1: Scalar,
    correction2: Scalar, decay: Scalar, gradientScale: Scalar
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.correction1 = correction1
    self.correction2 = correction2
    self.decay = decay
    self.gradientScale = gradientScale
  }
}

/// The four arrays that an Adam step reads and updates in place, [n] each.
package struct AdamArrays<Scalar> {
  package var parameters: UnsafeMutablePointer<Scalar>
  package var gradient: UnsafePointer<Scalar>
  package var firstMoment: UnsafeMutablePointer<Scalar>
  package var secondMoment: UnsafeMutablePointer<Scalar>

  package init(
    parameters: UnsafeMutablePointer<Scalar>, gradient: UnsafePointer<Scalar>,
    firstMoment: UnsafeMutablePointer<Scalar>, secondMoment: UnsafeMutablePointer<Scalar>
  ) {
    self.parameters = parameters
    self.gradient = gradient
    self.firstMoment = firstMoment
    self.secondMoment = secondMoment
  }
}

/// A matrix with any distance between rows and between the elements of a row: as it lies, or transposed.
package struct StridedMatrix<Scalar> {
  package let start: UnsafePointer<Scalar>
  package let rowStride: Int
  /// Elements between two columns, which are the terms of a product's sums.
  package let termStride: Int

  package init(_ start: UnsafePointer<Scalar>, rowStride: Int, termStride: Int) {
    self.start = start
    self.rowStride = rowStride
    self.termStride = termStride
  }
}

/// What happens to the sums of a product before they are stored.
package struct ProductEnding<Scalar> {
  /// [n], added to each row; nil for none.
  package let bias: UnsafePointer<Scalar>?
  /// With a bias: negative elements become zero.
  package let isRectified: Bool
  /// Without a bias: the sums are added to what the result holds.
  package let accumulates: Bool

  package init(bias: UnsafePointer<Scalar>, isRectified: Bool) {
    self.bias = bias
    self.isRectified = isRectified
    accumulates = false
  }

  package init(accumulates: Bool) {
    bias = nil
    isRectified = false
    self.accumulates = accumulates
  }
}
