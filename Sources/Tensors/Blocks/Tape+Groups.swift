/// Which product of a grouped one: a group g has R_g rows, numbers of its own.
enum GroupForm: Int32 {
  /// a_g · b_g, [ΣR, K] · [G·K, N] → [ΣR, N].
  case product
  /// a_g · b_gᵀ, [ΣR, K] · [G·N, K] → [ΣR, N].
  case productWithTransposed
  /// a_gᵀ · b_g, [ΣR, K] · [ΣR, N] → [G·K, N].
  case transposedProduct
}

extension Tape {
  /// a_g · b_g for G groups of rows that lie one below the other, group g with R_g rows of a and all
  /// with a block [K, N] of b: [ΣR, K] · [G·K, N] → [ΣR, N].
  ///
  /// Where all groups have as many rows it is ``batchedMatmul(_:_:groups:transposeA:transposeB:)``.
  /// - Complexity: ΣR·K·N products.
  package func groupedMatmul(_ a: Value, _ b: Value, rowCounts: [Int]) -> Value {
    grouped(.product, a, b, rowCounts: rowCounts)
  }

  func grouped(_ form: GroupForm, _ a: Value, _ b: Value, rowCounts: [Int]) -> Value {
    let (sa, sb, groups) = (shape(of: a), shape(of: b), rowCounts.count)
    let rows = rowCounts.reduce(0, +)
    let fits =
      switch form {
      case .product: sb.rows == groups * sa.columns
      case .productWithTransposed: sb.columns == sa.columns && sb.rows % groups == 0
      case .transposedProduct: sb.rows == rows
      }
    precondition(
      groups > 0 && rowCounts.allSatisfy { $0 > 0 } && sa.rows == rows && fits,
      "groupedMatmul: \(sa) and \(sb) do not fall into groups of \(rowCounts) rows")
    let start = integers.count
    integers.append(contentsOf: [form.rawValue, Int32(groups)] + rowCounts.map(Int32.init))
    let shape =
      switch form {
      case .product: Shape(rows, sb.columns)
      case .productWithTransposed: Shape(rows, sb.rows / groups)
      case .transposedProduct: Shape(groups * sa.columns, sb.columns)
      }
    return emit(.groupedMatmul, a, b, shape: shape, first: start)
  }

  /// What a grouped product was recorded with.
  func groups(of record: Record) -> (form: GroupForm, rowCounts: [Int]) {
    integers.withUnsafeBufferPointer { integers in
      let (form, counts) = groupCounts(at: integers.baseAddress! + record.first)
      return (form, counts.map(Int.init))
    }
  }

  /// The same in memory, at the integer where it starts.
  func groupCounts(
    at start: UnsafePointer<Int32>
  ) -> (form: GroupForm, rowCounts: UnsafeBufferPointer<Int32>) {
    guard let form = GroupForm(rawValue: start[0]) else {
      preconditionFailure("no grouped product starts here")
    }
    return (form, UnsafeBufferPointer(start: start + 2, count: Int(start[1])))
  }

  func isCommon(_ value: Value) -> Bool { slots[Int(value.index)].isCommon }
}
