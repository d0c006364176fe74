import TestSupport
import Testing

@Suite(.serialized)
struct ReductionTests {
  /// "oracle a reduced b …" as a table, one row a rank.
  private func hashes(ranks: Int, _ arguments: [String]) throws -> [[String: String]] {
    let outcome = try MPIRun.run("MultiRankProbe", ["tree"] + arguments, ranks: ranks)
    #expect(outcome.exitCode == 0, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.lines.count == ranks)
    return outcome.lines.map { line in
      let words = line.split(separator: " ").dropFirst(2).map(String.init)
      return Dictionary(
        uniqueKeysWithValues: stride(from: 0, to: words.count - 1, by: 2).map {
          (words[$0], words[$0 + 1])
        })
    }
  }

  @Test("Sums are the pure tree's bits on any number of ranks, where plain sums differ")
  func anyRanks() throws {
    var plain: Set<String> = []
    for ranks in [1, 2, 3, 4, 5, 8] {
      for row in try hashes(ranks: ranks, ["10007", "8", "4096", "float"]) {
        #expect(row["reduced"] == row["oracle"] && row["summed"] == row["oracle"])
        plain.insert(row["plain"] ?? "")
      }
    }
    #expect(plain.count > 2, "the numbers are too tame to show a wrong order: \(plain)")
  }

  @Test(
    "Sums are right for vectors shorter than a slice, uneven trees and either precision",
    arguments: [
      (3, ["0", "4", "64", "float"]), (4, ["7", "8", "64", "float"]),
      (3, ["1025", "16", "1048576", "double"]), (5, ["333", "64", "100", "double"]),
    ])
  func shapes(ranks: Int, arguments: [String]) throws {
    for row in try hashes(ranks: ranks, arguments) {
      #expect(row["reduced"] == row["oracle"] && row["summed"] == row["oracle"])
    }
  }

  @Test("More ranks than shards are refused on all ranks")
  func tooManyRanks() throws {
    let outcome = try MPIRun.run("MultiRankProbe", ["tree", "7", "2", "64"], ranks: 3)
    #expect(outcome.exitCode == 65)
    #expect(outcome.errors.contains("at most as many ranks as shards (2), got 3"))
  }

  @Test("A fold's bits do not depend on how many ranks there are", arguments: [2, 3, 5, 8])
  func mesh(ranks: Int) throws {
    let reference = try MPIRun.runAlone("MultiRankProbe", ["mesh", "3"])
    #expect(reference.lines.count == 3)
    let outcome = try MPIRun.run("MultiRankProbe", ["mesh", "3"], ranks: ranks)
    #expect(outcome.lines == reference.lines, "\(outcome.errors)")
  }
}
