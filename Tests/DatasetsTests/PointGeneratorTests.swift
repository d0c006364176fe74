import Datasets
import Testing

@Suite("Point generators")
struct PointGeneratorTests {
  @Test("a point depends on (seed, split, index) alone", arguments: PointSet.allCases)
  func pointsAreKeyed(set: PointSet) {
    let generator = PointGenerator(set: set, seed: 5)
    var together = [Double](repeating: 0, count: 12)
    together.withUnsafeMutableBufferPointer {
      generator.fill([9, 3, 9, 1_000_000], of: .test, into: $0.baseAddress!)
    }
    #expect(Array(together[0..<3]) == generator.row(9, of: .test))
    #expect(Array(together[3..<6]) == generator.row(3, of: .test))
    #expect(Array(together[6..<9]) == Array(together[0..<3]))
    #expect(Array(together[9..<12]) == generator.row(1_000_000, of: .test))
    #expect(generator.row(9, of: .train) != generator.row(9, of: .test))
    #expect(PointGenerator(set: set, seed: 6).row(9, of: .test) != generator.row(9, of: .test))
  }

  @Test("single precision rows are the rounded double precision rows")
  func floatRowsAreRounded() {
    let generator = PointGenerator(set: .knotted, seed: 1)
    var single = [Float](repeating: 0, count: 30)
    single.withUnsafeMutableBufferPointer {
      generator.fill(Array(0..<10), of: .train, into: $0.baseAddress!)
    }
    #expect(single == (0..<10).flatMap { generator.row($0, of: .train) }.map { Float($0) })
  }

  @Test("no point occurs in two parts")
  func partsAreDisjoint() {
    let generator = PointGenerator(set: .helix, seed: 3)
    var seen: Set<[Double]> = []
    for split in DatasetSplit.allCases {
      for index in 0..<500 { seen.insert(generator.row(index, of: split)) }
    }
    #expect(seen.count == 1500)
  }

  @Test("without noise points lie on the curve, scaled, over the whole range of theta")
  func noiselessPointsLieOnTheCurve() {
    let circles = PointGenerator(set: .interlockedCircles, scale: 4, noise: 0, seed: 2)
    var onFirst = 0
    for index in 0..<2000 {
      let p = circles.row(index, of: .train)
      let first = abs(p[0] * p[0] + p[1] * p[1] - 16) < 1e-9 && p[2] == 0
      let second = abs((p[0] - 4) * (p[0] - 4) + p[2] * p[2] - 16) < 1e-9 && p[1] == 0
      #expect(first || second)
      if first { onFirst += 1 }
    }
    // Binomial(2000, 1/2): five standard deviations are 112.
    #expect(abs(onFirst - 1000) < 112)

    let helix = PointGenerator(set: .helix, noise: 0, thetaRange: 1...9, seed: 2)
    let thetas = (0..<2000).map { helix.row($0, of: .validation)[0] }
    #expect(thetas.min()! >= 1 && thetas.min()! < 1.05)
    #expect(thetas.max()! <= 9 && thetas.max()! > 8.95)
    let mean = thetas.reduce(0, +) / 2000
    // Uniform on 1…9: standard error 8/√12/√2000 = 0.052.
    #expect(abs(mean - 5) < 0.26)
  }

  @Test("noise has the standard deviation asked for, in every direction")
  func noiseHasItsSize() {
    let clean = PointGenerator(set: .bentLissajous, noise: 0, seed: 8)
    let noisy = PointGenerator(set: .bentLissajous, noise: 0.25, seed: 8)
    var squares = [0.0, 0, 0]
    for index in 0..<4000 {
      let (a, b) = (clean.row(index, of: .train), noisy.row(index, of: .train))
      for axis in 0..<3 { squares[axis] += (b[axis] - a[axis]) * (b[axis] - a[axis]) }
    }
    for axis in 0..<3 { #expect(abs((squares[axis] / 4000).squareRoot() - 0.25) < 0.014) }
  }

  @Test("point sets are named as in a configuration file")
  func setsHaveNames() {
    #expect(
      PointSet.allCases.map(\.rawValue) == [
        "helix", "knotted", "bent-lissajous", "twisted-eight", "interlocked-circles",
        "disjoint-circles", "non-knotted", "star", "five-circles", "lissajous-ribbon",
        "spherical-blobs",
      ])
  }
}
