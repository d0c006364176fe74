import Datasets
import Distributed
import Tensors

/// What a stage may use while it prepares: rows, parameters, and sums over the job.
package struct StageContext {
  package let group: JobGroup
  package let parameters: ParameterBuffer<Float>
  package let train: any RowSource
  package let seed: UInt64
  /// Rows of a shard of a batch, R.
  package let shardRows: Int

  package init(
    group: JobGroup, parameters: ParameterBuffer<Float>, train: any RowSource, seed: UInt64,
    shardRows: Int
  ) {
    self.group = group
    self.parameters = parameters
    self.train = train
    self.seed = seed
    self.shardRows = shardRows
  }

  /// The job-wide sum of a recorded value over the first `count` training rows, weight 1 a row.
  ///
  /// Sums over the batches of a shard in order, then over shards along the tree, in Double: the same on
  /// any number of ranks. Collective.
  package func sums(
    count: Int, length: Int, record: (BatchValues, Tape<Float>) -> Value
  ) throws -> [Double] {
    let pass = ShardPass(
      source: train, count: count, shardRows: shardRows, group: group, seed: seed)
    pass.record(parameters: parameters, length: length) { (record($0, $1), nil) }
    return try pass.sums()
  }
}
