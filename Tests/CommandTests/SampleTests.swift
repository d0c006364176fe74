import Foundation
import TestSupport
import Testing

@Suite("portolan sample", .serialized)
struct SampleTests {
  func samples(
    _ run: String, count: Int = 1000, seed: Int? = nil, ranks: Int? = nil
  ) throws -> String {
    let path = EvaluateModel.newFile(".csv")
    try EvaluateModel.portolan(
      ["sample", run, "--count", "\(count)", "--output", path]
        + (seed.map { ["--seed", "\($0)"] } ?? []), ranks: ranks)
    return path
  }

  func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

  @Test("The points are the same bytes on any number of ranks", arguments: [1, 2, 3])
  func ranks(_ ranks: Int) throws {
    let run = try EvaluateModel.circles.get()
    #expect(try bytes(samples(run, ranks: ranks)) == bytes(samples(run)))
  }

  @Test(
    "A seed gives its points, another seed others; more points begin with them, but for rounding")
  func seed() throws {
    let run = try EvaluateModel.circles.get()
    let first = try bytes(samples(run, count: 200, seed: 5))
    #expect(try bytes(samples(run, count: 200, seed: 5)) == first)
    #expect(try bytes(samples(run, count: 200, seed: 6)) != first)
    let few = try NumberTable(samples(run, count: 200, seed: 5))
    let more = try NumberTable(samples(run, count: 300, seed: 5))
    for (one, other) in zip(few.rows, more.rows) {
      for (a, b) in zip(one, other) { #expect(abs(a - b) < 1e-3) }
    }
  }

  @Test("Each point names its chart, and charts come by their weights")
  func charts() throws {
    let run = try EvaluateModel.circles.get()
    let table = try NumberTable(samples(run, count: 4000))
    #expect(table.names == EvaluateModel.columns + ["chart"])
    let weights = try EvaluateModel.python([
      "-c",
      "import h5py, sys; print(*h5py.File(sys.argv[1])['model/chart-points'][:])",
      EvaluateModel.checkpoint(of: run),
    ]).split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
    #expect(weights.count == EvaluateModel.charts)
    let total = weights.reduce(0, +)
    for (chart, weight) in weights.enumerated() {
      let expected = 4000 * weight / total
      let drawn = Double(table.column("chart").count { $0 == Double(chart) })
      #expect(abs(drawn - expected) <= 5 * max(1, expected).squareRoot(), "chart \(chart)")
    }
  }

  /// log p of two circles of radius 4 with noise of deviation σ, by a sum over their angles.
  func circleDensity(_ x: [Double], noise: Double) -> Double {
    let steps = 720
    var sum = 0.0
    for step in 0..<steps {
      let angle = 2 * Double.pi * Double(step) / Double(steps)
      let (s, c) = (4 * sin(angle), 4 * cos(angle))
      for point in [[s, c, 0], [4 + s, 0, c]] {
        let squared = zip(x, point).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        sum += exp(-squared / (2 * noise * noise))
      }
    }
    return log(sum / Double(2 * steps)) - 1.5 * log(2 * .pi * noise * noise)
  }

  @Test("Points of a trained atlas lie where the circles are, as dense as the data")
  func distribution() throws {
    let table = try NumberTable(samples(EvaluateModel.circles.get(), count: 600))
    // Noise wider than the data's, so that one point astray does not decide.
    let densities = table.rows.map { circleDensity(Array($0.prefix(3)), noise: 0.5) }
    let onCurve = (0..<100).map { index -> Double in
      let angle = 2 * Double.pi * Double(index) / 100
      return circleDensity([4 * sin(angle), 4 * cos(angle), 0], noise: 0.5)
    }
    let (drawn, curve) = (meanAndVariance(densities).mean, meanAndVariance(onCurve).mean)
    #expect(drawn.isFinite)
    #expect(drawn > curve - 1, "mean log-density \(drawn), on the curve \(curve)")
    // Half of the points on each circle: the first lies in the plane z = 0, the second in y = 0.
    let first = table.rows.count { abs($0[2]) < abs($0[1]) }
    #expect(abs(Double(first) / 600 - 0.5) < 0.1)
  }

  @Test("HDF5 output holds the same numbers as CSV")
  func hdf5() throws {
    let run = try EvaluateModel.circles.get()
    let path = EvaluateModel.newFile(".h5")
    try EvaluateModel.portolan(["sample", run, "--count", "50", "--output", path])
    let table = try NumberTable(samples(run, count: 50))
    let read = try EvaluateModel.python([
      "-c",
      """
      import h5py, sys, numpy as np
      arrays = []
      h5py.File(sys.argv[1]).visititems(lambda _, o: arrays.append(o[()]) if hasattr(o, 'dtype') else None)
      table = np.column_stack(arrays) if len(arrays) > 1 else np.atleast_2d(arrays[0])
      print(table.shape, *[repr(float(v)) for v in np.sort(table.ravel())])
      """, path,
    ]).split(separator: ")")
    #expect(read[0] == "(50, 4")
    let numbers = read[1].split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
    #expect(numbers == table.rows.flatMap { $0 }.sorted())
  }
}
