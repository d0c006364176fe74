import Foundation
import TestSupport
import Testing

@Suite(.serialized)
struct AgreementTests {
  private func run(_ scenario: String, _ arguments: String..., ranks: Int) throws -> MPIRun.Outcome
  {
    try MPIRun.run("MultiRankProbe", [scenario] + arguments, ranks: ranks)
  }

  private func everyRank(_ ranks: Int, _ text: String) -> [String] {
    (0..<ranks).map { "rank \($0): \(text)" }
  }

  @Test("Bytes and integers arrive, whatever their lengths", arguments: [1, 2, 3, 5])
  func exchange(ranks: Int) throws {
    let sums = [Int64(ranks * (ranks + 1) / 2), Int64.max / 16 * Int64(ranks), Int64(-ranks)]
    let outcome = try run("exchange", ranks: ranks)
    #expect(outcome.lines == everyRank(ranks, "true \(sums)"), "\(outcome.errors)")
  }

  @Test("One rank's error is thrown on all ranks with its code", arguments: [1, 2, 4])
  func remoteError(ranks: Int) throws {
    let text = "true rank \(ranks - 1), code 65, row 17 is not a number"
    #expect(try run("agreement", ranks: ranks).lines == everyRank(ranks, text))
    #expect(try run("agreement", "off", ranks: ranks).lines == everyRank(ranks, "true nothing"))
  }

  @Test("Ranks that differ are refused, with fact, values and ranks")
  func disagreement() throws {
    let outcome = try run("disagreement", ranks: 3)
    #expect(outcome.exitCode == 65)
    let text = "configuration digest: cafe on rank 0, 1; beef on rank 2"
    // Each rank's own view, and once, from root alone, the message.
    #expect(outcome.lines.count == 3 && outcome.lines.allSatisfy { $0.contains(text) })
    #expect(outcome.errors.components(separatedBy: text).count == 2, "\(outcome.errors)")
    #expect(!outcome.output.contains("BLAS core:"))
    #expect(try run("disagreement", "off", ranks: 3).lines == everyRank(3, "accepted"))
  }

  @Test("A signal to one rank is a stop on all ranks in the same step", arguments: [1, 2, 3])
  func stop(ranks: Int) throws {
    for (number, name) in [(SIGTERM, "SIGTERM"), (SIGUSR1, "SIGUSR1"), (SIGUSR2, "SIGUSR2")] {
      let outcome = try run("stop", "\(number)", ranks: ranks)
      let expected = (0..<ranks).map {
        "rank \($0): 3 true \($0 == ranks - 1 ? name : "no signal")"
      }
      #expect(outcome.lines == expected, "\(outcome.errors)")
    }
    #expect(try run("stop", "off", ranks: ranks).lines == everyRank(ranks, "-1 false no signal"))
  }
}
