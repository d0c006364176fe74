import Flows
import Tensors
import Testing

/// Runs the rule on plain arrays, in the precision of the point.
private func charts<Scalar: BinaryFloatingPoint>(
  _ rule: ChartRule, of point: [Scalar], codes: [[Scalar]], excluded: Set<Int> = []
) -> [Int] {
  var distances = [Scalar](repeating: 0, count: codes.count)
  var order = [Int](repeating: -1, count: codes.count)
  let count = rule.charts(
    of: point, codes: codes.flatMap { $0 }, count: codes.count, dimension: point.count,
    isAllowed: { !excluded.contains($0) }, distances: &distances, order: &order)
  return Array(order.prefix(count))
}

/// Points and codes on a coarse grid, so that equal distances are common and exact.
private func grid<Scalar: BinaryFloatingPoint>(_ count: Int, seed: UInt64) -> [[Scalar]] {
  (0..<count).map { row in
    var random = SampleRandom(seed: seed, purpose: .test, sample: UInt64(row))
    return (0..<2).map { _ in Scalar(random.integer(below: 9)) / 2 - 2 }
  }
}

@Suite("Chart rule")
struct ChartRuleTests {
  private func checkPartition<Scalar: BinaryFloatingPoint>(_ type: Scalar.Type) {
    let codes: [[Scalar]] = grid(7, seed: 1)
    var ties = 0
    for point in grid(200, seed: 2) as [[Scalar]] {
      let distances = codes.map { code in
        zip(point, code).map { ($0 - $1) * ($0 - $1) }.reduce(0, +)
      }
      let nearest = distances.indices.filter { distances[$0] == distances.min() }
      ties += nearest.count > 1 ? 1 : 0
      #expect(charts(ChartRule(), of: point, codes: codes) == [nearest[0]])
    }
    #expect(ties > 10)
  }

  @Test("One neighbour without overlap gives exactly one chart, on ties the lowest")
  func partition() {
    checkPartition(Float.self)
    checkPartition(Double.self)
  }

  private func checkNesting<Scalar: BinaryFloatingPoint>(_ type: Scalar.Type) {
    let codes: [[Scalar]] = grid(9, seed: 3)
    var grown = 0
    for point in grid(100, seed: 4) as [[Scalar]] {
      for neighbours in 1...4 {
        var previous: [Int] = []
        for overlap in [0, 0.1, 0.5, 2, 100] {
          let rule = ChartRule(neighbours: neighbours, overlap: overlap)
          let held = charts(rule, of: point, codes: codes)
          #expect(held.count >= neighbours && held.count <= rule.capacity(charts: 9))
          #expect(overlap > 0 || held.count == neighbours)
          #expect(Array(held.prefix(previous.count)) == previous)
          #expect(Set(held).count == held.count)
          let distances = held.map { k in
            zip(point, codes[k]).map { ($0 - $1) * ($0 - $1) }.reduce(0, +)
          }
          #expect(distances == distances.sorted())
          grown += held.count > previous.count ? 1 : 0
          previous = held
        }
      }
    }
    #expect(grown > 500)
  }

  @Test("A point lies on m charts at least, nearest first, and a wider overlap only adds charts")
  func nesting() {
    checkNesting(Float.self)
    checkNesting(Double.self)
  }

  @Test("A chart belongs to the point up to and including (1 + ε) times the m-th distance")
  func boundary() {
    let rule = ChartRule(neighbours: 1, overlap: 0.5)
    #expect(charts(rule, of: [0.0], codes: [[-3], [2], [3.0001]]) == [1, 0])
    #expect(charts(ChartRule(neighbours: 2), of: [0.0], codes: [[-3], [2], [3]]) == [1, 0])
    // On a code the distance is zero, and no factor widens it.
    #expect(charts(rule, of: [2.0], codes: [[2], [2.001], [2]]) == [0, 2])
  }

  @Test("Charts of weight zero hold nothing, also where fewer than m are left")
  func excluded() {
    let codes: [[Float]] = [[0], [1], [2], [3]]
    for overlap in [0, 0.5] {
      let rule = ChartRule(neighbours: 2, overlap: overlap)
      #expect(charts(rule, of: [0.1], codes: codes, excluded: [0, 1]) == [2, 3])
      #expect(charts(rule, of: [0.1], codes: codes, excluded: [0, 1, 3]) == [2])
    }
    #expect(charts(ChartRule(overlap: 100), of: [0.1], codes: codes, excluded: [1]) == [0, 2, 3])
  }

  @Test("Places for one point: m without overlap, with overlap all charts")
  func capacity() {
    #expect(ChartRule(neighbours: 3).capacity(charts: 8) == 3)
    #expect(ChartRule(neighbours: 3).capacity(charts: 2) == 2)
    #expect(ChartRule(neighbours: 3, overlap: 1e-3).capacity(charts: 8) == 8)
  }
}
