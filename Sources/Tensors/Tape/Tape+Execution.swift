import BLAS
import KernelInterface
import Kernels

extension Tape {
  /// Runs planned segments: each shard by shard, then the sums of its leaves.
  func executeSegments(_ range: Range<Int>) {
    guard !range.isEmpty else { return }
    // Recording is over, so that the array stays where it is; one element, lest it be empty.
    if integers.isEmpty { integers.append(0) }
    withUnsafePointer(to: Scalar.kernels) { kernels in
      integers.withUnsafeBufferPointer { integers in
        slots.withUnsafeBufferPointer { slots in
          records.withUnsafeBufferPointer { records in
            let machine = Machine(
              slots: slots.baseAddress!, integers: integers.baseAddress!, kernels: kernels,
              tape: self)
            for index in range { execute(segments[index], machine, slots, records, kernels) }
          }
        }
      }
    }
  }

  private func execute(
    _ segment: Segment, _ start: Machine<Scalar>, _ slots: UnsafeBufferPointer<Slot<Scalar>>,
    _ records: UnsafeBufferPointer<Record>, _ kernels: UnsafePointer<KernelTable<Scalar>>
  ) {
    var machine = start
    if segment.hasCommonRecords {
      for record in segment.records where records[record].isCommon {
        machine.execute(records.baseAddress! + record)
      }
    }
    for shard in 0..<shardCount {
      machine.shard = shard
      machine.pairPlace = pairing.placeOfShard[shard]
      machine.addsToPair = pairing.isRight[shard]
      for record in segment.records where !records[record].isCommon {
        machine.execute(records.baseAddress! + record)
      }
    }
    for leaf in segment.leaves { sum(leaf, slots[Int(leaf.slot)], kernels) }
  }

  /// Adds the leaves of the shards along the tree, into the sink's partial sums.
  private func sum(
    _ leaf: LeafSum, _ slot: Slot<Scalar>, _ kernels: UnsafePointer<KernelTable<Scalar>>
  ) {
    guard let sink else { preconditionFailure("a tape with leaves needs a sink before it runs") }
    for index in sink.partials.indices {
      let shards = sink.subtrees[index]
      let first = slot.isPaired ? pairing.placeOfShard[shards.lowerBound] : shards.lowerBound
      let count = slot.isPaired ? (shards.count + 1) / 2 : shards.count
      treeSum(
        leaf.count, slot.pointer! + first * slot.shardStride, slot.shardStride, count,
        into: sink.partials[index] + leaf.destination, kernels)
    }
  }

  /// The sum of `leaves` vectors along a binary tree; overwrites the leaves.
  private func treeSum(
    _ n: Int, _ x: UnsafeMutablePointer<Scalar>, _ stride: Int, _ leaves: Int,
    into y: UnsafeMutablePointer<Scalar>, _ kernels: UnsafePointer<KernelTable<Scalar>>
  ) {
    switch leaves {
    case 1: y.update(from: x, count: n)
    case 2: kernels.pointee.add(n, x, x + stride, y)
    case 4: kernels.pointee.addFour(n, x, x + stride, x + 2 * stride, x + 3 * stride, y)
    default:
      let half = leaves / 2
      let right = x + half * stride
      treeSum(n, x, stride, half, into: y, kernels)
      treeSum(n, right, stride, half, into: right, kernels)
      kernels.pointee.add(n, y, right, y)
    }
  }
}

/// Executes records on one shard.
struct Machine<Scalar: TensorScalar> {
  let slots: UnsafePointer<Slot<Scalar>>
  let integers: UnsafePointer<Int32>
  private let table: UnsafePointer<KernelTable<Scalar>>
  unowned(unsafe) let tape: Tape<Scalar>
  var shard = 0
  /// Where the shard's paired leaves lie, and whether they are added to what is there.
  var pairPlace = 0
  var addsToPair = false

  init(
    slots: UnsafePointer<Slot<Scalar>>, integers: UnsafePointer<Int32>,
    kernels: UnsafePointer<KernelTable<Scalar>>, tape: Tape<Scalar>
  ) {
    self.slots = slots
    self.integers = integers
    table = kernels
    self.tape = tape
  }

  @inline(__always)
  var kernels: KernelTable<Scalar> {
    @inline(__always) _read { yield table.pointee }
  }

  @inline(__always)
  func pointer(_ slot: Int32) -> UnsafeMutablePointer<Scalar> {
    let slot = slots + Int(slot)
    return slot.pointee.pointer.unsafelyUnwrapped + shard * slot.pointee.shardStride
  }

  /// Where an output goes that may be a paired leaf, and whether it is added to what is there.
  @inline(__always)
  func leafPointer(_ slot: Int32) -> (UnsafeMutablePointer<Scalar>, accumulates: Bool) {
    let slot = slots + Int(slot)
    let isPaired = slot.pointee.isPaired
    return (
      slot.pointee.pointer.unsafelyUnwrapped
        + (isPaired ? pairPlace : shard) * slot.pointee.shardStride, isPaired && addsToPair
    )
  }

  func execute(_ pointerToRecord: UnsafePointer<Record>) {
    var record: Record { @inline(__always) _read { yield pointerToRecord.pointee } }
    let input = slots + Int(record.a >= 0 ? record.a : record.y)
    let output = slots + Int(record.y)
    let x = pointer(record.a >= 0 ? record.a : record.y)
    let y = pointer(record.y)
    let (rows, columns) = (input.pointee.rows, input.pointee.columns)
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
    case .stopGradient, .replaceDerivative, .reshape: if x != y { y.update(from: x, count: n) }
    case .addRowVector:
      kernels.addRowVector(rows, columns, x, columns, pointer(record.b), y, columns)
    case .multiplyRowVector:
      kernels.multiplyRowVector(rows, columns, x, columns, pointer(record.b), y, columns)
    case .addColumnVector:
      kernels.addColumnVector(rows, columns, x, columns, pointer(record.b), y, columns)
    case .multiplyColumnVector:
      kernels.multiplyColumnVector(rows, columns, x, columns, pointer(record.b), y, columns)
    case .columnSums:
      let (sums, accumulates) = leafPointer(record.y)
      kernels.columnSums(rows, columns, x, columns, sums, accumulates)
    case .rowSums: kernels.rowSums(rows, columns, x, columns, y, false)
    case .rowSquaredSums: kernels.rowSquaredSums(rows, columns, x, columns, y, false)
    case .rowLogSumExp: kernels.rowLogSumExp(rows, columns, x, columns, y, false)
    case .broadcastRows:
      for row in 0..<output.pointee.rows { (y + row * columns).update(from: x, count: columns) }
    case .broadcastColumns:
      for row in 0..<rows {
        (y + row * output.pointee.columns).update(repeating: x[row], count: output.pointee.columns)
      }
    case .columns:
      kernels.copyMatrix(
        rows, output.pointee.columns, x + record.first, columns, y, output.pointee.columns, false)
    case .padColumns:
      y.update(repeating: 0, count: output.pointee.rows * output.pointee.columns)
      kernels.copyMatrix(rows, columns, x, columns, y + record.first, output.pointee.columns, false)
    case .concatenateColumns:
      let second = slots[Int(record.b)].columns
      kernels.copyMatrix(rows, columns, x, columns, y, output.pointee.columns, false)
      kernels.copyMatrix(
        rows, second, pointer(record.b), second, y + columns, output.pointee.columns, false)
    case .permuteColumns: permute(record, x, y, rows, columns)
    case .gatherRows: gatherRows(record, x, y, columns: columns, rows: output.pointee.rows)
    case .scatterRows:
      scatterRows(record, x, y, rows: rows, columns: columns, targets: output.pointee.rows)
    case .matmul: matmul(record, x, input, output)
    case .batchedMatmul: batchedMatmul(record, x, y)
    case .batchedSolve: batchedSolve(record, x, y)
    case .groupedMatmul: groupedMatmul(record, x, y)
    case .transpose:
      let block = n / record.first
      for group in 0..<record.first {
        kernels.transpose(
          rows / record.first, columns, x + group * block, y + group * block)
      }
    case .triangularSolve:
      if x != y { y.update(from: x, count: n) }
      Scalar.trsm(
        side: .right, triangle: record.first & 2 != 0 ? .upper : .lower,
        transposeA: record.first & 1 != 0, unitDiagonal: record.first & 4 != 0, m: rows, n: columns,
        alpha: 1, a: pointer(record.b), lda: columns, b: y, ldb: columns)
    case .inverse: inverse(record, size: rows)
    case .linear: linear(record, x, y, input, output)
    case .couplingApply, .couplingInvert: coupling(record, x, y, rows, columns)
    case .splineApply, .splineInvert: spline(record, rows: rows, columns: columns)
    case .splineApplyBackward, .splineInvertBackward:
      splineBackward(record, rows: rows, columns: columns)
    case .staircaseLinear: staircaseLinear(record, rows: rows)
    case .staircaseInputGradient: staircaseInputGradient(record, rows: rows)
    case .staircaseWeightGradient: staircaseWeightGradient(record, rows: rows)
    case .staircaseMask: staircaseMask(record)
    case .staircaseTranspose: staircaseTranspose(record)
    case .host: host(record)
    case .activationBackward: activationBackward(record, x, y, rows, columns)
    case .addToColumns:
      if x != y { y.update(from: x, count: n) }
      let added = slots[Int(record.b)].columns
      kernels.copyMatrix(
        rows, added, pointer(record.b), added, y + record.first, columns, true)
    case .couplingApplyBackward, .couplingInvertBackward:
      couplingBackward(record, y, rows, columns)
    }
  }

  private func permute(
    _ record: Record, _ x: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>, _ rows: Int,
    _ columns: Int
  ) {
    for row in 0..<rows {
      for column in 0..<columns {
        y[row * columns + column] = x[row * columns + Int(integers[record.first + column])]
      }
    }
  }

  private func matmul(
    _ record: Record, _ x: UnsafePointer<Scalar>, _ input: UnsafePointer<Slot<Scalar>>,
    _ output: UnsafePointer<Slot<Scalar>>
  ) {
    let transposeA = record.first & 1 != 0
    let b = slots[Int(record.b)]
    let (y, accumulates) = leafPointer(record.y)
    if multiplyNarrow(record, x, input, output, y, accumulates) { return }
    let terms = transposeA ? input.pointee.rows : input.pointee.columns
    if record.first & 2 == 0, ProductForm.isOurs(n: output.pointee.columns, k: terms) {
      let lda = input.pointee.columns
      kernels.smallProduct(
        output.pointee.rows, output.pointee.columns, terms,
        StridedMatrix(x, rowStride: transposeA ? 1 : lda, termStride: transposeA ? lda : 1),
        pointer(record.b), b.columns, ProductEnding(accumulates: accumulates), y,
        output.pointee.columns)
      return
    }
    Scalar.product(
      transposeA: transposeA, transposeB: record.first & 2 != 0, m: output.pointee.rows,
      n: output.pointee.columns, k: transposeA ? input.pointee.rows : input.pointee.columns, a: x,
      lda: input.pointee.columns, b: pointer(record.b),
      ldb: b.columns, accumulates: accumulates, c: y, ldc: output.pointee.columns)
  }

  /// Products with a matrix of one to four columns; false where the product is another one.
  @inline(__always)
  private func multiplyNarrow(
    _ record: Record, _ x: UnsafePointer<Scalar>, _ input: UnsafePointer<Slot<Scalar>>,
    _ output: UnsafePointer<Slot<Scalar>>, _ y: UnsafeMutablePointer<Scalar>, _ accumulates: Bool
  ) -> Bool {
    let (rows, columns) = (output.pointee.rows, output.pointee.columns)
    switch ProductForm.narrow(
      transposesA: record.first & 1 != 0, transposesB: record.first & 2 != 0, m: rows, n: columns,
      k: record.first & 1 != 0 ? input.pointee.rows : input.pointee.columns)
    {
    case nil: return false
    case .terms:
      kernels.narrowLinear(
        rows, input.pointee.columns, columns, x, pointer(record.b), nil, false, y)
    case .dots:
      kernels.rowDots(rows, input.pointee.columns, columns, x, pointer(record.b), nil, y)
    case .gradient:
      kernels.narrowGradient(
        input.pointee.rows, rows, columns, x, pointer(record.b), false, y, accumulates)
    case .transposedGradient:
      kernels.narrowGradient(
        input.pointee.rows, columns, rows, pointer(record.b), x, true, y, accumulates)
    }
    return true
  }

  private func linear(
    _ record: Record, _ x: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>,
    _ input: UnsafePointer<Slot<Scalar>>,
    _ output: UnsafePointer<Slot<Scalar>>
  ) {
    let (rows, columns) = (output.pointee.rows, output.pointee.columns)
    let inputs = input.pointee.columns
    let bias = UnsafePointer(pointer(record.c))
    if record.d >= 0 {
      kernels.rowDots(rows, inputs, columns, x, pointer(record.d), bias, y)
      return
    }
    if inputs <= ProductForm.narrow, columns > ProductForm.narrow, record.first <= 1 {
      kernels.narrowLinear(
        rows, inputs, columns, x, pointer(record.b), bias, record.first == 1, y)
      return
    }
    if ProductForm.isOurs(n: columns, k: inputs) {
      kernels.smallProduct(
        rows, columns, inputs, StridedMatrix(x, rowStride: inputs, termStride: 1),
        pointer(record.b), columns,
        ProductEnding(bias: bias, isRectified: record.first == 1), y, columns)
      switch record.first {
      case 2: kernels.tanh(rows * columns, y, y)
      case 3: kernels.sigmoid(rows * columns, y, y)
      default: break
      }
      return
    }
    Scalar.product(
      transposeA: false, transposeB: false, m: rows, n: columns, k: inputs, a: x,
      lda: inputs, b: pointer(record.b), ldb: columns, accumulates: false, c: y,
      ldc: columns)
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
    let (sums, accumulates) = leafPointer(record.y2)
    switch record.first {
    case 1:
      kernels.reluBackwardWithColumnSums(
        rows, columns, saved, columns, dy, columns, dx, columns, sums, accumulates)
    case 2:
      kernels.tanhBackwardWithColumnSums(
        rows, columns, saved, columns, dy, columns, dx, columns, sums, accumulates)
    default:
      kernels.sigmoidBackwardWithColumnSums(
        rows, columns, saved, columns, dy, columns, dx, columns, sums, accumulates)
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
