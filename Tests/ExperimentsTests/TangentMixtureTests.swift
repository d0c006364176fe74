import Experiments
import Flows
import Foundation
import TestSupport
import Tensors
import Testing

@Suite("A mixture of Gaussians on tangent planes of the sphere")
struct TangentMixtureTests {
  private func normalised(_ x: [Double]) -> [Double] {
    let length = x.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return x.map { $0 / length }
  }

  /// n points around a direction.
  private func cluster(_ centre: [Double], width: Double, count: Int, seed: UInt64) -> [Double] {
    (0..<count).flatMap { row -> [Double] in
      var random = SampleRandom(seed: seed, purpose: .test, sample: UInt64(row))
      return normalised(centre.map { $0 + width * random.normal() })
    }
  }

  @Test("Three far clusters: weights, directions and widths are found")
  func clusters() {
    let rows =
      cluster([0, 0, 1], width: 0.1, count: 600, seed: 1)
      + cluster([1, 0, 0], width: 0.05, count: 300, seed: 2)
      + cluster([0, -1, 0], width: 0.02, count: 100, seed: 3)
    let mixture = TangentMixture.fit(to: rows, componentCount: 3, background: 0.001, seed: 4)
    let found = mixture.components.sorted { $0.weight > $1.weight }
    let expected: [(weight: Double, centre: [Double], width: Double)] = [
      (0.6, [0, 0, 1], 0.1), (0.3, [1, 0, 0], 0.05), (0.1, [0, -1, 0], 0.02),
    ]
    for (component, truth) in zip(found, expected) {
      #expect(abs(component.weight - truth.weight) < 0.01)
      let cosine = zip(component.chart.centre, truth.centre).map(*).reduce(0, +)
      #expect(cosine > 0.999)
      #expect(abs(component.factor[0] / truth.width - 1) < 0.2)
      #expect(abs(component.factor[3] / truth.width - 1) < 0.2)
    }
  }

  @Test("Its component is the density of the chart's frame before training")
  func frames() {
    let rows = cluster([0.4, -1, 0.3], width: 0.2, count: 400, seed: 5)
    let mixture = TangentMixture.fit(to: rows, componentCount: 2, background: 0.01, seed: 6)
    let frames = mixture.components.map { component -> SphereFrame in
      let frame = SphereFrame()
      frame.set(centre: component.chart.centre, mean: component.mean, factor: component.factor)
      return frame
    }
    let atlas = IndependentAtlas(
      frames: frames, flow: RealNVP(couplings: 2, widths: [8]), background: 0.01, seed: 1)
    atlas.setWeights(mixture.components.map(\.weight) + [0])
    let buffer = ParameterBuffer<Double>(layout: atlas.layout, seed: 1)
    let tape = Tape<Double>(shardCount: 1, parameters: buffer)
    let count = 50
    // Some points are far away, where the background rules.
    let points = Array(rows.prefix(3 * count - 6)) + normalised([-1, 2, 3]) + [0, 0, -1]
    let x = tape.input(count, 3)
    for i in points.indices { tape.pointer(to: x, shard: 0)[i] = points[i] }
    let density = tape.keep(atlas.logProbability(of: x, on: tape))
    tape.run()
    for (row, value) in tape.elements(of: density).enumerated() {
      let point = (points[3 * row], points[3 * row + 1], points[3 * row + 2])
      let total = mixture.components.reduce(0.01 / (4 * .pi)) {
        $0 + 0.99 * $1.weight * exp($1.logDensity(of: point))
      }
      #expect(abs(value - log(total)) < 1e-4, "row \(row)")
    }
    #expect(atlas.chartWeights.last == 0.01)
    #expect(abs(atlas.chartWeights.reduce(0, +) - 1) < 1e-12)
  }

  @Test("The plain projection is that of the tape, the far side included")
  func projection() {
    let chart = StereographicChart(centre: [0.3, -0.5, 0.8], scale: 0.7)
    let points = (0..<40).map { row -> [Double] in
      var random = SampleRandom(seed: 8, purpose: .test, sample: UInt64(row))
      return normalised((0..<3).map { _ in random.normal() })
    }
    let tape = Tape<Double>(shardCount: 1)
    let x = tape.input(Shape(40, 3), repeating: points.flatMap { $0 })
    let u = tape.keep(chart.project(x, context: nil, on: tape))
    let element = tape.keep(chart.embed(u, context: nil, on: tape).logVolumeElement!)
    tape.run()
    for (row, point) in points.enumerated() {
      let plain = chart.chartPoint(of: (point[0], point[1], point[2]))
      let (a, b) = (tape.elements(of: u)[2 * row], tape.elements(of: u)[2 * row + 1])
      #expect(abs(plain.u.0 - a) < 1e-9 * max(1, abs(a)))
      #expect(abs(plain.u.1 - b) < 1e-9 * max(1, abs(b)))
      #expect(abs(plain.logVolumeElement - tape.elements(of: element)[row]) < 1e-9)
    }
  }
}
