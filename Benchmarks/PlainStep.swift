import Distributed
import Flows
import KernelInterface
import Kernels
import MPI
import Tensors
import Training

/// The step that everybody else makes: each rank sums over its rows in one piece, one MPI_Allreduce in
/// place adds the ranks up, and each rank updates all parameters. Its bits depend on the number of ranks.
///
/// What the promise of equal bits costs is the ratio of the two steps.
final class PlainStep {
  private let tape: Tape<Float>
  private let batch: BatchValues
  private let source: NormalRows
  private let parameters: ParameterBuffer<Float>
  private let sums: ParameterBuffer<Float>
  private let firstMoment: ParameterBuffer<Float>
  private let secondMoment: ParameterBuffer<Float>
  private let group: JobGroup
  private var rows: [Int]
  private var step = 0

  init(_ workload: Workload, source: NormalRows, group: JobGroup) {
    self.group = group
    self.source = source
    var layout = ParameterLayout()
    let stage = workload.stage(in: &layout)
    parameters = ParameterBuffer(layout: layout, seed: 1)
    sums = ParameterBuffer(count: layout.count + 1)
    firstMoment = ParameterBuffer(count: layout.count)
    secondMoment = ParameterBuffer(count: layout.count)
    let count = workload.batch / group.size
    rows = Array(repeating: 0, count: count)
    tape = Tape(shardCount: 1, parameters: parameters)
    batch = BatchValues(
      x: tape.input(count, workload.columns), weight: tape.input(count, 1),
      uniform: tape.input(count, 1))
    let recording = stage.record(batch, on: tape)
    tape.sumOverShards(recording.loss, at: layout.count)
    tape.backward(recording.loss, parameterRange: stage.parameterRange)
    tape.sink = ReductionSink(partials: [sums.pointer], subtrees: [0..<1])
    let weight = 1 / Float(workload.batch)
    tape.pointer(to: batch.weight, shard: 0).update(repeating: weight, count: count)
  }

  /// One optimizer step. Collective.
  func run() throws {
    for i in rows.indices {
      rows[i] = (step * rows.count * group.size + group.rank * rows.count + i) % source.count
    }
    source.read(rows: rows, into: tape.pointer(to: batch.x, shard: 0))
    if step == 0 { tape.run() } else { tape.replay() }
    if group.size > 1 {
      let buffer = UnsafeMutableBufferPointer(start: sums.pointer, count: sums.count)
      try group.communicator.allReduce(buffer, .sum)
    }
    step += 1
    Float.kernels.adam(
      parameters.count,
      AdamStep(
        learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, correction1: 1,
        correction2: 1, decay: 0, gradientScale: 1),
      AdamArrays(
        parameters: parameters.pointer, gradient: UnsafePointer(sums.pointer),
        firstMoment: firstMoment.pointer, secondMoment: secondMoment.pointer))
  }
}
