import Foundation
import TestSupport
import Testing

@Suite("portolan benchmark", .serialized)
struct BenchmarkTests {
  /// What the contract promises of `--json`.
  struct Result: Decodable {
    var workload: String
    var ranks: Int
    var stepMilliseconds: Double
    var stepQuartilesMilliseconds: [Double]
    var gemmFloorMilliseconds: Double
    var gemmFloorQuartilesMilliseconds: [Double]
    var splitMilliseconds: [String: Double]
    var allocationsPerStep: Double?
    var peakMemoryBytes: Int
    var plainStepMilliseconds: Double?
  }

  private func results(_ arguments: [String], ranks: Int) throws -> [Result] {
    let text = try EvaluateModel.portolan(
      ["benchmark", "--rounds", "1", "--json"] + arguments, ranks: ranks)
    return try JSONDecoder().decode([Result].self, from: Data(text.utf8))
  }

  @Test(
    "Steps, products and their parts are measured, and a step allocates nothing",
    arguments: [1, 2])
  func workload(ranks: Int) throws {
    let results = try results(["W1", "W5", "--plain", "--no-late-steps"], ranks: ranks)
    #expect(results.map(\.workload) == ["W1", "W5"])
    for result in results {
      #expect(result.ranks == ranks)
      #expect(result.gemmFloorMilliseconds > 0)
      #expect(result.stepMilliseconds > 0)
      #expect(result.stepQuartilesMilliseconds.count == 2)
      #expect(result.gemmFloorQuartilesMilliseconds.count == 2)
      #expect((result.plainStepMilliseconds ?? 0) > 0)
      #expect(
        Set(result.splitMilliseconds.keys)
          == ["batch", "forward", "backward", "reduction", "optimizer"])
      // How they add up to a step is a matter of a quiet machine: docs/performance.md.
      #expect(result.splitMilliseconds.values.allSatisfy { $0 >= 0 })
      #expect(result.splitMilliseconds["backward"] ?? 0 > 0)
      #expect(result.allocationsPerStep == 0)
      #expect(result.peakMemoryBytes > 1 << 20)
    }
  }

  @Test("An unknown name is a usage error that tells the known ones")
  func unknown() throws {
    let outcome = try MPIRun.runAlone("portolan", ["benchmark", "W9"])
    #expect(outcome.exitCode == 64)
    #expect(outcome.errors.contains("W1, W2, W3, W4, W5, W6, W6p, reduction, checkpoint"))
  }
}
