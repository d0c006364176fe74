import Foundation
import TestSupport
import Testing

@Suite("portolan log-probability", .serialized)
struct LogProbabilityTests {
  /// Points of a model in a file of the given kind.
  func points(_ run: String, count: Int, _ suffix: String = ".csv") throws -> String {
    let path = EvaluateModel.newFile(suffix)
    try EvaluateModel.portolan(["sample", run, "--count", "\(count)", "--output", path])
    return path
  }

  func table(_ run: String, _ input: String, _ options: [String] = []) throws -> NumberTable {
    let output = EvaluateModel.newFile(".csv")
    try EvaluateModel.portolan(
      ["log-probability", run, "--input", input, "--output", output] + options)
    return try NumberTable(output)
  }

  @Test("CSV and HDF5 points give the same densities, next to their points")
  func inputs() throws {
    let run = try EvaluateModel.circles.get()
    let fromText = try table(run, points(run, count: 60))
    let fromFile = try table(run, points(run, count: 60, ".h5"))
    #expect(fromText.names == EvaluateModel.columns + ["log_probability"])
    #expect(fromText.rows == fromFile.rows)
    #expect(fromText.rows.count == 60)
    #expect(fromText.column("log_probability").allSatisfy { $0.isFinite })
  }

  @Test("HDF5 output can be read back as points, and scores as the CSV output does")
  func outputs() throws {
    let run = try EvaluateModel.circles.get()
    let input = try points(run, count: 60)
    let output = EvaluateModel.newFile(".hdf5")
    try EvaluateModel.portolan(["log-probability", run, "--input", input, "--output", output])
    #expect(try table(run, output).rows == table(run, input).rows)
  }

  @Test("Several ranks write the same bytes as one", arguments: [2, 3])
  func ranks(_ ranks: Int) throws {
    let run = try EvaluateModel.circles.get()
    let input = try points(run, count: 61)
    let files = [EvaluateModel.newFile(".csv"), EvaluateModel.newFile(".csv")]
    for (file, ranks) in zip(files, [nil, ranks]) {
      try EvaluateModel.portolan(
        ["log-probability", run, "--input", input, "--output", file, "--inference", "stochastic"],
        ranks: ranks)
    }
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: files[0]))
        == Data(contentsOf: URL(fileURLWithPath: files[1])))
  }

  @Test(
    "Inference adds a chart, its probability and base coordinates that look normal",
    arguments: ["most-probable", "expected", "stochastic"])
  func inference(_ mode: String) throws {
    let run = try EvaluateModel.circles.get()
    let table = try table(run, points(run, count: 1500), ["--inference", mode])
    let base = EvaluateModel.columns.map { "base_\($0)" }
    #expect(
      table.names
        == EvaluateModel.columns + ["log_probability", "chart", "chart_probability"] + base)
    #expect(table.column("chart").allSatisfy { $0 >= 0 && $0 < Double(EvaluateModel.charts) })
    #expect(table.column("chart_probability").allSatisfy { $0 > 0 && $0 <= 1 })
    for name in base {
      let inner = table.column(name).filter { abs($0) < 6 }
      #expect(inner.count > 1400, "\(name)")
      let (mean, variance) = meanAndVariance(inner)
      #expect(abs(mean) < 0.4, "\(name)")
      #expect(variance > 0.4 && variance < 2.5, "\(name): \(variance)")
    }
  }

  @Test("With one chart every inference is the same, and samples come from N(0, I)")
  func plainFlow() throws {
    let run = try EvaluateModel.plain.get()
    let input = try points(run, count: 3000)
    let expected = try table(run, input, ["--inference", "expected"])
    #expect(expected.rows == (try table(run, input, ["--inference", "most-probable"])).rows)
    #expect(expected.rows == (try table(run, input, ["--inference", "stochastic"])).rows)
    #expect(expected.column("chart").allSatisfy { $0 == 0 })
    for name in EvaluateModel.columns.map({ "base_\($0)" }) {
      let (mean, variance) = meanAndVariance(expected.column(name))
      #expect(abs(mean) < 5 / (3000.0).squareRoot(), "\(name)")
      #expect(abs(variance - 1) < 5 * (2 / 3000.0).squareRoot(), "\(name)")
    }
  }
}
