// Products and solutions of blocks have the rules of one matrix, block by block; rows that are gathered
// forward are scattered back, and the other way round.

extension ReverseSweep {
  /// Records the vector-Jacobian product of an operation on blocks of rows.
  func emitBlocks(_ record: Record) {
    guard let d = arrived(at: record.y) else { return }
    let shape = tape.shape(of: Value(record.a))
    switch record.operation {
    case .gatherRows:
      add(tape.emit(.scatterRows, d, shape: shape, first: record.first), to: record.a)
    case .scatterRows:
      add(tape.emit(.gatherRows, d, shape: shape, first: record.first), to: record.a)
    case .batchedMatmul: emitProduct(record, d)
    case .groupedMatmul: emitGroups(record, d)
    default: emitSolution(record, d)
    }
  }

  /// The gradient of each form of a grouped product is made of the two others, see ``GroupForm``.
  private func emitGroups(_ record: Record, _ d: Value) {
    let (a, b) = (Value(record.a), Value(record.b))
    let (form, counts) = tape.groups(of: record)
    func product(_ form: GroupForm, _ a: Value, _ b: Value) -> Value {
      tape.grouped(form, a, b, rowCounts: counts)
    }
    switch form {
    case .product:
      add(
        tape.isCommon(b)
          ? product(.product, d, transposed(b, groups: counts.count))
          : product(.productWithTransposed, d, b), to: record.a)
      add(product(.transposedProduct, a, d), to: record.b)
    case .productWithTransposed:
      add(product(.product, d, b), to: record.a)
      add(product(.transposedProduct, d, a), to: record.b)
    case .transposedProduct:
      add(product(.productWithTransposed, b, d), to: record.a)
      add(product(.product, a, d), to: record.b)
    }
  }

  private func emitProduct(_ record: Record, _ d: Value) {
    let (a, b) = (Value(record.a), Value(record.b))
    let form = BlockForm(code: record.first)
    let (ta, tb, groups) = (form.transposeA, form.transposeB, form.groups)
    add(
      ta
        ? tape.batchedMatmul(b, d, groups: groups, transposeA: tb, transposeB: true)
        : tape.batchedMatmul(d, b, groups: groups, transposeB: !tb), to: record.a)
    add(
      tb
        ? tape.batchedMatmul(d, a, groups: groups, transposeA: true, transposeB: ta)
        : tape.batchedMatmul(a, d, groups: groups, transposeA: !ta), to: record.b)
  }

  /// X · op(M) = B: B̄ · op(M)ᵀ = X̄, M̄ = −Xᵀ · B̄ or, with M transposed, −B̄ᵀ · X.
  private func emitSolution(_ record: Record, _ d: Value) {
    let form = BlockForm(code: record.first)
    let db = tape.batchedSolve(
      d, Value(record.b), groups: form.groups, transposed: !form.transposeB)
    add(db, to: record.a)
    let x = Value(record.y)
    add(
      tape.negate(
        form.transposeB
          ? tape.batchedMatmul(db, x, groups: form.groups, transposeA: true)
          : tape.batchedMatmul(x, db, groups: form.groups, transposeA: true)), to: record.b)
  }
}

extension TangentSweep {
  /// Records the Jacobian-vector product of an operation on blocks of rows.
  func emitBlocks(_ record: Record) {
    let (da, db) = (
      tangent(of: Value(record.a)), record.b >= 0 ? tangent(of: Value(record.b)) : nil
    )
    let (a, b, y) = (Value(record.a), record.b, Value(record.y))
    let form = BlockForm(code: record.first)
    switch record.operation {
    case .gatherRows, .scatterRows:
      set(
        record.y,
        da.map { tape.emit(record.operation, $0, shape: tape.shape(of: y), first: record.first) })
    case .batchedMatmul:
      func product(_ a: Value, _ b: Value) -> Value {
        tape.batchedMatmul(
          a, b, groups: form.groups, transposeA: form.transposeA, transposeB: form.transposeB)
      }
      set(record.y, da.map { product($0, Value(b)) }, db.map { product(a, $0) })
    case .groupedMatmul:
      let (form, counts) = tape.groups(of: record)
      set(
        record.y, da.map { tape.grouped(form, $0, Value(b), rowCounts: counts) },
        db.map { tape.grouped(form, a, $0, rowCounts: counts) })
    default:
      // dX = (dB − X · d op(M)) · op(M)⁻¹.
      let moved = db.map {
        tape.negate(
          tape.batchedMatmul(y, $0, groups: form.groups, transposeB: form.transposeB))
      }
      guard let right = da.map({ d in moved.map { tape.add(d, $0) } ?? d }) ?? moved else { return }
      set(
        record.y,
        tape.batchedSolve(right, Value(b), groups: form.groups, transposed: form.transposeB))
    }
  }
}
