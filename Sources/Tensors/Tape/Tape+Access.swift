extension Tape {
  // MARK: - Values from outside

  /// A matrix that the caller fills for each shard before a run, [rows, columns].
  ///
  /// - Parameter isDifferentiable: whether derivatives with respect to it may be asked for.
  package func input(_ rows: Int, _ columns: Int, isDifferentiable: Bool = false) -> Value {
    let slot = makeSlot(.input, Shape(rows, columns), isDifferentiable: isDifferentiable)
    let stride = Arena<Scalar>.rounded(rows * columns)
    slots[Int(slot)].pointer = arena.allocate(stride * shardCount)
    slots[Int(slot)].shardStride = stride
    slots[Int(slot)].isKept = true
    return Value(slot)
  }

  /// An input filled with the same row-major numbers on every shard.
  package func input(
    _ shape: Shape, repeating values: [Scalar], isDifferentiable: Bool = true
  ) -> Value {
    precondition(
      values.count == shape.count, "expected \(shape.count) numbers, got \(values.count)")
    let value = input(shape.rows, shape.columns, isDifferentiable: isDifferentiable)
    for shard in 0..<shardCount {
      pointer(to: value, shard: shard).update(from: values, count: values.count)
    }
    return value
  }

  /// A constant, the same on all shards.
  package func constant(_ rows: Int, _ columns: Int, _ values: [Scalar]) -> Value {
    precondition(
      values.count == rows * columns, "expected \(rows * columns) numbers, got \(values.count)")
    let slot = makeSlot(.shared, Shape(rows, columns), isDifferentiable: false)
    let memory = arena.allocate(values.count)
    memory.update(from: values, count: values.count)
    slots[Int(slot)].pointer = memory
    slots[Int(slot)].isKept = true
    return Value(slot)
  }

  /// A constant with all elements equal.
  package func constant(_ rows: Int, _ columns: Int, repeating value: Scalar) -> Value {
    constant(rows, columns, Array(repeating: value, count: rows * columns))
  }

  /// Memory of the caller, the same for all shards, read in place at each run.
  ///
  /// The memory must outlive the tape's use of it.
  package func shared(_ rows: Int, _ columns: Int, at pointer: UnsafeMutablePointer<Scalar>)
    -> Value
  {
    let slot = makeSlot(.shared, Shape(rows, columns), isDifferentiable: false)
    slots[Int(slot)].pointer = pointer
    slots[Int(slot)].isKept = true
    return Value(slot)
  }

  /// A parameter. The same handle gives the same value.
  package func value(of parameter: Parameter) -> Value {
    if let slot = parameterSlots[parameter.offset] { return Value(slot) }
    guard let parameters else { preconditionFailure("this tape was made without parameters") }
    precondition(
      parameter.offset + parameter.count <= parameters.count,
      "parameter at \(parameter.range) lies outside the buffer of \(parameters.count)")
    let slot = makeSlot(
      .parameter, Shape(parameter.rows, parameter.columns), isDifferentiable: true)
    slots[Int(slot)].pointer = parameters.pointer + parameter.offset
    slots[Int(slot)].parameterOffset = parameter.offset
    slots[Int(slot)].isKept = true
    parameterSlots[parameter.offset] = slot
    return Value(slot)
  }

  // MARK: - Reading

  /// Whether any recorded operation reads a value.
  package func isRead(_ value: Value) -> Bool { slots[Int(value.index)].lastRecord >= 0 }

  /// The memory of a value on one shard, row-major. It must not escape the use of the tape.
  package func pointer(to value: Value, shard: Int) -> UnsafeMutablePointer<Scalar> {
    let slot = slots[Int(value.index)]
    precondition(shard >= 0 && shard < shardCount, "shard \(shard) of \(shardCount)")
    guard let pointer = slot.pointer else {
      preconditionFailure(
        "value \(value.index) \(slot.shape) is read before the run that computes it")
    }
    precondition(slot.kind != .computed || slot.isKept || keepsEverything, "the value was not kept")
    return pointer + shard * slot.shardStride
  }

  /// A copy of a value on one shard, row-major.
  package func elements(of value: Value, shard: Int = 0) -> [Scalar] {
    let start = pointer(to: value, shard: shard)
    return Array(UnsafeBufferPointer(start: start, count: slots[Int(value.index)].shape.count))
  }

  /// The first value, in order of recording, that holds a NaN or an infinity after a run.
  ///
  /// For a tape that keeps everything. −∞ is looked for only where there is nothing worse: as a log-weight
  /// it is the honest value of an empty place.
  package func firstNonFinite() -> NonFiniteFinding? {
    firstValue { $0.isNaN || $0 == .infinity } ?? firstValue { !$0.isFinite }
  }

  private func firstValue(where isBroken: (Scalar) -> Bool) -> NonFiniteFinding? {
    for record in records {
      var finding: NonFiniteFinding?
      record.forEachOutput { output in
        if finding == nil { finding = self.finding(in: output, of: record, isBroken) }
      }
      if let finding { return finding }
    }
    return nil
  }

  private func finding(
    in output: Int32, of record: Record, _ isBroken: (Scalar) -> Bool
  ) -> NonFiniteFinding? {
    let slot = slots[Int(output)]
    guard let start = slot.pointer else { return nil }
    for shard in 0..<(slot.shardStride == 0 ? 1 : shardCount) {
      let values = start + shard * slot.shardStride
      let rows = (0..<slot.rows).filter { row in
        (0..<slot.columns).contains { isBroken(values[row * slot.columns + $0]) }
      }
      if rows.isEmpty { continue }
      return NonFiniteFinding(
        scope: scopeNames[Int(record.scope)], operation: "\(record.operation)", shard: shard,
        rows: rows, rowCount: slot.rows)
    }
    return nil
  }
}

/// Where a NaN or an infinity first appeared.
package struct NonFiniteFinding: Sendable, Equatable {
  /// Dotted names of the layers around the operation.
  package let scope: String
  package let operation: String
  /// Local shard, and the rows of the value on it.
  package let shard: Int
  package let rows: [Int]
  /// Rows that the value has; a batch-shaped value has one a sample.
  package let rowCount: Int
}
