extension Tape {
  // MARK: - Blocks of rows

  /// op(a_g) · op(b_g) for G blocks that lie one below the other, [G·R, K] · [G·K, N] → [G·R, N].
  ///
  /// A transposition is one within each block: with `transposeA`, a is [G·K, R]; with `transposeB`, b
  /// is [G·N, K].
  /// - Complexity: G·R·K·N products.
  package func batchedMatmul(
    _ a: Value, _ b: Value, groups: Int, transposeA: Bool = false, transposeB: Bool = false
  ) -> Value {
    let (sa, sb) = (shape(of: a), shape(of: b))
    precondition(
      groups > 0 && sa.rows % groups == 0 && sb.rows % groups == 0,
      "batchedMatmul: \(sa) and \(sb) do not fall into \(groups) blocks of rows")
    let (ra, rb) = (sa.rows / groups, sb.rows / groups)
    let (rows, inner) = transposeA ? (sa.columns, ra) : (ra, sa.columns)
    let (inner2, columns) = transposeB ? (sb.columns, rb) : (rb, sb.columns)
    precondition(
      inner == inner2,
      "batchedMatmul: inner extents differ: \(groups) blocks of \(sa) and \(sb)"
        + (transposeA ? ", first transposed" : "") + (transposeB ? ", second transposed" : ""))
    return emit(
      .batchedMatmul, a, b, shape: Shape(groups * rows, columns),
      first: BlockForm(groups: groups, transposeA: transposeA, transposeB: transposeB).code)
  }

  /// X_g with X_g · op(M_g) = B_g for G blocks, B [G·R, D], M [G·D, D] → [G·R, D].
  ///
  /// By elimination with partial pivoting. A singular block gives infinities or NaN.
  /// - Complexity: G·(D³/3 + R·D²) products.
  package func batchedSolve(
    _ b: Value, _ matrix: Value, groups: Int, transposed: Bool = false
  ) -> Value {
    let (sb, size) = (shape(of: b), shape(of: b).columns)
    precondition(
      groups > 0 && sb.rows % groups == 0 && shape(of: matrix) == Shape(groups * size, size),
      "batchedSolve: \(groups) blocks of \(sb) need matrices [\(groups * size), \(size)], got "
        + "\(shape(of: matrix))")
    return emit(
      .batchedSolve, b, matrix, shape: sb,
      first: BlockForm(groups: groups, transposeB: transposed).code)
  }

  /// y[r] = x[index[r]], a row of zeros where the index is −1; [R, C] → [index.count, C].
  package func gatherRows(_ x: Value, _ index: [Int]) -> Value {
    let shape = shape(of: x)
    precondition(
      !index.isEmpty && index.allSatisfy { $0 >= -1 && $0 < shape.rows },
      "gatherRows: expected rows from −1 to \(shape.rows - 1), got \(Set(index).sorted())")
    return emit(
      .gatherRows, x, shape: Shape(index.count, shape.columns), first: store(index))
  }

  /// y[index[r]] += x[r] from zero; rows with index −1 go nowhere. [index.count, C] → [rows, C].
  ///
  /// The adjoint of ``gatherRows(_:_:)``.
  package func scatterRows(_ x: Value, _ index: [Int], rows: Int) -> Value {
    let shape = shape(of: x)
    precondition(
      index.count == shape.rows && index.allSatisfy { $0 >= -1 && $0 < rows },
      "scatterRows: expected \(shape.rows) targets from −1 to \(rows - 1), got \(index.count): "
        + "\(Set(index).sorted())")
    return emit(.scatterRows, x, shape: Shape(rows, shape.columns), first: store(index))
  }

  private func store(_ index: [Int]) -> Int {
    let start = integers.count
    integers.append(contentsOf: index.map(Int32.init))
    return start
  }
}

/// How many blocks an operation has and which operands are transposed, in one integer.
struct BlockForm {
  let groups: Int
  var transposeA = false
  var transposeB = false

  init(groups: Int, transposeA: Bool = false, transposeB: Bool = false) {
    self.groups = groups
    self.transposeA = transposeA
    self.transposeB = transposeB
  }

  init(code: Int) {
    self.init(groups: code >> 2, transposeA: code & 1 != 0, transposeB: code & 2 != 0)
  }

  var code: Int { (groups << 2) + (transposeA ? 1 : 0) + (transposeB ? 2 : 0) }
}
