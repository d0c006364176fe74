import Tensors

/// One objective that is optimised over one range of the parameters: the auto-encoder, the flow.
///
/// A stage sees the job only through sums: what it needs added up over all ranks it returns as values.
package protocol Stage: AnyObject {
  /// For messages, metrics and progress.
  var name: String { get }
  /// The flat range that is trained; the rest is held fixed.
  var parameterRange: Range<Int> { get }
  /// Elements of all statistics of a recording together.
  var statisticsCount: Int { get }
  /// Whether the parameters of the best validation may replace the last ones at the end.
  ///
  /// Not where other state moves along with the parameters.
  var restoresBest: Bool { get }

  /// Runs once before the first step: data-dependent starts, counts over the training set.
  ///
  /// Collective. It must leave the same state on all ranks, whatever their number.
  func prepare(_ context: StageContext) throws

  /// Records the weighted loss of the shards of a batch.
  func record(_ batch: BatchValues, on tape: Tape<Float>) -> StageRecording

  /// Takes the job-wide sums of the statistics of a step, on every rank alike.
  func absorb(statistics: UnsafePointer<Float>, step: Int)
}

/// The inputs that every stage gets, on each shard.
package struct BatchValues {
  /// Rows, [R, D].
  package let x: Value
  /// Weights, [R, 1]: 1 / rows of the global batch in training, 1 in sums over a set; 0 for padding.
  package let weight: Value
  /// Numbers in [0, 1) keyed by (seed, step, sample), [R, 1].
  package let uniform: Value

  package init(x: Value, weight: Value, uniform: Value) {
    self.x = x
    self.weight = weight
    self.uniform = uniform
  }
}

/// What a stage records.
package struct StageRecording {
  /// Σ weight · loss, [1, 1].
  package let loss: Value
  /// Values that are summed over all shards and handed to ``Stage/absorb(statistics:step:)``, in order.
  package let statistics: [Value]
  /// Fills inputs of the stage's own before each run.
  package let fill: ((_ localShard: Int, _ batch: ShardBatch) -> Void)?

  package init(
    loss: Value, statistics: [Value] = [],
    fill: ((_ localShard: Int, _ batch: ShardBatch) -> Void)? = nil
  ) {
    self.loss = loss
    self.statistics = statistics
    self.fill = fill
  }
}

/// Which rows a shard holds in one step.
package struct ShardBatch {
  /// Step of the whole run.
  package let step: Int
  /// Canonical shard, 0 ..< S.
  package let shard: Int
  /// Canonical shards, S.
  package let shards: Int
  /// Sample numbers, [R]; from `realCount` on padding.
  package let rows: [Int]
  package let realCount: Int
  /// Rows of the batch over the whole job.
  package let globalCount: Int

  package init(
    step: Int, shard: Int, shards: Int, rows: [Int], realCount: Int, globalCount: Int
  ) {
    self.step = step
    self.shard = shard
    self.shards = shards
    self.rows = rows
    self.realCount = realCount
    self.globalCount = globalCount
  }
}
