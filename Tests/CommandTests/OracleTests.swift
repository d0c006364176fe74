import Foundation
import TestSupport
import Testing

/// The checkpoint as other software sees it.
@Suite("Checkpoints without Portolan", .serialized)
struct OracleTests {
  static let script = script("log_probability.py")

  static func script(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Oracle/\(name)").path
  }

  @Test(
    "A NumPy program finds the same densities from the file alone",
    arguments: [
      [],
      ["model.flow.linear=permutation", "model.charts=7"],
      ["model.flow.linear=none", "model.flow.actNorm=false", "model.flow.activation=tanh"],
      ["model.charts=1", "model.flow.couplings=11", "model.flow.logScaleBound=1.5"],
      ["model.flow.kind=maf", "model.flow.hidden=[70, 100]"],
      ["model.flow.kind=maf", "model.charts=1", "model.flow.transform=spline"],
      ["model.flow.kind=maf", "model.flow.linear=permutation", "model.flow.transform=spline"],
    ])
  func densities(_ settings: [String]) throws {
    let run = try EvaluateModel.train(
      UUID().uuidString, ["--steps", "300"] + settings.flatMap { ["--set", $0] })
    let (samples, points) = (EvaluateModel.newFile(".csv"), EvaluateModel.newFile(".csv"))
    try EvaluateModel.portolan(["sample", run, "--count", "100", "--output", samples])
    let drawn = try NumberTable(samples)
    let lines = drawn.rows.map { $0.prefix(3).map { "\($0)" }.joined(separator: ",") }
    try (["x,y,z"] + lines).joined(separator: "\n").write(
      toFile: points, atomically: true, encoding: .utf8)
    let output = EvaluateModel.newFile(".csv")
    try EvaluateModel.portolan(["log-probability", run, "--input", points, "--output", output])
    let ours = try NumberTable(output).column("log_probability")
    let isAutoregressive = settings.contains("model.flow.kind=maf")
    let theirs = try EvaluateModel.python([
      Self.script(isAutoregressive ? "autoregressive_log_probability.py" : "log_probability.py"),
      EvaluateModel.checkpoint(of: run), points,
    ]).split(separator: "\n").compactMap { Double($0) }
    #expect(theirs.count == 100)
    for (own, other) in zip(ours, theirs) {
      #expect(abs(own - other) <= 1e-4 * max(1, abs(other)))
    }
  }

  @Test("The NumPy program has at most 60 lines")
  func length() throws {
    let text = try String(contentsOfFile: Self.script, encoding: .utf8)
    #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count <= 61)
  }

  @Test("h5ls lists every array with the shape that inspect tells")
  func listing() throws {
    let file = try EvaluateModel.checkpoint(of: EvaluateModel.circles.get())
    struct Summary: Decodable {
      struct Listing: Decodable {
        let path: String
        let shape: [Int]
        let type: String
      }
      let arrays: [Listing]
    }
    let text = try EvaluateModel.portolan(["inspect", file, "--json"])
    let summary = try JSONDecoder().decode(Summary.self, from: Data(text.utf8))
    let listed = try MPIRun.spawn(
      URL(fileURLWithPath: "/usr/bin/env"), ["h5ls", "-r", file], timeoutSeconds: 20)
    #expect(listed.exitCode == 0)
    var shapes: [String: String] = [:]
    for line in listed.lines where line.contains("Dataset") {
      let parts = line.components(separatedBy: " Dataset ")
      shapes[parts[0].trimmingCharacters(in: .whitespaces)] = parts[1]
    }
    let parameters = summary.arrays.filter { $0.path.hasPrefix("/parameters/") }
    #expect(parameters.count > 30)
    for array in summary.arrays where array.type != "text" {
      let shape = array.shape.map(String.init).joined(separator: ", ")
      #expect(shapes[array.path] == "{\(array.shape.isEmpty ? "SCALAR" : shape)}", "\(array.path)")
    }
    // The context of a chart (2) and the kept coordinate (1) enter the first coupling.
    #expect(shapes["/parameters/flow.0.coupling.conditioner.0.weight"] == "{3, 64}")
  }
}
