/// How the roots of the sub-trees that P ranks hold are added up to the root of the whole tree.
///
/// Nodes are all ranks' sub-trees in shard order, hence in rank order. Pure, never communicates.
struct MergePlan: Equatable, Sendable {
  /// Node `into` ← node `into` + node `from`; in this order, exactly the additions of the tree.
  struct Merge: Equatable, Sendable {
    let into: Int
    let from: Int
    /// Whether the left, the right operand is itself a sum of nodes.
    let intoIsSum: Bool
    let fromIsSum: Bool
  }

  /// The sub-trees of all ranks.
  let nodes: [ShardRange]
  /// Where rank r's nodes start; P + 1 entries.
  let firstNode: [Int]
  /// Of the rank that holds most of them.
  let mostNodesOfARank: Int
  /// The additions; the last one gives node 0 the sum.
  let merges: [Merge]

  init(tree: ShardTree, ranks: Int) {
    var nodes: [ShardRange] = []
    var firstNode = [0]
    for rank in 0..<ranks {
      nodes += tree.subtrees(of: tree.range(ofRank: rank, of: ranks))
      firstNode.append(nodes.count)
    }
    // Two neighbours of one size are siblings if the left one starts at a multiple of twice the size.
    var merges: [Merge] = []
    var open: [(node: Int, range: ShardRange)] = []
    for (node, range) in nodes.enumerated() {
      open.append((node, range))
      while open.count > 1 {
        let right = open[open.count - 1]
        let left = open[open.count - 2]
        guard left.range.count == right.range.count,
          left.range.first.isMultiple(of: 2 * left.range.count)
        else { break }
        merges.append(
          Merge(
            into: left.node, from: right.node,
            intoIsSum: left.range != nodes[left.node], fromIsSum: right.range != nodes[right.node]))
        open.removeLast(2)
        open.append(
          (left.node, ShardRange(first: left.range.first, count: 2 * left.range.count)))
      }
    }
    precondition(
      open.count == 1 && open[0].range.count == tree.shards,
      "expected one tree over \(tree.shards) shards, got \(open)")
    self.nodes = nodes
    self.firstNode = firstNode
    mostNodesOfARank = zip(firstNode, firstNode.dropFirst()).reduce(0) { max($0, $1.1 - $1.0) }
    self.merges = merges
  }
}
