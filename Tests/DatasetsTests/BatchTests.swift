import Datasets
import Tensors
import Testing

@Suite("Orders, splits and batches")
struct BatchTests {
  @Test("a keyed permutation is a bijection for every count")
  func permutationIsBijective() {
    for count in Array(1...130) + [255, 256, 257, 1000, 4095, 4096, 4097, 12_809, 65_537] {
      let order = KeyedPermutation(
        count: count, seed: UInt64(count), purpose: .shuffle, epoch: count % 7)
      var seen = [Bool](repeating: false, count: count)
      for place in 0..<count { seen[order[place]] = true }
      #expect(seen.allSatisfy { $0 }, "count \(count)")
    }
  }

  @Test("places of a set too large to store are permuted too")
  func hugePermutation() {
    let order = KeyedPermutation(count: 3_000_000_000_000, seed: 1, purpose: .shuffle, epoch: 0)
    let first = (0..<1000).map { order[$0] }
    #expect(Set(first).count == 1000)
    #expect(first.allSatisfy { (0..<3_000_000_000_000).contains($0) })
    let mean = first.reduce(0.0) { $0 + Double($1) } / 1000 / 3e12
    // Uniform on [0, 1): standard error 0.009.
    #expect(abs(mean - 0.5) < 0.045)
  }

  @Test("epochs, seeds and purposes have different orders")
  func ordersDiffer() {
    func order(_ seed: UInt64, _ purpose: RandomPurpose, _ epoch: Int) -> [Int] {
      let order = KeyedPermutation(count: 1000, seed: seed, purpose: purpose, epoch: epoch)
      return (0..<1000).map { order[$0] }
    }
    let base = order(1, .shuffle, 0)
    for other in [order(2, .shuffle, 0), order(1, .shuffle, 1), order(1, .split, 0)] {
      // Fixed points of a random permutation: Poisson with mean 1.
      #expect(zip(base, other).count { $0 == $1 } < 10)
    }
    #expect(base == order(1, .shuffle, 0))
  }

  @Test("every value comes to every place equally often", arguments: [3, 5, 12, 40])
  func permutationIsUniform(count: Int) {
    let epochs = 4000
    var counts = [Int](repeating: 0, count: count * count)
    for epoch in 0..<epochs {
      let order = KeyedPermutation(count: count, seed: 9, purpose: .shuffle, epoch: epoch)
      for place in 0..<count { counts[place * count + order[place]] += 1 }
    }
    let expected = Double(epochs) / Double(count)
    let chiSquared = counts.reduce(0.0) {
      $0 + (Double($1) - expected) * (Double($1) - expected) / expected
    }
    let freedom = Double((count - 1) * (count - 1))
    #expect(abs(chiSquared - freedom) < 6 * (2 * freedom).squareRoot() + 6, "\(chiSquared)")
  }

  @Test("neighbouring places do not stay neighbours")
  func neighboursAreParted() {
    let count = 10_000
    let order = KeyedPermutation(count: count, seed: 4, purpose: .shuffle, epoch: 3)
    var product = 0.0
    for place in 1..<count {
      product +=
        (Double(order[place]) / Double(count) - 0.5)
        * (Double(order[place - 1]) / Double(count) - 0.5)
    }
    // Correlation of uniform numbers (variance 1/12): standard error 1/100.
    #expect(abs(product / Double(count) * 12) < 0.05)
  }

  @Test(
    "parts of a split are disjoint, exact in size and cover every row",
    arguments: [1, 2, 7, 100, 6120])
  func splitCovers(count: Int) {
    let division = RowSplit(
      count: count, trainFraction: 0.8, validationFraction: 0.1, testFraction: 0.1, seed: 12)
    var seen = [Int](repeating: 0, count: count)
    for split in DatasetSplit.allCases {
      for place in 0..<division.count(of: split) { seen[division.row(place, of: split)] += 1 }
      let share = split == .train ? 0.8 : 0.1
      #expect(abs(Double(division.count(of: split)) - share * Double(count)) <= 1)
    }
    #expect(seen.allSatisfy { $0 == 1 })
    let other = RowSplit(
      count: 100, trainFraction: 0.5, validationFraction: 0.25, testFraction: 0.25, seed: 13)
    let again = RowSplit(
      count: 100, trainFraction: 0.5, validationFraction: 0.25, testFraction: 0.25, seed: 14)
    #expect(
      (0..<50).map { other.row($0, of: .train) } != (0..<50).map { again.row($0, of: .train) })
  }

  @Test(
    "any number of ranks sees every row exactly once an epoch",
    arguments: [(1000, 64, 8), (1003, 64, 8), (17, 5, 4), (5, 64, 8), (64, 10, 4), (1, 1, 1)])
  func ledger(count: Int, batch: Int, shards: Int) {
    let plan = BatchPlan(count: count, globalBatchSize: batch, shards: shards, seed: 3)
    for epoch in 0..<2 {
      let order = plan.order(ofEpoch: epoch)
      for ranks in 1...shards {
        var seen = [Int](repeating: 0, count: count)
        for step in epoch * plan.stepsPerEpoch..<(epoch + 1) * plan.stepsPerEpoch {
          #expect(plan.epoch(ofStep: step) == epoch)
          var real = 0
          for rank in 0..<ranks {
            var rows: [Int] = []
            for shard in rank * shards / ranks..<(rank + 1) * shards / ranks {
              let present = plan.fill(step: step, shard: shard, order: order, rows: &rows)
              #expect(rows.count == plan.shardRows)
              #expect(rows.allSatisfy { (0..<count).contains($0) })
              for place in 0..<present { seen[rows[place]] += 1 }
              real += present
            }
          }
          #expect(real == plan.rowCount(ofStep: step))
        }
        #expect(seen.allSatisfy { $0 == 1 })
      }
    }
  }

  @Test("full batches that shards divide have no padding; shards of a step differ by one row")
  func shardsAreBalanced() {
    let plan = BatchPlan(count: 1000, globalBatchSize: 64, shards: 8, seed: 0)
    #expect(plan.shardRows == 8 && plan.stepsPerEpoch == 16)
    for shard in 0..<8 { #expect(plan.rows(step: 3, shard: shard).realCount == 8) }
    let last = (0..<8).map { plan.rows(step: 15, shard: $0).realCount }
    #expect(last.reduce(0, +) == 40 && last.max()! - last.min()! <= 1)
    #expect(plan.rows(step: 0, shard: 0).rows != plan.rows(step: 16, shard: 0).rows)
    #expect(plan.rows(step: 0, shard: 0).rows != plan.rows(step: 0, shard: 1).rows)
  }
}
