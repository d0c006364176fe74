import Distributed
import MPI

/// Folds over groups of ranks: each training's sum, whoever did it. Argument: number of folds.
func meshScenario(_ arguments: [String]) throws {
  let folds = arguments.first.flatMap { Int($0) } ?? 1
  try Probe.run { group, world in
    let layout = try MeshLayout(ranks: world.size, folds: folds, shards: 8)
    let dataRanks = try world.split(by: layout)
    let number = layout.group(ofRank: world.rank)
    let training = try JobGroup(dataRanks, shards: 8)
    var results: [String] = []
    for coordinate in layout.trainings(ofGroup: number) {
      let leaves: [[Float]] = training.ownShards.indices.map {
        Probe.leaf(shard: 100 * coordinate.fold + $0, count: 33)
      }
      let sum = try training.treeSum(shardValues: leaves)
      if training.isRoot { results.append("fold \(coordinate.fold) \(Probe.hash(sum))") }
    }
    let all = try group.gather(Array(results.joined(separator: "\n").utf8))
    guard group.isRoot else { return }
    let lines = all.flatMap { String(decoding: $0, as: UTF8.self).split(separator: "\n") }
    for line in lines.sorted() { print(line) }
  }
}
