/// The closed set of operations of a tape.
///
/// Each has a forward kernel (``Tape/executeSegments(_:)``), a reverse rule and a tangent rule written
/// in terms of operations (`Differentiation/`), so that derivatives can be differentiated again. Those
/// marked "last sweep" are fused backward kernels of a sweep that nobody differentiates; they have no
/// rules.
enum Operation: UInt8 {
  // Elementwise, [R, C] → [R, C]
  case exp, log, tanh, sigmoid, softplus, relu, squareRoot, reciprocal, sin, cos
  /// 1 where x > 0; derivative zero.
  case isPositive
  /// `scalar` · x and x + `scalar`.
  case scale, addConstant
  case add, subtract, multiply, divide
  /// The value, cut off from differentiation.
  case stopGradient
  /// The value, with a reverse rule of the caller; `first` is its index.
  case replaceDerivative
  /// The same elements in another shape.
  case reshape

  // Rows and columns
  case addRowVector, multiplyRowVector, addColumnVector, multiplyColumnVector
  /// [R, C] → [1, C], [R, C] → [R, 1].
  case columnSums, rowSums, rowSquaredSums, rowLogSumExp
  /// [1, C] → [R, C], [R, 1] → [R, C].
  case broadcastRows, broadcastColumns
  /// Columns `first ..< first + columns`; the reverse, zeros elsewhere.
  case columns, padColumns
  case concatenateColumns
  /// y[r, j] = x[r, index[j]].
  case permuteColumns
  /// y[r] = x[index[r]], zeros for −1; its adjoint. `first` is where the index starts (`Blocks/`).
  case gatherRows, scatterRows

  // Linear algebra
  /// op(a) · op(b); `first` bit 0 transposes a, bit 1 transposes b.
  case matmul
  /// op(a_g) · op(b_g) for blocks that lie one below the other, and X_g with X_g · op(M_g) = B_g;
  /// `first` is an encoded ``BlockForm``.
  case batchedMatmul, batchedSolve
  /// The same for blocks with numbers of rows of their own; `first` is where the integers say a
  /// ``GroupForm`` and the numbers (`Blocks/`).
  case groupedMatmul
  /// Of `first` blocks that lie one below the other.
  case transpose
  /// X with X · op(T) = B; `first` bit 0 transposes T, bit 1 says upper, bit 2 says unit diagonal.
  case triangularSolve
  /// Outputs X⁻¹ and log |det X|.
  case inverse

  // Fused
  /// φ(x · W + b); `first` is the activation.
  case linear
  /// Outputs y, log-scale, scale, log-determinant; `first` is the first transformed column.
  case couplingApply, couplingInvert
  /// Outputs y, log-determinant; `first` is where the integers say columns and bins (`Splines/`).
  case splineApply, splineInvert
  /// Products with a packed staircase weight; `first` is the encoded pattern (`Staircase/`).
  case staircaseLinear, staircaseInputGradient, staircaseWeightGradient, staircaseMask
  /// A function of the caller on plain memory; not differentiable. `first` is its index.
  case host

  // Last sweep
  /// (y, dy) → dy · φ′(y) and its column sums.
  case activationBackward
  case couplingApplyBackward, couplingInvertBackward
  /// a with b added to its columns from `first` on.
  case addToColumns
  case splineApplyBackward, splineInvertBackward
  /// The blocks of a packed staircase weight, transposed.
  case staircaseTranspose
}

/// One operation on a tape: trivial, flat, visited once a shard in each run.
struct Record {
  var operation: Operation
  /// Input slots, −1 where there is none.
  var a: Int32 = -1
  var b: Int32 = -1
  var c: Int32 = -1
  var d: Int32 = -1
  var e: Int32 = -1
  /// Output slots, −1 where there is none.
  var y: Int32 = -1
  var y2: Int32 = -1
  var y3: Int32 = -1
  var y4: Int32 = -1
  var first = 0
  var scalar = 0.0
  /// All inputs are the same on all shards: runs once a segment and not once a shard.
  var isCommon = false
  /// An output is a paired leaf.
  var writesPairedLeaf = false
  /// Index of the scope's name.
  var scope: Int32 = 0

  /// Calls `body` with each input slot.
  @inline(__always)
  func forEachInput(_ body: (Int32) -> Void) {
    if a >= 0 { body(a) }
    if b >= 0 { body(b) }
    if c >= 0 { body(c) }
    if d >= 0 { body(d) }
    if e >= 0 { body(e) }
  }

  /// Calls `body` with each output slot.
  @inline(__always)
  func forEachOutput(_ body: (Int32) -> Void) {
    if y >= 0 { body(y) }
    if y2 >= 0 { body(y2) }
    if y3 >= 0 { body(y3) }
    if y4 >= 0 { body(y4) }
  }
}
