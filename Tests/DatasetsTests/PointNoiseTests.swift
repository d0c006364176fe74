import Datasets
import Foundation
import Tensors
import Testing

@Suite("Nearest neighbours and the noise they scale")
struct PointNoiseTests {
  /// Uniform points, [count, D], some of them twice.
  func points(_ count: Int, _ dimension: Int) -> [Double] {
    (0..<count).flatMap { row -> [Double] in
      var random = SampleRandom(
        seed: 1, purpose: .test, sample: UInt64(row % 10 == 9 ? row - 1 : row))
      return (0..<dimension).map { _ in random.uniform() }
    }
  }

  @Test("distances are those of all pairs", arguments: [1, 2, 3, 5], [1, 4, 32])
  func neighbours(dimension: Int, k: Int) {
    let count = 300
    let rows = points(count, dimension)
    let distances = NeighbourTree(rows, dimension: dimension).distances(toNeighbour: k)
    for row in 0..<count {
      let all = (0..<count).filter { $0 != row }.map { other in
        (0..<dimension).reduce(0.0) {
          let offset = rows[other * dimension + $1] - rows[row * dimension + $1]
          return $0 + offset * offset
        }
      }.sorted()
      #expect(abs(distances[row] * distances[row] - all[k - 1]) < 1e-14)
    }
  }

  @Test("few points, equal points and no points have distances too")
  func fewPoints() {
    #expect(NeighbourTree([], dimension: 2).distances(toNeighbour: 3) == [])
    #expect(NeighbourTree([1, 2], dimension: 2).distances(toNeighbour: 3) == [0])
    #expect(NeighbourTree([0, 3, 7], dimension: 1).distances(toNeighbour: 9) == [7, 4, 7])
    let same = [Double](repeating: 4, count: 100)
    #expect(
      NeighbourTree(same, dimension: 2).distances(toNeighbour: 4) == Array(repeating: 0, count: 50))
  }

  /// A batch of the given rows after noise.
  func moved(
    _ noise: PointNoise, _ values: [Double], rows: [Int], step: Int, dimension: Int
  ) -> [Float] {
    var batch = rows.flatMap { row in
      (0..<dimension).map { Float(values[row * dimension + $0]) }
    }
    batch.withUnsafeMutableBufferPointer {
      noise.move($0.baseAddress!, rows: rows, step: step)
    }
    return batch
  }

  @Test("noise depends on seed, step and row, not on the place in the batch")
  func keys() {
    let values = points(50, 2)
    let noise = PointNoise(width: 0.1, dimension: 2, seed: 7)
    let first = moved(noise, values, rows: [3, 8, 40], step: 5, dimension: 2)
    let other = moved(noise, values, rows: [40, 3], step: 5, dimension: 2)
    #expect(other == Array(first[4..<6] + first[0..<2]))
    #expect(moved(noise, values, rows: [3, 8, 40], step: 6, dimension: 2) != first)
    let another = PointNoise(width: 0.1, dimension: 2, seed: 8)
    #expect(moved(another, values, rows: [3, 8, 40], step: 5, dimension: 2) != first)
  }

  @Test(
    "widths are factor · distance · e^{spread η}: the squares of steps have their mean and median")
  func widths() {
    // Neighbours at 1 and 1000: widths must differ by as much.
    let values = [0.0, 1, 5000, 6000]
    let noise = PointNoise(
      scaledTo: values, dimension: 1, neighbour: 1, factor: 0.4, spread: 0.7, seed: 2)
    for (row, distance) in [(0, 1.0), (2, 1000)] {
      var logs: [Double] = []
      for step in 0..<4000 {
        let value = moved(noise, values, rows: [row], step: step, dimension: 1)[0]
        logs.append(log(abs(Double(value) - values[row])))
      }
      // log |ε| has mean −0.6352 and variance π²/8; log-width adds log(0.4 d) and 0.49.
      let mean = logs.reduce(0, +) / 4000
      let deviation = (Double.pi * Double.pi / 8 + 0.49).squareRoot()
      #expect(abs(mean - (log(0.4 * distance) - 0.6352)) < 5 * deviation / 4000.0.squareRoot())
      let variance = logs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 4000
      #expect(abs(variance.squareRoot() / deviation - 1) < 0.08)
    }
  }

  @Test("on the sphere points stay on it, steps are tangent and isotropic, and the floor holds")
  func sphere() {
    let place = GeographicPoint(latitude: 50, longitude: 30).direction
    // Copies have no distance: the floor alone moves them.
    let values = (0..<6).flatMap { _ in [place.x, place.y, place.z] }
    let noise = PointNoise(
      scaledTo: values, dimension: 3, neighbour: 4, factor: 0.4, spread: 0.7, floor: 0.01,
      isSpherical: true, seed: 3)
    let north = GeographicPoint(latitude: 140, longitude: 30).direction
    let east = GeographicPoint(latitude: 0, longitude: 120).direction
    var sums = [0.0, 0, 0]
    for step in 0..<4000 {
      let point = moved(noise, values, rows: [step % 6], step: step, dimension: 3).map(Double.init)
      let moved = SIMD3(point[0], point[1], point[2])
      #expect(abs((moved * moved).sum() - 1) < 1e-6)
      let offset = moved - place
      let (up, right) = ((offset * north).sum(), (offset * east).sum())
      sums[0] += up * up / 4000
      sums[1] += right * right / 4000
      sums[2] += up * right / 4000
    }
    #expect(abs(sums[0].squareRoot() - 0.01) < 0.0006 && abs(sums[1].squareRoot() - 0.01) < 0.0006)
    #expect(abs(sums[2]) < 1e-5)
  }

  @Test("13,000 points of the sphere have their neighbours within seconds")
  func isQuick() {
    let rows = (0..<13_000).flatMap { row -> [Double] in
      var random = SampleRandom(seed: 9, purpose: .test, sample: UInt64(row))
      let place = GeographicPoint(
        latitude: 20 * random.normal().rounded() / 10, longitude: 40 * random.normal())
      return [place.direction.x, place.direction.y, place.direction.z]
    }
    let clock = ContinuousClock()
    let time = clock.measure {
      #expect(NeighbourTree(rows, dimension: 3).distances(toNeighbour: 4).count == 13_000)
    }
    #expect(time < .seconds(10), "a tenth of a second alone; other work runs beside this one")
  }
}
