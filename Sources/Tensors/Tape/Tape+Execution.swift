import BLAS
import KernelInterface
import Kernels

extension Tape {
  /// Runs planned segments: each shard by shard, then the sums of its leaves.
  func executeSegments(_ range: Range<Int>) {
    let kernels = Scalar.kernels
    slots.withUnsafeBufferPointer { slots in
      records.withUnsafeBufferPointer { records in
        for index in range {
          let segment = segments[index]
          for shard in 0..<shardCount {
            let machine = Machine(
              slots: slots.baseAddress!, shard: shard, kernels: kernels, tape: self)
            for record in segment.records { machine.execute(records[record]) }
          }
          for leaf in segment.leaves { sum(leaf, slots[Int(leaf.slot)], kernels) }
        }
      }
    }
  }

  /// Adds the leaves of the shards along the tree, into the sink's partial sums.
  private func sum(_ leaf: LeafSum, _ slot: Slot<Scalar>, _ kernels: KernelTable<Scalar>) {
    guard let sink else { preconditionFailure("a tape with leaves needs a sink before it runs") }
    for (partial, shards) in zip(sink.partials, sink.subtrees) {
      treeSum(
        leaf.count, slot.pointer! + shards.lowerBound * slot.shardStride, slot.shardStride,
        shards.count, into: partial + leaf.destination, kernels)
    }
  }

  /// The sum of `leaves` vectors along a binary tree; overwrites the leaves.
  private func treeSum(
    _ n: Int, _ x: UnsafeMutablePointer<Scalar>, _ stride: Int, _ leaves: Int,
    into y: UnsafeMutablePointer<Scalar>, _ kernels: KernelTable<Scalar>
  ) {
    switch leaves {
    case 1: y.update(from: x, count: n)
    case 2: kernels.add(n, x, x + stride, y)
    case 4: kernels.addFour(n, x, x + stride, x + 2 * stride, x + 3 * stride, y)
    default:
      let half = leaves / 2
      let right = x + half * stride
      treeSum(n, x, stride, half, into: y, kernels)
      treeSum(n, right, stride, half, into: right, kernels)
      kernels.add(n, y, right, y)
    }
  }
}

/// Executes records on one shard.
struct Machine<Scalar: TensorScalar> {
  let slots: UnsafePointer<Slot<Scalar>>
  let shard: Int
  let kernels: KernelTable<Scalar>
  let tape: Tape<Scalar>

  @inline(__always)
  private func pointer(_ slot: Int32) -> UnsafeMutablePointer<Scalar> {
    let slot = slots + Int(slot)
    return slot.pointee.pointer.unsafelyUnwrapped + shard * slot.pointee.shardStride
  }

  func execute(_ record: Record) {
    let x = pointer(record.a >= 0 ? record.a : record.y)
    let y = pointer(record.y)
    let input = slots[Int(record.a >= 0 ? record.a : record.y)]
    let output = slots[Int(record.y)]
    let (rows, columns) = (input.rows, input.columns)
    let n = rows * columns
    switch record.operation {
    case .exp: kernels.exp(n, x, y)
    case .log: kernels.log(n, x, y)
    case .tanh: kernels.tanh(n, x, y)
    case .sigmoid: kernels.sigmoid(n, x, y)
    case .softplus: kernels.softplus(n, x, y)
    case .relu: kernels.relu(n, x, y)
    case .squareRoot: kernels.squareRoot(n, x, y)
    case .reciprocal: kernels.reciprocal(n, x, y)
    case .sin: kernels.sin(n, x, y)
    case .cos: kernels.cos(n, x, y)
    case .isPositive: kernels.isPositive(n, x, y)
    case .scale: kernels.scale(n, x, Scalar(record.scalar), y)
    case .addConstant: kernels.addConstant(n, x, Scalar(record.scalar), y)
    case .add: kernels.add(n, x, pointer(record.b), y)
    case .subtract: kernels.subtract(n, x, pointer(record.b), y)
    case .multiply: kernels.multiply(n, x, pointer(record.b), y)
    case .divide: kernels.divide(n, x, pointer(record.b), y)
    case .stopGradient, .reshape: if x != y { y.update(from: x, count: n) }
    case .addRowVector:
      kernels.addRowVector(rows, columns, x, columns, pointer(record.b), y, columns)
    case .multiplyRowVector:
      kernels.multiplyRowVector(rows, columns, x, columns, pointer(record.b), y, columns)
    case .addColumnVector:
      kernels.addColumnVector(rows, columns, x, columns, pointer(record.b), y, columns)
    case .multiplyColumnVector:
      kernels.multiplyColumnVector(rows, columns, x, columns, pointer(record.b), y, columns)
    case .columnSums: kernels.columnSums(rows, columns, x, columns, y, false)
    case .rowSums: kernels.rowSums(rows, columns, x, columns, y, false)
    case .rowSquaredSums: kernels.rowSquaredSums(rows, columns, x, columns, y, false)
    case .rowLogSumExp: kernels.rowLogSumExp(rows, columns, x, columns, y, false)
    case .broadcastRows:
      for row in 0..<output.rows { (y + row * columns).update(from: x, count: columns) }
    case .broadcastColumns:
      for row in 0..<rows {
        (y + row * output.columns).update(repeating: x[row], count: output.columns)
      }
    case .columns:
      kernels.copyMatrix(
        rows, output.columns, x + record.first, columns, y, output.columns, false)
    case .padColumns:
      y.update(repeating: 0, count: output.rows * output.columns)
      kernels.copyMatrix(rows, columns, x, columns, y + record.first, output.columns, false)
    case .concatenateColumns:
      let second = slots[Int(record.b)].columns
      kernels.copyMatrix(rows, columns, x, columns, y, output.columns, false)
      kernels.copyMatrix(
        rows, second, pointer(record.b), second, y + columns, output.columns, false)
    case .permuteColumns: permute(record, x, y, rows, columns)
    case .matmul: matmul(record, x, y, input, output)
    case .transpose: kernels.transpose(rows, columns, x, y)
    case .triangularSolve:
      if x != y { y.update(from: x, count: n) }
      Scalar.trsm(
        side: .right, triangle: record.first & 2 != 0 ? .upper : .lower,
        transposeA: record.first & 1 != 0, unitDiagonal: record.first & 4 != 0, m: rows, n: columns,
        alpha: 1, a: pointer(record.b), lda: columns, b: y, ldb: columns)
    case .linear: linear(record, x, y, input, output)
    case .couplingApply, .couplingInvert: coupling(record, x, y, rows, columns)
    case .host: host(record)
    case .activationBackward: activationBackward(record, x, y, rows, columns)
    case .couplingApplyBackward, .couplingInvertBackward:
      couplingBackward(record, y, rows, columns)
    }
  }

  private func permute(
    _ record: Record, _ x: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>, _ rows: Int,
    _ columns: Int
  ) {
    tape.integers.withUnsafeBufferPointer { integers in
      for row in 0..<rows {
        for column in 0..<columns {
          y[row * columns + column] = x[row * columns + Int(integers[record.first + column])]
        }
      }
    }
  }

  private func matmul(
    _ record: Record, _ x: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>,
    _ input: Slot<Scalar>, _ output: Slot<Scalar>
  ) {
    let transposeA = record.first & 1 != 0
    let b = slots[Int(record.b)]
    Scalar.gemm(
      transposeA: transposeA, transposeB: record.first & 2 != 0, m: output.rows, n: output.columns,
      k: transposeA ? input.rows : input.columns, alpha: 1, a: x, lda: input.columns,
      b: pointer(record.b), ldb: b.columns, beta: 0, c: y, ldc: output.columns)
  }

  private func linear(
    _ record: Record, _ x: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>,
    _ input: Slot<Scalar>, _ output: Slot<Scalar>
  ) {
    let (rows, columns) = (output.rows, output.columns)
    Scalar.gemm(
      transposeA: false, transposeB: false, m: rows, n: columns, k: input.columns, alpha: 1, a: x,
      lda: input.columns, b: pointer(record.b), ldb: columns, beta: 0, c: y, ldc: columns)
    let bias = UnsafePointer(pointer(record.c))
    switch record.first {
    case 1: kernels.biasRelu(rows, columns, y, columns, bias, y, columns)
    case 2: kernels.biasTanh(rows, columns, y, columns, bias, y, columns)
    case 3: kernels.biasSigmoid(rows, columns, y, columns, bias, y, columns)
    default: kernels.biasIdentity(rows, columns, y, columns, bias, y, columns)
    }
  }

  private func coupling(
    _ record: Record, _ x: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>, _ rows: Int,
    _ columns: Int
  ) {
    let c = slots[Int(record.y2)].columns
    let (start, end) = (record.first, record.first + c)
    if start > 0 { kernels.copyMatrix(rows, start, x, columns, y, columns, false) }
    if end < columns {
      kernels.copyMatrix(rows, columns - end, x + end, columns, y + end, columns, false)
    }
    let kernel = record.operation == .couplingApply ? kernels.couplingApply : kernels.couplingInvert
    kernel(
      rows, c, Scalar(record.scalar), x + start, columns, pointer(record.b), y + start, columns,
      pointer(record.y2), pointer(record.y3), pointer(record.y4))
  }

  private func host(_ record: Record) {
    func input(_ slot: Int32) -> UnsafePointer<Scalar>? {
      slot >= 0 ? UnsafePointer(pointer(slot)) : nil
    }
    func output(_ slot: Int32) -> UnsafeMutablePointer<Scalar>? { slot >= 0 ? pointer(slot) : nil }
    tape.hostFunctions[record.first].body(
      HostArguments(
        shard: shard,
        inputs: (
          input(record.a), input(record.b), input(record.c), input(record.d), input(record.e)
        ),
        outputs: (output(record.y), output(record.y2), output(record.y3), output(record.y4))))
  }

  /// a: y of the layer, b: dy → y: dx, y2: column sums of dx.
  private func activationBackward(
    _ record: Record, _ saved: UnsafePointer<Scalar>, _ dx: UnsafeMutablePointer<Scalar>,
    _ rows: Int, _ columns: Int
  ) {
    let dy = pointer(record.b)
    let sums = pointer(record.y2)
    switch record.first {
    case 1:
      kernels.reluBackwardWithColumnSums(
        rows, columns, saved, columns, dy, columns, dx, columns, sums, false)
    case 2:
      kernels.tanhBackwardWithColumnSums(
        rows, columns, saved, columns, dy, columns, dx, columns, sums, false)
    default:
      kernels.sigmoidBackwardWithColumnSums(
        rows, columns, saved, columns, dy, columns, dx, columns, sums, false)
    }
  }

  /// a: saved x or y [R, D], b: log-scale, c: scale, d: dy, e: d log-determinant → y: dx, y2: d raw.
  private func couplingBackward(
    _ record: Record, _ dx: UnsafeMutablePointer<Scalar>, _ rows: Int, _ columns: Int
  ) {
    let c = slots[Int(record.b)].columns
    let (start, end) = (record.first, record.first + c)
    let dy = pointer(record.d)
    if dx != dy {
      if start > 0 { kernels.copyMatrix(rows, start, dy, columns, dx, columns, false) }
      if end < columns {
        kernels.copyMatrix(rows, columns - end, dy + end, columns, dx + end, columns, false)
      }
    }
    let kernel =
      record.operation == .couplingApplyBackward
      ? kernels.couplingApplyBackward : kernels.couplingInvertBackward
    kernel(
      rows, c, Scalar(record.scalar), pointer(record.a) + start, columns, pointer(record.b),
      pointer(record.c), dy + start, columns, pointer(record.e), dx + start, columns,
      pointer(record.y2))
  }
}
