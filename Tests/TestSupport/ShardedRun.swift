import Tensors

/// What a model records on a tape that holds some of the shards of a job.
package struct Recording {
  /// [1, 1] on each shard.
  package let loss: Value
  /// Inputs to fill, each shard with rows of its own.
  package let inputs: [Value]
  /// Values to read after the run.
  package let kept: [Value]

  package init(loss: Value, inputs: [Value], kept: [Value] = []) {
    self.loss = loss
    self.inputs = inputs
    self.kept = kept
  }
}

/// A sink of whole vectors for the aligned sub-trees of a range of shards.
package final class TestSink<Scalar: TensorScalar> {
  package let buffers: [ParameterBuffer<Scalar>]
  package let subtrees: [Range<Int>]

  /// - Parameter subtrees: local shards; one tree over all of them if left out.
  package init(count: Int, subtrees: [Range<Int>]) {
    self.subtrees = subtrees
    buffers = subtrees.map { _ in ParameterBuffer(count: count) }
  }

  package var sink: ReductionSink<Scalar> {
    ReductionSink(partials: buffers.map(\.pointer), subtrees: subtrees)
  }

  /// The vector of one sub-tree.
  package func elements(_ subtree: Int = 0) -> [Scalar] {
    (0..<buffers[subtree].count).map { buffers[subtree][$0] }
  }
}

package enum ShardedRun {
  /// Fills inputs with numbers that depend on (seed, input, shard of the job, element) alone.
  package static func fill<Scalar>(
    _ inputs: [Value], of tape: Tape<Scalar>, firstShard: Int = 0, seed: UInt64 = 5
  ) {
    for (number, input) in inputs.enumerated() {
      for shard in 0..<tape.shardCount {
        let memory = tape.pointer(to: input, shard: shard)
        var random = SampleRandom(
          seed: seed, purpose: .data, step: UInt32(number), sample: UInt64(firstShard + shard))
        for element in 0..<tape.shape(of: input).count {
          memory[element] = Scalar(random.normal())
        }
      }
    }
  }

  /// The sum of vectors along the binary tree of the job: t[s] += t[s + w] for w = 1, 2, 4 …
  package static func treeSum<Scalar: TensorScalar>(_ vectors: [[Scalar]]) -> [Scalar] {
    var terms = vectors
    var width = 1
    while width < terms.count {
      for start in stride(from: 0, to: terms.count, by: 2 * width) {
        terms[start] = zip(terms[start], terms[start + width]).map { $0 + $1 }
      }
      width *= 2
    }
    return terms[0]
  }

  /// The largest difference between the sink's gradients of the last sweep and the expanded sweep's,
  /// relative to 1 + the largest gradient.
  package static func lastSweepDeviation<Scalar: TensorScalar>(
    parameters: [Parameter], buffer: ParameterBuffer<Scalar>, range: Range<Int>? = nil,
    shardCount: Int = 4, _ record: (Tape<Scalar>) -> Recording
  ) -> Double {
    let range = range ?? 0..<buffer.count
    let last = Tape<Scalar>(shardCount: shardCount, parameters: buffer)
    let recording = record(last)
    fill(recording.inputs, of: last)
    let sink = TestSink<Scalar>(count: range.count, subtrees: [0..<shardCount])
    for index in 0..<range.count { sink.buffers[0][index] = .nan }
    last.sink = sink.sink
    last.backward(recording.loss, parameterRange: range)
    last.run()

    let expanded = Tape<Scalar>(
      shardCount: shardCount, parameters: buffer, keepsEverything: true)
    let again = record(expanded)
    fill(again.inputs, of: expanded)
    let wanted = parameters.filter { range.contains($0.offset) }
    let gradients = expanded.gradients(
      of: [(again.loss, seed: expanded.constant(1, 1, [1]))],
      withRespectTo: wanted.map { expanded.value(of: $0) })
    expanded.run()
    var worst = 0.0
    var largest = 1.0
    for (parameter, gradient) in zip(wanted, gradients) {
      for element in 0..<parameter.count {
        let sum = (0..<shardCount).map {
          Double(expanded.pointer(to: gradient, shard: $0)[element])
        }.reduce(0, +)
        let swept = Double(sink.buffers[0][parameter.offset - range.lowerBound + element])
        let difference = abs(swept - sum)
        worst = max(worst, difference.isNaN ? .infinity : difference)
        largest = max(largest, abs(sum))
      }
    }
    return worst / largest
  }
}
